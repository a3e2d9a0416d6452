//! What killed runs leave in the temporary folder is swept.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::points::made_by_others;
use crate::world::{World, until};

fn left(world: &World) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(world.path("tmp")).unwrap();
    let mut left: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    left.sort();
    left
}

/// Makes every private folder two days old.
fn age(world: &World) {
    let then = SystemTime::now() - Duration::from_secs(48 * 60 * 60);
    for folder in left(world) {
        let alive = std::fs::File::options().append(true).open(folder.join("alive")).unwrap();
        alive.set_modified(then).unwrap();
    }
}

#[test]
fn prune_takes_away_what_killed_runs_left_and_nothing_of_one_that_lives() {
    let world = made_by_others();
    assert!(left(&world).is_empty(), "whoever ends by itself leaves nothing");
    let point = "write deployed before 1";
    let record = "record --version 2.0";
    world.at("ci").faulty("LASTGOOD_FAULT", point).run(record).was_killed();
    let dead = left(&world);
    let paused = world.at("ci").faulty("LASTGOOD_FAULT", &format!("stop:{point}")).spawn(record);
    until("it pauses", || paused.is_stopped());
    assert_eq!((dead.len(), left(&world).len()), (1, 2));
    world.at("ci").run("prune").ok();
    assert_eq!(left(&world).len(), 2, "neither is old");
    age(&world);
    let told = world.at("ci").run("doctor").ok();
    assert!(told.out.contains("runs that were killed left 1 folders"), "{told}");
    world.at("ci").run("prune --dry-run").ok();
    assert_eq!(left(&world).len(), 2);
    world.at("ci").run("prune").ok();
    assert_eq!(left(&world).len(), 1);
    assert!(!dead[0].exists());
    paused.signal("CONT");
    assert_eq!(paused.ended().ends(0, "recorded").n(), 2);
    assert!(left(&world).is_empty());
}
