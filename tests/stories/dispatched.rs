//! A workflow of the user's own brings services to versions.

use serde_json::{Value, json};

use crate::world::{Forge, Told, World, until};

const CONFIGURATION: &str = "version: 1
environments:
  production:
    services:
      app: {driver: {workflow: {file: deploy.yml}}}
";

/// A world in which 1.0 and then 2.0 were good, and a GitHub whose workflow deploys.
fn after_two_deploys(life: &Value) -> (Forge, World) {
    let (forge, world) = (Forge::start(), World::new());
    forge.remember(&json!({"workflows": {"deploy.yml": {"life": life}}}));
    std::fs::write(world.path("ci/lastgood.yml"), CONFIGURATION).unwrap();
    for version in ["1.0", "2.0"] {
        world.commit(version);
        world.git("ci", "pull -q");
        world.runs("app", version);
        world.at("ci").run(&format!("record --version {version}")).ends(0, "recorded");
        world.at("ci").verify().ends(0, "healthy");
    }
    (forge, world)
}

fn rollback(world: &World, more: &str) -> String {
    format!("rollback --reason slow --check {} {more}", world.path("gate.yml").display())
}

#[test]
fn a_rollback_dispatches_the_workflow_with_the_good_version_and_waits_for_its_run() {
    let (forge, world) = after_two_deploys(&json!(["success"]));
    let at = world.at("ci").on_github("9", &forge.base());
    let plan = at.run(&rollback(&world, "--dry-run"));
    let line = "dispatch `deploy.yml` on the default branch of `octo/shop`: ";
    assert!(plan.out.contains(line), "{plan}");
    assert!(forge.state()["dispatches"].is_null());
    // What the run would do.
    world.runs("app", "1.0");
    at.run(&rollback(&world, "")).ends(0, "returned");
    let state = forge.state();
    let [sent] = state["dispatches"].as_array().unwrap().as_slice() else { panic!("{state}") };
    let inputs = &sent["inputs"];
    assert_eq!(sent["ref"], "main");
    assert_eq!(inputs["lastgood_version"], "1.0");
    assert_eq!(inputs["lastgood_commit"], world.git("ci", "rev-parse HEAD~1"));
    assert_eq!(inputs["lastgood_deployment"], "3");
}

#[test]
fn where_there_is_no_github_nothing_is_begun_that_a_workflow_should_drive() {
    let (forge, world) = after_two_deploys(&json!(["success"]));
    let before = world.refs();
    let nowhere = world.at("ci");
    let mute = world.at("ci").on_github("9", &forge.base()).env("LASTGOOD_IN_TOKEN", "");
    for at in [&nowhere, &mute] {
        for more in ["", "--dry-run", "--to 1 --service app"] {
            let told = at.run(&rollback(&world, more)).ends(2, "invalid");
            assert!(told.out.contains("there is no GitHub to dispatch `deploy.yml` on"), "{told}");
            assert!(told.json["next"].as_str().unwrap().contains("LASTGOOD_IN_TOKEN"), "{told}");
        }
        for deploy in ["deploy --version 3.0", "deploy --version 3.0 --dry-run"] {
            at.run(deploy).ends(2, "invalid");
        }
    }
    assert_eq!(world.refs(), before);
    assert!(forge.state()["dispatches"].is_null());
    // What others drove can still be written down.
    nowhere.run(&rollback(&world, "--handover")).ends(0, "handed_over");
}

#[test]
fn a_rollback_that_is_told_to_stop_cancels_the_run_and_resume_dispatches_it_again() {
    let (forge, world) = after_two_deploys(&json!(["in_progress", "for ever"]));
    let at = world.at("ci").on_github("9", &forge.base());
    let call = at.spawn(&rollback(&world, ""));
    until("it follows the run", || forge.asked().iter().any(|one| one.contains("/runs/1")));
    call.signal("INT");
    let told: Told = call.ended();
    told.ends(7, "interrupted");
    let cancelled = |one: &String| one.starts_with("POST") && one.ends_with("/cancel");
    assert_eq!(forge.asked().iter().filter(|one| cancelled(one)).count(), 1);
    world.runs("app", "1.0");
    forge.remember(&json!({"workflows": {"deploy.yml": {"life": ["success"]}}}));
    let gate = format!("resume --check {}", world.path("gate.yml").display());
    at.with("--actor operator").run(&gate).ends(0, "returned");
    assert_eq!(forge.state()["dispatches"].as_array().unwrap().len(), 2);
}
