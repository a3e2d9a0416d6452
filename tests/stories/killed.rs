//! Killed anywhere: whoever resumes ends in a right state.

use std::collections::BTreeMap;
use std::io::Write as _;

use crate::world::{At, World, for_each_at_once};

const OLD: &str = "--service db=1 --service api=1 --service web=1";
const NEW: &str = "--service db=2 --service api=2 --service web=2";
const SERVICES: [&str; 3] = ["api", "db", "web"];

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
fn killed_at_each(
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
        is_told_truly(&world, point);
        then(&world, point);
    });
}

/// States how many points a story reached, on the terminal and beside the build.
fn tell(story: &str, points: usize) {
    println!("{story}: {points} fault points");
    let exe = std::env::current_exe().unwrap();
    let target = exe.ancestors().find(|folder| folder.ends_with("debug")).and_then(|d| d.parent());
    let Some(target) = target else { return };
    let mut options = std::fs::OpenOptions::new();
    let file = options.create(true).append(true).open(target.join("fault-points.txt"));
    file.unwrap().write_all(format!("{story}: {points}\n").as_bytes()).unwrap();
}

/// Before anybody resumes: an open operation is told, and a closed one says what runs.
fn is_told_truly(world: &World, point: &str) {
    let status = world.at("ci").status();
    let newest = world.at("ci").history().first().cloned().unwrap_or_default();
    if status["in_progress"].is_null() {
        world.holds_true(point);
        assert_ne!(newest["status"], "started", "{point}");
    } else {
        assert_eq!(newest["status"], "started", "{point}");
        assert_eq!(newest["n"], status["in_progress"]["n"], "{point}");
    }
}

/// Resumes from another clone, and judges where the run died before its own last look.
fn resumed<'a>(world: &'a World, point: &str) -> At<'a> {
    world.clone_shallow("other");
    let other = world.at("other").with("--actor operator");
    let told = other.resume();
    assert!(matches!(told.code, Some(0 | 4)), "{point}: {told}");
    other
}

/// Makes sure that at most the one service in flight was driven twice, and none to elsewhere.
fn drove_at_most_one_twice(world: &World, expected: &[&str], point: &str) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for call in world.calls() {
        *counts.entry(call).or_default() += 1;
    }
    let twice = counts.values().filter(|count| **count == 2).count();
    let more = counts.values().filter(|count| **count > 2).count();
    assert!(twice <= 1 && more == 0, "{point}: {counts:?}");
    for call in counts.keys() {
        assert!(expected.contains(&call.as_str()), "{point}: {call}");
    }
}

/// Makes sure that the newest operation of a kind was carried out once and judged.
fn ended_once(world: &World, kind: &str, n: u64, point: &str) {
    let history = world.at("ci").history();
    let of_kind: Vec<_> = history.iter().filter(|told| told["n"] == n).collect();
    assert_eq!(of_kind.len(), 1, "{point}: {history:#?}");
    let made = of_kind[0];
    assert_eq!((&made["kind"], &made["status"]), (&kind.into(), &"stable".into()), "{point}");
    assert_eq!(made["verdict"], "healthy", "{point}");
    let op = made["id"].as_str().unwrap();
    for of in ["started", "deployed", "finished"] {
        assert_eq!(world.count(of, op), 1, "{point}: {of}");
    }
    assert!(world.at("ci").status()["in_progress"].is_null(), "{point}");
    world.holds_true(point);
}

fn runs(world: &World, version: &str, point: &str) {
    for service in SERVICES {
        assert_eq!(world.running(service).as_deref(), Some(version), "{point}: {service}");
    }
}

/// Where the intent had not reached the remote, nothing was begun; who wants it asks again.
fn was_begun(world: &World) -> bool {
    world.events().iter().any(|event| event["type"] == "started" && event["actor"] == "deployer")
}

#[test]
fn a_deploy_killed_at_any_point_is_finished_by_whoever_resumes() {
    let start = three_services();
    let verb = |world: &World| world.at("ci").deploy_verb(NEW);
    killed_at_each("deploy", &start, verb, |world, point| {
        let other = resumed(world, point);
        if !was_begun(world) {
            assert_eq!((world.calls().len(), world.running("db")), (0, Some("1".into())));
            return;
        }
        other.verify().ends(0, "healthy");
        runs(world, "2", point);
        let expected = ["deploy db 2", "deploy api 2", "deploy web 2"];
        drove_at_most_one_twice(world, &expected, point);
        ended_once(world, "deploy", 2, point);
        let tags = world.tags();
        for tag in ["deploy/production/2", "stable/production/2"] {
            assert!(tags.iter().any(|known| known == tag), "{point}: {tags:?}");
        }
    });
}

#[test]
fn a_rollback_killed_at_any_point_is_finished_by_whoever_resumes() {
    let start = three_services_twice();
    let verb = |world: &World| world.at("ci").rollback_verb("");
    killed_at_each("rollback", &start, verb, |world, point| {
        let begun = world.events().iter().any(|event| event["n"] == 3);
        let other = resumed(world, point);
        if !begun {
            assert_eq!((world.calls().len(), world.running("db")), (0, Some("2".into())));
            return;
        }
        other.verify().ends(0, "healthy");
        runs(world, "1", point);
        let expected = ["rollback db 1", "rollback api 1", "rollback web 1"];
        drove_at_most_one_twice(world, &expected, point);
        ended_once(world, "rollback", 3, point);
        assert_eq!(world.newest_stable("ci"), "refs/tags/stable/production/1", "{point}");
        let quarantined = world.at("ci").status()["quarantined"].as_array().unwrap().len();
        assert_eq!(quarantined, 3, "{point}");
    });
}

