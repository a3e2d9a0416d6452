//! The main job: record, verify, and go back to what was good.

use crate::world::World;

/// A world in which 1.0 was recorded and found good.
pub fn with_a_stable_one() -> World {
    let world = World::new();
    world.runs("app", "1.0");
    world.at("ci").run("record --version 1.0").ends(0, "recorded");
    world.at("ci").verify().ends(0, "healthy");
    world
}

#[test]
fn what_was_recorded_and_found_good_is_seen_by_plain_git() {
    let world = with_a_stable_one();
    assert_eq!(world.newest_stable("ci"), "refs/tags/stable/production/1");
    assert_eq!(world.tags(), ["deploy/production/1", "stable/production/1"]);
    let head = world.git("ci", "rev-parse HEAD");
    assert_eq!(world.git("remote.git", "rev-parse stable/production/1^{commit}"), head);
    let asked = "ls-remote --sort=-v:refname origin 'refs/tags/stable/production/*^{}'";
    assert!(world.git("ci", asked).starts_with(&head));
    let message = world.git("remote.git", "cat-file -p stable/production/1");
    let json = message.rsplit("\n\n").next().unwrap();
    let point: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(point["versions"]["app"]["version"], "1.0");
    assert_eq!(world.at("ci").story(), ["1 deploy stable"]);
}

#[test]
fn a_sick_deploy_is_undone_and_the_history_tells_it() {
    let world = with_a_stable_one();
    world.sicken("app", "2.0");
    let told = world.at("ci").deploy("--version 2.0").ends(4, "rolled_back");
    assert_eq!(world.running("app").unwrap(), "1.0");
    assert_eq!(world.calls(), ["deploy app 2.0", "rollback app 1.0"]);
    let rollback = &told.json["rollback"];
    assert_eq!(rollback["status"], "completed");
    assert_eq!((&rollback["from"], &rollback["to"]), (&2.into(), &1.into()));
    let story = ["1 deploy stable", "2 deploy rolled_back", "3 rollback stable"];
    assert_eq!(world.at("ci").story(), story);
    let tags = [
        "deploy/production/1",
        "deploy/production/2",
        "deploy/production/3",
        "stable/production/1",
    ];
    assert_eq!(world.tags(), tags);
    assert_eq!(world.newest_stable("ci"), "refs/tags/stable/production/1");
}

#[test]
fn what_was_rolled_back_from_is_not_deployed_again_unless_forced() {
    let world = with_a_stable_one();
    world.sicken("app", "2.0");
    world.at("ci").deploy("--version 2.0").ends(4, "rolled_back");
    let before = world.refs();
    world.at("ci").deploy("--version 2.0").ends(6, "quarantined");
    assert_eq!(world.refs(), before);
    let forced = "--version 2.0 --force --reason measuring";
    world.at("ci").deploy(forced).ends(3, "cooldown");
}

#[test]
fn deploys_that_other_steps_make_are_recorded_judged_and_undone() {
    let world = with_a_stable_one();
    world.sicken("app", "2.0");
    world.runs("app", "2.0");
    world.at("ci").run("record --version 2.0").ends(0, "recorded");
    world.at("ci").verify().ends(3, "not_asked");
    assert_eq!(world.running("app").unwrap(), "2.0");
    world.at("ci").verify_and_act().ends(4, "rolled_back");
    assert_eq!(world.running("app").unwrap(), "1.0");
}

#[test]
fn with_nothing_good_to_go_back_to_nothing_is_undone() {
    let world = World::new();
    world.sicken("app", "1.0");
    world.at("ci").deploy("--version 1.0").ends(3, "no_target");
    assert_eq!(world.calls(), ["deploy app 1.0"]);
    assert_eq!(world.at("ci").story(), ["1 deploy unhealthy"]);
}

#[test]
fn a_rollback_to_what_runs_writes_nothing() {
    let world = with_a_stable_one();
    let before = world.refs();
    world.at("ci").rollback("--to 1").ends(0, "already_there");
    assert_eq!((world.refs(), world.calls().len()), (before, 0));
}

