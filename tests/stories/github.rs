//! What GitHub shows, and that nothing depends on it.

use serde_json::json;

use crate::comments::Shop;
use crate::world::{At, Forge, World, for_each_at_once};

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

/// Waits until the deployment that is being made is shown as in progress; it must within a minute.
const WAIT: &str = r#"
import json, os, sys, time, urllib.request
until = time.monotonic() + 60
while time.monotonic() < until:
    state = json.load(urllib.request.urlopen(sys.argv[1] + "/_test/state"))
    for shown in state.get("deployments", []):
        if shown["payload"]["lastgood"]["n"] == int(os.environ["LASTGOOD_DEPLOYMENT"]):
            if [said["state"] for said in shown["statuses"]] == ["in_progress"]:
                sys.exit()
    time.sleep(0.02)
sys.exit("it was never shown")
"#;

/// A command that deploys once it is shown that it does.
fn patient(world: &World, forge: &Forge) -> String {
    let file = world.path("wait.py");
    std::fs::write(&file, WAIT).unwrap();
    world.driver_that("patient", &format!("python3 {} {}", file.display(), forge.base()))
}

#[test]
fn a_sick_deploy_is_shown_as_it_goes_and_afterwards_what_runs() {
    let forge = Forge::start();
    let world = before_a_sick_deploy(&forge.base());
    let good = world.git("ci", "rev-parse HEAD~1");
    let bad = world.git("ci", "rev-parse HEAD");
    assert_eq!(forge.deployments(), [(good.clone(), words(&["success"]))]);
    let before = forge.asked().len();
    let at = world.at("ci").on_github("2", &forge.base()).driving(&patient(&world, &forge));
    at.deploy("--version 2.0").ends(4, "rolled_back");
    let shown = [
        (good.clone(), words(&["success", "inactive"])),
        (bad.clone(), words(&["in_progress", "failure", "failure"])),
        (good, words(&["in_progress", "success"])),
    ];
    assert_eq!(forge.deployments(), shown);
    assert_eq!(forge.asked().len() - before, 12, "{:#?}", forge.asked());
    let state = forge.state();
    let of_commits = state["commit_statuses"].as_array().unwrap();
    let of_bad: Vec<_> = of_commits.iter().filter(|one| one["sha"] == *bad).collect();
    assert_eq!(of_bad.last().unwrap()["state"], "failure");
    assert_eq!(of_bad.last().unwrap()["context"], "lastgood/production");
    let status = &state["deployments"][1]["statuses"];
    let newest = status.as_array().unwrap().last().unwrap();
    assert_eq!(newest["log_url"], "https://github.example/octo/shop/actions/runs/2");
    assert!(newest["description"].as_str().unwrap().starts_with("lastgood 2: rolled back by 3; "));
}

#[test]
fn commands_ask_no_more_than_the_page_says() {
    let forge = Forge::start();
    let world = World::new();
    let counted = |run: &str, verb: &str| {
        let before = forge.asked().len();
        world.at("ci").on_github(run, &forge.base()).run(verb).ok();
        forge.asked().len() - before
    };
    world.runs("app", "1.0");
    assert_eq!(counted("1", "record --version 1.0"), 4);
    let gate = format!("verify --check {}", world.path("gate.yml").display());
    assert_eq!(counted("1", &gate), 2, "it was shown as good already");
    world.commit("three");
    world.git("ci", "pull -q");
    let deploy = world.at("ci").deploy_verb("--version 2.0");
    assert!((6..=8).contains(&counted("2", &deploy)));
    for verb in ["status", "history", "show 2", "prune --dry-run"] {
        assert_eq!(counted("3", verb), 0, "{verb}");
    }
    assert_eq!(counted("3", "mark 1 bad --reason lost"), 5);
    assert_eq!(counted("3", "lock --reason sale"), 2);
}

#[test]
fn the_summary_of_a_rollback_links_the_commits_that_it_undid() {
    let shop = Shop::new();
    let summary = |at: At<'_>, verb: &str| {
        let file = shop.world.path(verb);
        let at = at.env("GITHUB_STEP_SUMMARY", &file.display().to_string());
        let told = at.env("LASTGOOD_IN_REASON", "lost").run(&format!("action --command {verb}"));
        assert_eq!(told.code, Some(0), "{told}");
        std::fs::read_to_string(file).unwrap()
    };
    let there = shop.world.at("ci").on_github("3", &shop.forge.base());
    let page = summary(there, "rollback");
    let [good, bad] =
        ["HEAD~1", "HEAD"].map(|name| shop.world.git("ci", &format!("rev-parse {name}")));
    let compare = format!("https://github.example/octo/shop/compare/{good}...{bad}");
    let subject = "Sell to \\@&#8203;everyone &lt;b&gt;now&lt;/b&gt;";
    let list = format!("### Undone: [1 commit]({compare})\n\n- `{}` {subject}\n", &bad[..10]);
    assert!(page.contains(&list), "{page}");
    let elsewhere = summary(shop.world.at("ci"), "cancel");
    assert!(!elsewhere.contains("Live again"), "{elsewhere}");
}

#[test]
fn what_was_begun_is_shown_while_other_steps_deploy_it() {
    let forge = Forge::start();
    let world = World::new();
    let at = world.at("ci").on_github("1", &forge.base());
    at.run("begin --version 1.0").ends(0, "begun");
    let commit = world.git("ci", "rev-parse HEAD");
    assert_eq!(forge.deployments(), [(commit.clone(), words(&["in_progress"]))]);
    world.runs("app", "1.0");
    at.run("record").ends(0, "recorded");
    at.verify().ends(0, "healthy");
    let pending = &forge.state()["commit_statuses"][0];
    assert_eq!((&pending["state"], &pending["sha"]), (&"pending".into(), &commit.clone().into()));
    assert_eq!(forge.deployments(), [(commit, words(&["in_progress", "success"]))]);
}

#[test]
fn the_deployment_that_a_jobs_environment_made_is_used_where_it_is_of_that_commit_and_run() {
    let forge = Forge::start();
    let world = World::new();
    let (old, new) = (world.git("ci", "rev-parse HEAD~1"), world.git("ci", "rev-parse HEAD"));
    let made = |id: u64, commit: &str, run: u64| {
        let log = format!("https://github.example/octo/shop/actions/runs/{run}/job/3");
        json!({"id": id, "sha": commit, "environment": "production", "payload": "",
               "statuses": [{"state": "in_progress", "description": "", "log_url": log}]})
    };
    let all = [made(7, &new, 1), made(8, &old, 1), made(9, &new, 21)];
    forge.remember(&json!({"deployments": all}));
    world.runs("app", "1.0");
    let at = world.at("ci").on_github("1", &forge.base());
    at.run("record --version 1.0").ends(0, "recorded");
    world.at("ci").on_github("2", &forge.base()).verify().ends(0, "healthy");
    let shown = [
        (new.clone(), words(&["in_progress", "success"])),
        (old, words(&["in_progress"])),
        (new, words(&["in_progress"])),
    ];
    assert_eq!(forge.deployments(), shown);
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
    let shown = [words(&["success", "inactive"]), words(&["failure"]), words(&["success"])];
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