#[test]
fn a_sick_deploy_killed_at_any_point_of_its_own_rollback_ends_on_the_good_version() {
    let start = three_services();
    start.sicken("api", "2");
    let verb = |world: &World| world.at("ci").deploy_verb(NEW);
    killed_at_each("sick deploy", &start, verb, |world, point| {
        world.sicken("api", "2");
        resumed(world, point);
        if !was_begun(world) {
            return;
        }
        let told = world.at("ci").verify_and_act();
        assert!(matches!(told.code, Some(0 | 4)), "{point}: {told}");
        runs(world, "1", point);
        world.holds_true(point);
        assert!(world.at("ci").status()["in_progress"].is_null(), "{point}");
        let rollbacks = world.at("ci").history();
        let rollbacks = rollbacks.iter().filter(|told| told["kind"] == "rollback").count();
        assert_eq!(rollbacks, 1, "{point}");
    });
}

#[test]
fn a_cancel_killed_at_any_point_is_finished_by_whoever_resumes() {
    let start = three_services_twice();
    start.at("ci").rollback("").ends(0, "returned");
    std::fs::remove_file(start.path("live/.calls")).unwrap();
    let verb = |world: &World| world.at("ci").cancel_verb();
    killed_at_each("cancel", &start, verb, |world, point| {
        let begun = world.events().iter().any(|event| event["n"] == 4);
        resumed(world, point);
        if !begun {
            assert_eq!(world.running("db").as_deref(), Some("1"));
            return;
        }
        runs(world, "2", point);
        let expected = ["roll_forward db 2", "roll_forward api 2", "roll_forward web 2"];
        drove_at_most_one_twice(world, &expected, point);
        world.holds_true(point);
        let status = world.at("ci").status();
        assert!(status["in_progress"].is_null(), "{point}");
        assert_eq!(status["quarantined"].as_array().unwrap().len(), 0, "{point}");
    });
}

#[test]
fn a_deploy_killed_at_any_point_can_be_undone_instead() {
    let start = three_services();
    let verb = |world: &World| world.at("ci").deploy_verb(NEW);
    killed_at_each("undone deploy", &start, verb, |world, point| {
        let was_open = !world.at("ci").status()["in_progress"].is_null();
        let told = world.at("ci").with("--actor operator").undo();
        assert_eq!(told.code, Some(0), "{point}: {told}");
        if was_open {
            runs(world, "1", point);
        }
        world.holds_true(point);
        assert!(world.at("ci").status()["in_progress"].is_null(), "{point}");
    });
}

#[test]
fn who_resumes_may_be_killed_at_any_point_too() {
    let start = three_services();
    let at = start.at("ci").faulty("LASTGOOD_FAULT", "drive deploy db after 1");
    at.deploy(NEW).was_killed();
    let verb = |world: &World| {
        let deploy = world.at("ci").deploy_verb("");
        deploy.replacen("deploy", "resume", 1)
    };
    killed_at_each("resume", &start, verb, |world, point| {
        let other = resumed(world, point);
        other.verify().ends(0, "healthy");
        runs(world, "2", point);
        ended_once(world, "deploy", 2, point);
    });
}

#[test]
fn a_retirement_killed_at_any_point_loses_no_line() {
    let start = three_services_twice();
    let all = start.lines("refs/notes/lastgood/production");
    killed_at_each(
        "retirement",
        &start,
        |_| "prune --retire".to_owned(),
        |world, point| {
            world.at("ci").run("prune --retire").ok();
            let archived = world.lines("refs/notes/lastgood-archive/production");
            let missing: Vec<_> = all.iter().filter(|line| !archived.contains(line)).collect();
            assert!(missing.is_empty(), "{point}: {missing:?}");
            let live = world.lines("refs/notes/lastgood/production");
            assert!(live.iter().all(|line| !all.contains(line)), "{point}");
            assert_eq!(world.tags(), [""; 0], "{point}");
            world.at("ci").run("record --service db=3").ends(0, "recorded");
            assert_eq!(world.at("ci").status()["current"]["n"], 3, "{point}");
        },
    );
}

#[test]
fn a_deploy_command_that_kills_lastgood_leaves_what_resume_can_finish() {
    let world = three_services();
    let deadly = world.driver_that("deadly", "[ $LASTGOOD_SERVICE != db ] || kill -9 $PPID");
    world.at("ci").driving(&deadly).deploy(NEW).was_killed();
    let in_progress = world.at("ci").status()["in_progress"].clone();
    assert_eq!(in_progress["n"], 2);
    world.at("ci").verify().ends(7, "busy");
    world.at("ci").deploy(NEW).ends(6, "busy");
    world.at("ci").with("--actor operator").resume().ends(0, "healthy");
    runs(&world, "2", "");
    ended_once(&world, "deploy", 2, "");
}