#[test]
fn plain_git_log_shows_each_event_as_one_line() {
    let world = with_a_stable_one();
    world.git("ci", "fetch -q origin refs/notes/lastgood/*:refs/notes/lastgood/*");
    let log = world.git("ci", "log -1 '--notes=lastgood/*'");
    let lines: Vec<&str> = log.lines().filter(|line| line.trim().starts_with('{')).collect();
    assert_eq!(lines.len(), world.events().len());
    assert!(log.contains("Notes (lastgood/production):"), "{log}");
    assert!(lines.iter().all(|line| line.trim().starts_with("{\"id\":\"")), "{log}");
    let types: Vec<_> = world.events().iter().map(|event| event["type"].clone()).collect();
    assert_eq!(types, ["deployed", "verified", "stable"]);
}

#[test]
fn a_second_look_that_sees_the_same_writes_nothing() {
    let world = with_a_stable_one();
    let before = world.refs();
    world.at("ci").verify().ends(0, "healthy");
    assert_eq!(world.refs(), before);
}

#[test]
fn a_look_amid_anothers_open_deploy_says_busy_and_touches_nothing() {
    let world = with_a_stable_one();
    world.clone_shallow("schedule");
    world.at("ci").in_run("1").run("begin --version 2.0").ends(0, "begun");
    let before = world.refs();
    world.at("schedule").in_run("2").verify_and_act().ends(7, "busy");
    world.at("schedule").in_run("2").rollback("").ends(6, "busy");
    assert_eq!((world.refs(), world.calls().len()), (before, 0));
}

#[test]
fn another_version_that_answers_for_a_stable_one_is_told_and_not_undone() {
    let world = with_a_stable_one();
    world.runs("app", "1.5");
    let gate = format!("--http {} --expect-version .version --deadline 1s", world.health("app"));
    let told = world.at("ci").judging(&gate).verify_and_act().ends(7, "drift");
    let said = told.json["message"].as_str().unwrap();
    assert!(said.contains("1.5") && said.contains("1.0"), "{said}");
    assert_eq!((world.running("app").unwrap(), world.calls().len()), ("1.5".to_owned(), 0));
    assert_eq!(world.at("ci").status()["last_stable"]["n"], 1);
}

#[test]
fn a_person_goes_back_and_forth_between_the_good_ones() {
    let world = with_a_stable_one();
    for version in ["1.1", "1.2"] {
        world.at("ci").deploy(&format!("--version {version}")).ends(0, "healthy");
    }
    world.at("ci").rollback("--to 1.0").ends(0, "returned");
    assert_eq!(world.running("app").unwrap(), "1.0");
    world.at("ci").run(&world.at("ci").cancel_verb()).ends(0, "done");
    assert_eq!(world.running("app").unwrap(), "1.2");
    let story = [
        "1 deploy stable",
        "2 deploy stable",
        "3 deploy rolled_back",
        "4 rollback stable",
        "5 roll_forward stable",
    ];
    assert_eq!(world.at("ci").story(), story);
    world.at("ci").rollback("--to stable/production/2").ends(0, "returned");
    assert_eq!(world.running("app").unwrap(), "1.1");
}

#[test]
fn a_plan_that_is_only_shown_writes_nothing() {
    let world = with_a_stable_one();
    world.at("ci").deploy("--version 1.1").ends(0, "healthy");
    let before = (world.refs(), world.calls());
    world.at("ci").deploy("--dry-run --version 3.0").ends(0, "planned");
    let told = world.at("ci").rollback("--dry-run").ends(0, "planned");
    let commands = told.json["rollback"]["plan"][0]["commands"].to_string();
    assert!(commands.contains("drive"), "{told}");
    for verb in ["record --dry-run --version 3", "begin --dry-run --version 3"] {
        world.at("ci").run(verb).ends(0, "planned");
    }
    assert_eq!((world.refs(), world.calls()), before);
}
