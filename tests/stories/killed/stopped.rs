//! Told to stop, or killed by the command it runs.

use super::points::{NEW, three_services};
use super::{drove_none_more_than_twice, ended_once, runs};
use crate::world::until;

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

#[test]
fn a_deploy_that_is_told_to_stop_ends_soon_and_resume_finishes_it() {
    let world = three_services();
    let waits = "touch \"$live/.waits\"; until [ -e \"$live/.goes\" ]; do sleep 0.05; done";
    let waiting = format!("live=$(dirname \"$0\")/live\n{waits}");
    let at = world.at("ci").driving(&world.driver_that("waiting", &waiting));
    let call = at.spawn(&at.deploy_verb(NEW));
    until("its command runs", || world.path("live/.waits").exists());
    call.signal("TERM");
    call.ended().ends(7, "interrupted");
    assert_eq!(world.at("ci").status()["in_progress"]["n"], 2);
    // Whatever is left of the command may go on now, and would be heard of.
    std::fs::write(world.path("live/.goes"), "").unwrap();
    world.at("ci").with("--actor operator").resume().ends(0, "healthy");
    runs(&world, "2", "");
    ended_once(&world, "deploy", 2, "");
    drove_none_more_than_twice(&world, &["deploy db 2", "deploy api 2", "deploy web 2"], "");
}

#[test]
fn a_look_that_is_told_to_stop_marks_nothing() {
    let world = three_services();
    world.sicken("web", "2");
    world.at("ci").run(&format!("record {NEW}")).ends(0, "recorded");
    world.runs("web", "2");
    let (tags, asked) = (world.tags(), world.asked());
    let gate = format!("--http {} --deadline 5m", world.health(""));
    let call = world.at("ci").spawn(&format!("verify --auto-rollback {gate} -- true"));
    until("it looks", || world.asked() > asked);
    call.signal("INT");
    let told = call.ended();
    assert_eq!(told.code, Some(7), "{told}");
    assert_eq!(world.tags(), tags);
    assert_eq!(world.at("ci").story(), ["1 deploy stable", "2 deploy deployed"]);
    assert!(world.at("ci").status()["in_progress"].is_null());
}
