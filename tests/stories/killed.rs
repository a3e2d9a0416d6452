//! Killed anywhere: whoever resumes ends in a right state.

mod judged;
mod kept;
mod left;
mod moved;
mod points;
mod said;
mod slots;
mod stopped;
mod written;

pub use points::{points, tell, three_services, three_services_twice};

use crate::world::World;
use judged::{drove_at_most_one_twice, ended_once, resumed, runs, was_begun};
use points::{NEW, killed_at_each};

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
