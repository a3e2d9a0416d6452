//! A rollback that is asked for before it is done.

use crate::main_job::with_a_stable_one;
use crate::world::{At, World};

/// Deploys 2.0 in an environment that is configured, as whoever does it in a shell or on a schedule.
fn configured(world: &World) -> At<'_> {
    let checks = "checks: [{name: it answers, interval: 50ms, success_streak: 2, http: {url: \"";
    let driver = format!("driver: {{command: {{run: [\"{}\"]}}}}", world.path("drive").display());
    let config = format!(
        "version: 1\nenvironments:\n  production:\n    services:\n      app:\n        {driver}\n        {checks}{}\"}}}}]\n",
        world.health("app")
    );
    std::fs::write(world.path("ci/lastgood.yml"), config).unwrap();
    world.at("ci").run("deploy --version 2.0").ends(0, "healthy");
    world.at("ci")
}

/// So far ahead that no machine is too slow to ask before; the ledger is aged until it has come.
const AHEAD: i64 = 30;

fn soon() -> String {
    (jiff::Timestamp::now() + jiff::SignedDuration::from_mins(AHEAD)).to_string()
}

fn its_time_comes(world: &World) {
    assert_eq!(standing(world), "waiting");
    world.age(AHEAD);
    assert_eq!(standing(world), "due");
}

fn standing(world: &World) -> String {
    let told = world.at("ci").status();
    told["requests"][0]["standing"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_rollback_for_later_is_done_by_the_first_verify_after_its_time() {
    let world = with_a_stable_one();
    let ci = configured(&world);
    let asked = ci.run(&format!("rollback --reason 'in the window' --at {}", soon()));
    let asked = asked.ends(0, "scheduled");
    assert_eq!(asked.json["rollback"]["status"], "planned");
    assert_eq!(asked.json["request"]["standing"], "waiting");
    assert_eq!(world.running("app").unwrap(), "2.0");
    its_time_comes(&world);
    let told = ci.run("verify").ends(0, "returned");
    assert_eq!(told.json["rollback"]["status"], "completed");
    assert_eq!(world.running("app").unwrap(), "1.0");
    let before = world.refs();
    ci.run("verify").ends(0, "healthy");
    assert_eq!(world.refs(), before, "it is done once");
}

#[test]
fn what_was_asked_for_is_void_once_something_else_was_deployed() {
    let world = with_a_stable_one();
    let ci = configured(&world);
    ci.run(&format!("rollback --reason later --at {}", soon())).ends(0, "scheduled");
    its_time_comes(&world);
    ci.run("deploy --version 3.0").ends(0, "healthy");
    ci.run("verify").ends(0, "healthy");
    assert_eq!(world.running("app").unwrap(), "3.0");
    assert_eq!(standing(&world), "");
}

#[test]
fn what_was_asked_for_can_be_withdrawn_and_is_told_until_then() {
    let world = with_a_stable_one();
    let ci = configured(&world);
    let asked = ci.run("rollback --reason later --at 2999-01-01T00:00:00Z").ends(0, "scheduled");
    let id = asked.json["request"]["id"].as_str().unwrap().to_owned();
    assert_eq!(standing(&world), "waiting");
    let other = ci.clone().with("--actor operator");
    other.run(&format!("approve {id}")).ends(0, "approved");
    ci.run(&format!("approve {id}")).ends(6, "not_permitted");
    ci.run(&format!("cancel --request {id}")).ends(2, "invalid");
    ci.run(&format!("cancel --request {id} --reason 'it heals'")).ends(0, "withdrawn");
    ci.run(&format!("cancel --request {id} --reason again")).ends(6, "request_over");
    other.run(&format!("approve {id}")).ends(6, "request_over");
    assert_eq!(standing(&world), "");
    assert_eq!(world.running("app").unwrap(), "2.0");
}

#[test]
fn a_moment_that_has_passed_or_leaves_a_doubt_is_a_mistake() {
    let world = with_a_stable_one();
    let before = world.refs();
    for at in ["2020-01-01T00:00:00Z", "03:00", "tomorrow"] {
        world.at("ci").run(&format!("rollback --reason later --at '{at}'")).ends(2, "invalid");
    }
    assert_eq!(world.refs(), before);
}
