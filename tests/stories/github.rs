//! What GitHub shows, and that nothing depends on it.

use crate::world::{Forge, World, for_each_at_once};

/// A world in which 1.0 is good, and 2.0 of another commit is sick and about to be deployed.
fn before_a_sick_deploy(api: &str) -> World {
    let world = World::new();
    world.runs("app", "1.0");
    world.at("ci").on_github("1", api).run("record --version 1.0").ends(0, "recorded");
    world.at("ci").on_github("1", api).verify().ends(0, "healthy");
    world.commit("three");
    world.git("ci", "pull -q");
    world.sicken("app", "2.0");
    world
}

fn words(states: &[&str]) -> Vec<String> {
    states.iter().map(ToString::to_string).collect()
}

/// The events without what differs from run to run.
fn told(world: &World) -> Vec<String> {
    let events = world.events();
    events.iter().map(|event| format!("{} {}", event["type"], event["n"])).collect()
}

#[test]
fn after_a_sick_deploy_github_shows_what_runs() {
    let forge = Forge::start();
    let world = before_a_sick_deploy(&forge.base());
    let good = world.git("ci", "rev-parse HEAD~1");
    let bad = world.git("ci", "rev-parse HEAD");
    assert_eq!(forge.deployments(), [(good.clone(), words(&["in_progress", "success"]))]);
    let before = forge.asked().len();
    let at = world.at("ci").on_github("2", &forge.base());
    at.deploy("--version 2.0").ends(4, "rolled_back");
    let asked = forge.asked().split_off(before);
    assert!(asked.len() <= 15, "{asked:#?}");
    let shown = forge.deployments();
    let last = |at: usize| (shown[at].0.clone(), shown[at].1.last().unwrap().as_str());
    assert_eq!(shown.len(), 3);
    assert_eq!(last(0), (good.clone(), "inactive"));
    assert_eq!(last(1), (bad.clone(), "failure"));
    assert_eq!(last(2), (good, "success"));
    let state = forge.state();
    let of_commits = state["commit_statuses"].as_array().unwrap();
    let of_bad: Vec<_> = of_commits.iter().filter(|one| one["sha"] == *bad).collect();
    assert_eq!(of_bad.last().unwrap()["state"], "failure");
    assert_eq!(of_bad.last().unwrap()["context"], "lastgood/production");
    let status = &state["deployments"][1]["statuses"];
    let newest = status.as_array().unwrap().last().unwrap();
    assert_eq!(newest["log_url"], "https://github.example/octo/shop/actions/runs/2");
    assert!(newest["description"].as_str().unwrap().starts_with("lastgood 2: rolled back by 3"));
}

#[test]
fn a_look_at_what_github_shows_rightly_asks_twice_and_says_nothing() {
    let forge = Forge::start();
    let world = before_a_sick_deploy(&forge.base());
    let (before, refs) = (forge.asked().len(), world.refs());
    world.at("ci").on_github("9", &forge.base()).verify().ends(0, "healthy");
    let asked = forge.asked().split_off(before);
    assert!(asked.len() == 2 && asked.iter().all(|one| one.starts_with("GET ")), "{asked:#?}");
    assert_eq!(world.refs(), refs);
}

#[test]
fn whatever_ails_github_the_end_and_the_ledger_are_the_same() {
    for_each_at_once(&["500", "403", "limited", "cut", "hang", "nobody"], |ailment| {
        let forge = Forge::start();
        let world = before_a_sick_deploy(&forge.base());
        let base = match *ailment {
            "nobody" => "http://127.0.0.1:1".to_owned(),
            kind => {
                forge.fails(kind);
                forge.base()
            }
        };
        let before = forge.asked().len();
        let at = world.at("ci").on_github("2", &base);
        let ended = at.deploy("--version 2.0").ends(4, "rolled_back");
        assert_eq!(world.calls(), ["deploy app 2.0", "rollback app 1.0"]);
        let story = ["1 deploy stable", "2 deploy rolled_back", "3 rollback stable"];
        assert_eq!(world.at("ci").story(), story);
        let events = [
            "\"deployed\" 1",
            "\"verified\" 1",
            "\"stable\" 1",
            "\"started\" 2",
            "\"service_done\" 2",
            "\"deployed\" 2",
            "\"finished\" 2",
            "\"verified\" 2",
            "\"started\" 3",
            "\"service_done\" 3",
            "\"deployed\" 3",
            "\"finished\" 3",
            "\"verified\" 3",
            "\"stable\" 3",
        ];
        assert_eq!(told(&world), events);
        assert!(forge.asked().len() - before <= 15);
        let said =
            ended.err.lines().filter(|line| line.contains("GitHub") || line.contains("platform"));
        assert_eq!(said.count(), 1, "{ended}");
    });
}

#[test]
fn what_github_was_not_told_it_is_told_by_the_next_command() {
    let forge = Forge::start();
    let world = before_a_sick_deploy(&forge.base());
    let nobody = world.at("ci").on_github("2", "http://127.0.0.1:1");
    nobody.deploy("--version 2.0").ends(4, "rolled_back");
    assert_eq!(forge.deployments().len(), 1);
    world.at("ci").on_github("3", &forge.base()).verify().ends(0, "healthy");
    let states: Vec<_> = forge.deployments().into_iter().map(|(_, states)| states).collect();
    let shown =
        [words(&["in_progress", "success", "inactive"]), words(&["failure"]), words(&["success"])];
    assert_eq!(states, shown);
}

#[test]
fn a_schedule_keeps_one_issue_while_an_environment_is_sick() {
    let forge = Forge::start();
    let world = before_a_sick_deploy(&forge.base());
    let night = |run: &str| {
        world.at("ci").on_github(run, &forge.base()).env("GITHUB_EVENT_NAME", "schedule")
    };
    let states = || -> Vec<String> {
        let state = forge.state();
        let issues = state["issues"].as_array().cloned().unwrap_or_default();
        issues.iter().map(|issue| issue["state"].as_str().unwrap().to_owned()).collect()
    };
    night("3").verify().ends(0, "healthy");
    assert_eq!(states(), [""; 0]);
    world.runs("app", "2.0");
    world.at("ci").run("record --version 2.0").ends(0, "recorded");
    world.at("ci").on_github("4", &forge.base()).verify().ends(3, "not_asked");
    assert_eq!(states(), [""; 0], "only a schedule opens an issue");
    night("5").verify().ends(3, "not_asked");
    let refs = world.refs();
    night("6").verify().ends(3, "not_asked");
    assert_eq!((states(), world.refs()), (vec!["open".to_owned()], refs));
    night("7").verify_and_act().ends(4, "rolled_back");
    assert_eq!(states(), ["closed"]);
    let told = night("8").verify().ends(0, "healthy");
    let message = told.json["message"].as_str().unwrap();
    assert!(message.contains("`production` runs 1.0 since "), "{message}");
    assert!(message.contains("; 2.0 was rolled back from"), "{message}");
    assert_eq!(states(), ["closed"]);
}
