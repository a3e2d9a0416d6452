//! What the passing of time allows, and what it forbids.

use crate::main_job::with_a_stable_one;
use crate::world::World;

/// A world in which a deploy of 2.0 died before its driver ran.
fn with_a_dead_deploy() -> World {
    let world = with_a_stable_one();
    let at = world.at("ci").faulty("LASTGOOD_FAULT", "drive deploy app before 1");
    at.deploy("--version 2.0").was_killed();
    world
}

#[test]
fn an_operation_is_taken_over_by_itself_only_when_it_is_old_enough() {
    let world = with_a_dead_deploy();
    let before = world.refs();
    world.at("ci").verify_and_act().ends(7, "busy");
    assert_eq!((world.refs(), world.calls().len()), (before, 0));
    world.age(16);
    let before = world.refs();
    world.at("ci").verify().ends(7, "interrupted");
    world.at("ci").deploy("--version 2.1").ends(6, "interrupted");
    world.at("ci").rollback("--to 1").ends(6, "interrupted");
    assert_eq!((world.refs(), world.calls().len()), (before, 0));
    assert_eq!(world.at("ci").story(), ["1 deploy stable", "2 deploy interrupted"]);
    world.at("ci").verify_and_act().ends(0, "healthy");
    assert_eq!(world.running("app").unwrap(), "2.0");
    assert_eq!(world.at("ci").story(), ["1 deploy stable", "2 deploy stable"]);
}

#[test]
fn what_was_begun_for_other_steps_is_never_taken_over() {
    let world = with_a_stable_one();
    world.at("ci").in_run("1").run("begin --version 2.0").ends(0, "begun");
    world.age(60);
    world.at("ci").verify_and_act().ends(7, "interrupted");
    assert_eq!(world.calls().len(), 0);
    world.runs("app", "2.0");
    world.at("ci").in_run("1").run("record").ends(0, "recorded");
    world.at("ci").verify().ends(0, "healthy");
}

#[test]
fn a_deployment_older_than_a_day_is_not_rolled_back_by_itself() {
    let world = with_a_stable_one();
    world.at("ci").deploy("--version 2.0").ends(0, "healthy");
    world.age(25 * 60);
    world.sicken("app", "2.0");
    world.at("ci").verify_and_act().ends(3, "outside_window");
    assert_eq!(world.running("app").unwrap(), "2.0");
    assert_eq!(world.newest_stable("ci"), "refs/tags/stable/production/2");
    world.at("ci").rollback("").ends(0, "returned");
}

#[test]
fn rollbacks_by_itself_keep_a_distance_and_end_after_three_a_day() {
    let world = with_a_stable_one();
    for version in ["2.0", "3.0", "4.0"] {
        world.sicken("app", version);
        world.at("ci").deploy(&format!("--version {version}")).ends(4, "rolled_back");
        world.age(11);
    }
    world.sicken("app", "5.0");
    world.at("ci").deploy("--version 5.0").ends(3, "flapping");
    assert_eq!(world.running("app").unwrap(), "5.0");
    world.age(24 * 60);
    world.sicken("app", "6.0");
    world.at("ci").deploy("--version 6.0").ends(3, "failed_before");
    world.at("ci").rollback("").ends(0, "returned");
    world.sicken("app", "7.0");
    world.at("ci").deploy("--version 7.0").ends(4, "rolled_back");
    world.sicken("app", "8.0");
    world.at("ci").deploy("--version 8.0").ends(3, "cooldown");
}

#[test]
fn a_lock_ends_by_itself() {
    let world = with_a_stable_one();
    let person = world.at("ci").with("--actor operator");
    person.run("lock --for 1s --reason briefly").ends(0, "done");
    crate::world::until("the lock ends", || {
        world.at("ci").run("begin --dry-run --version 2.0").code == Some(0)
    });
    world.at("ci").deploy("--version 2.0").ends(0, "healthy");
}
