//! Worlds with three services, and calls that die at each fault point.

use std::io::{Read as _, Seek as _, Write as _};

use super::judged::is_told_truly;
use crate::main_job::with_a_stable_one;
use crate::world::{World, for_each_at_once};

const OLD: &str = "--service db=1 --service api=1 --service web=1";
pub const NEW: &str = "--service db=2 --service api=2 --service web=2";
pub const SERVICES: [&str; 3] = ["api", "db", "web"];

/// Three services on a version 1 that is known to be good.
pub fn three_services() -> World {
    let world = World::new();
    for service in SERVICES {
        world.runs(service, "1");
    }
    world.at("ci").run(&format!("record {OLD}")).ends(0, "recorded");
    world.at("ci").verify().ends(0, "healthy");
    world
}

/// The same with a version 2 on top that is good, too.
pub fn three_services_twice() -> World {
    let world = three_services();
    world.at("ci").deploy(NEW).ends(0, "healthy");
    std::fs::remove_file(world.path("live/.calls")).unwrap();
    world
}

/// A good 1.0, of which other steps have made a 2.0 by now.
pub fn made_by_others() -> World {
    let world = with_a_stable_one();
    world.runs("app", "2.0");
    world
}

/// Three good ones.
pub fn three_good_ones() -> World {
    let world = with_a_stable_one();
    for version in ["2.0", "3.0"] {
        world.runs("app", version);
        world.at("ci").run(&format!("record --version {version}")).ends(0, "recorded");
        world.at("ci").verify().ends(0, "healthy");
    }
    world
}

/// Lists every fault point that a call passes in a copy of a world.
pub fn points(start: &World, verb: impl Fn(&World) -> String) -> Vec<String> {
    let world = start.copy();
    let log = world.path("points");
    let at = world.at("ci").faulty("LASTGOOD_FAULT_LOG", &log.display().to_string());
    at.run(&verb(&world));
    let points = std::fs::read_to_string(&log).unwrap();
    points.lines().map(ToOwned::to_owned).collect()
}

/// Kills a call at each of its points, in a fresh world each, and looks at what `then` makes of it.
pub fn killed_at_each(
    story: &str,
    start: &World,
    verb: impl Fn(&World) -> String + Sync,
    then: impl Fn(&World, &str) + Sync,
) {
    killed_in_writing(story, start, verb, |world, point| {
        is_told_truly(world, point);
        then(world, point);
    });
}

/// The same for a call that drives nothing, so that what runs says nothing of how far it came.
pub fn killed_in_writing(
    story: &str,
    start: &World,
    verb: impl Fn(&World) -> String + Sync,
    then: impl Fn(&World, &str) + Sync,
) {
    let points = points(start, &verb);
    tell(story, points.len());
    for_each_at_once(&points, |point| {
        let world = start.copy();
        world.at("ci").faulty("LASTGOOD_FAULT", point).run(&verb(&world)).was_killed();
        then(&world, point);
    });
}

/// States how many points a story reached, on the terminal and beside the build.
pub fn tell(story: &str, points: usize) {
    println!("{story}: {points} fault points");
    let target = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut options = std::fs::OpenOptions::new();
    let options = options.create(true).truncate(false).read(true).write(true);
    let mut file = options.open(target.join("fault-points.txt")).unwrap();
    // The stories run in processes of their own.
    file.lock().unwrap();
    let mut told = String::new();
    file.read_to_string(&mut told).unwrap();
    let of_others = told.lines().filter(|line| !line.starts_with(&format!("{story}: ")));
    let mut lines: Vec<String> = of_others.map(ToOwned::to_owned).collect();
    lines.push(format!("{story}: {points}"));
    lines.sort();
    file.set_len(0).unwrap();
    file.rewind().unwrap();
    file.write_all((lines.join("\n") + "\n").as_bytes()).unwrap();
}
