//! Services are brought to versions by runs of a workflow.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch::{Sender, channel};

use super::fake::Fake;
use crate::adapters::clock::hurried::Hurried;
use crate::adapters::driver::contract::given;
use crate::adapters::github::driver::{self, Surroundings, WorkflowDriver};
use crate::adapters::http::Http;
use crate::domain::names::Commit;
use crate::domain::version::Version;
use crate::error::{Error, Kind};
use crate::ports::{Clock, Drive, Driver as _, Progress};

mod promises;

#[derive(Default)]
struct Lines(Mutex<Vec<String>>);

impl Progress for Lines {
    fn tell(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }
}

/// A GitHub with one workflow, and a driver that dispatches it.
struct World {
    fake: Fake,
    clock: Arc<Hurried>,
    lines: Arc<Lines>,
    stop: Sender<bool>,
}

impl World {
    async fn new(workflow: Value) -> Self {
        let fake = Fake::start();
        fake.remember(json!({"workflows": {"deploy.yml": workflow}})).await;
        let (clock, lines) = <(Arc<Hurried>, Arc<Lines>)>::default();
        Self { fake, clock, lines, stop: channel(false).0 }
    }

    fn driver(&self, settings: &Value) -> WorkflowDriver {
        let around = Surroundings {
            github: Some(self.fake.settings()),
            http: Http::new().unwrap(),
            clock: self.clock.clone(),
            progress: self.lines.clone(),
            stopped: self.stop.subscribe(),
        };
        driver::connect(serde_json::from_value(settings.clone()).unwrap(), around)
    }

    async fn drive(&self) -> Result<String, Error> {
        let driver = self.driver(&json!({"file": "deploy.yml", "timeout": "20m"}));
        driver.apply(&drive()).await.map(|driven| driven.message)
    }

    async fn dispatches(&self) -> Vec<Value> {
        let state = self.fake.state().await;
        state["dispatches"].as_array().cloned().unwrap_or_default()
    }

    /// Returns how often something was asked.
    async fn times(&self, asked: &str) -> usize {
        self.fake.asked().await.iter().filter(|one| one.ends_with(asked)).count()
    }
}

fn drive() -> Drive {
    let to = Version::named("1.4").at(Commit::new("ab".repeat(20)).unwrap());
    given::drive("api", to, Some(Version::named("1.5")))
}

const RUN: &str = "https://github.example/octo/shop/actions/runs/1001";

#[tokio::test]
async fn a_workflow_is_dispatched_with_what_to_bring_and_its_run_followed_to_the_end() {
    let world = World::new(json!({})).await;
    assert_eq!(world.drive().await.unwrap(), format!("done by {RUN}"));
    let asked = world.fake.asked().await;
    let expected = [
        "GET /repos/octo/shop",
        "GET /repos/octo/shop/actions/workflows/deploy.yml/runs",
        "POST /repos/octo/shop/actions/workflows/deploy.yml/dispatches",
        "GET /repos/octo/shop/actions/runs/1001",
        "GET /repos/octo/shop/actions/runs/1001",
        "GET /repos/octo/shop/actions/runs/1001",
    ];
    assert_eq!(asked, expected);
    let sent = world.dispatches().await;
    let id = sent[0]["inputs"]["lastgood_id"].as_str().unwrap();
    assert_eq!((id.len(), sent.len()), (16, 1));
    let expected = json!({
        "file": "deploy.yml", "ref": "main", "return_run_details": true,
        "inputs": {
            "lastgood_environment": "production", "lastgood_service": "api",
            "lastgood_version": "1.4", "lastgood_commit": "ab".repeat(20),
            "lastgood_deployment": "7", "lastgood_id": id,
        },
    });
    assert_eq!(sent[0], expected);
    assert_eq!(*world.lines.0.lock().unwrap(), [format!("api: follows {RUN}")]);
}

#[tokio::test]
async fn the_ref_and_the_inputs_are_those_that_are_given() {
    let world = World::new(json!({"inputs": ["tag", "id"]})).await;
    let settings =
        json!({"file": "deploy.yml", "ref": "live", "inputs": {"tag": "v{version}", "id": "{id}"}});
    let driver = world.driver(&settings);
    driver.apply(&drive()).await.unwrap();
    let sent = &world.dispatches().await[0];
    assert_eq!((&sent["ref"], &sent["inputs"]["tag"]), (&json!("live"), &json!("v1.4")));
    assert_eq!(sent["inputs"].as_object().unwrap().len(), 2);
    let plan = "dispatch `deploy.yml` on `live` of `octo/shop`: id=unique tag=v1.4";
    assert_eq!(driver.plan(&drive()), [plan]);
}

#[tokio::test]
async fn a_run_that_does_not_end_well_is_a_driver_that_failed() {
    for conclusion in ["failure", "cancelled", "timed_out", "skipped", "startup_failure"] {
        let world = World::new(json!({"life": ["in_progress", conclusion]})).await;
        let error = world.drive().await.unwrap_err();
        let expected = format!(
            "`deploy.yml` did not bring `api` to version `1.4`: its run ended as `{conclusion}`"
        );
        assert_eq!(error.whole(), expected);
        assert_eq!(error.hints(), [format!("see {RUN}")]);
        assert_eq!(world.times("/dispatches").await, 1);
    }
}

#[tokio::test]
async fn a_long_run_is_asked_after_ever_less_often_and_outlasts_the_budget_of_a_command() {
    let mut life = vec!["queued"; 40];
    life.push("success");
    let world = World::new(json!({"life": life})).await;
    assert!(world.drive().await.is_ok());
    assert_eq!(world.times("/runs/1001").await, 41);
    let waited = world.clock.monotonic();
    assert!(waited > Duration::from_secs(17 * 60), "{waited:?}");
}

#[tokio::test]
async fn a_run_that_takes_too_long_is_cancelled() {
    let world = World::new(json!({"life": ["in_progress", "for ever"]})).await;
    let error = world.drive().await.unwrap_err();
    let late = "it did not end within `20m` and was cancelled";
    assert_eq!(error.whole(), format!("`deploy.yml` did not bring `api` to version `1.4`: {late}"));
    assert_eq!(error.hints(), ["give the driver a longer `timeout`"]);
    assert_eq!(world.times("/runs/1001/cancel").await, 1);
    assert!(world.clock.monotonic() < Duration::from_secs(22 * 60));
}

#[tokio::test]
async fn a_run_that_ends_well_before_the_cancelling_reaches_it_has_done_it() {
    let world = World::new(json!({"life": ["in_progress", "for ever"]})).await;
    world.fake.remember(json!({"when_cancelled": ["success"]})).await;
    assert_eq!(world.drive().await.unwrap(), format!("done by {RUN}"));
}

#[tokio::test]
async fn a_run_that_cannot_be_cancelled_is_told_to_be_at_it_still() {
    let world = World::new(json!({"life": ["in_progress", "for ever"]})).await;
    world.fake.fail("403", "/cancel", 9).await;
    let error = world.drive().await.unwrap_err();
    assert!(
        error.whole().contains("and could not cancel the run: GitHub answered 403"),
        "{error:?}"
    );
    assert!(error.hints().contains(&format!("it may still run: see {RUN}")));
}

#[tokio::test]
async fn a_server_that_does_not_tell_the_run_has_it_found_by_its_name() {
    for workflow in [json!({"tells_runs": false}), json!({"knows_details": false})] {
        let world = World::new(workflow.clone()).await;
        assert_eq!(world.drive().await.unwrap(), format!("done by {RUN}"), "{workflow}");
        assert_eq!(world.dispatches().await.len(), 1, "{workflow}");
    }
    let world = World::new(json!({"tells_runs": false, "names_runs": false})).await;
    let error = world.drive().await.unwrap_err();
    assert!(error.message().starts_with("no run of `deploy.yml` bears the id `"), "{error}");
    let hint = "let `run-name` of `deploy.yml` hold `${{ inputs.lastgood_id }}`";
    assert_eq!(error.hints()[0], hint);
}

#[tokio::test]
async fn a_lost_answer_is_looked_up_before_anything_is_sent_twice() {
    let world = World::new(json!({})).await;
    world.fake.fail("lost", "/dispatches", 1).await;
    assert_eq!(world.drive().await.unwrap(), format!("done by {RUN}"));
    assert_eq!(world.dispatches().await.len(), 1);

    let world = World::new(json!({})).await;
    world.fake.fail("cut", "/dispatches", 1).await;
    assert_eq!(world.drive().await.unwrap(), format!("done by {RUN}"));
    assert_eq!(world.times("/dispatches").await, 2, "no run had begun");

    let world = World::new(json!({"names_runs": false})).await;
    world.fake.fail("lost", "/dispatches", 1).await;
    let error = world.drive().await.unwrap_err();
    assert_eq!((error.kind(), world.times("/dispatches").await), (Kind::Unreachable, 1));
    assert_eq!(error.message(), "could not dispatch `deploy.yml` on `main`");
    assert_eq!(error.hints().len(), 2, "{:?}", error.hints());
}

#[tokio::test]
async fn whoever_takes_over_follows_the_run_that_was_dispatched_before() {
    let world = World::new(json!({"life": ["in_progress", "in_progress", "success"]})).await;
    assert!(world.drive().await.is_ok());
    assert_eq!(world.drive().await.unwrap(), format!("done by {RUN}"));
    assert_eq!(world.dispatches().await.len(), 1);
    let elsewhere = Drive { to: Version::named("1.3"), ..drive() };
    world.driver(&json!({"file": "deploy.yml"})).apply(&elsewhere).await.unwrap();
    assert_eq!(world.dispatches().await.len(), 2, "another version is another run");
    let failed = World::new(json!({"life": ["failure"]})).await;
    assert!(failed.drive().await.is_err());
    assert!(failed.drive().await.is_err());
    assert_eq!(failed.dispatches().await.len(), 2, "what failed is tried again");
}

#[tokio::test]
async fn github_may_be_away_while_the_run_goes_on() {
    let world = World::new(json!({"life": ["in_progress", "success"]})).await;
    world.fake.break_down(json!({"kind": "cut", "path": "runs/1001$", "times": 4})).await;
    assert_eq!(world.drive().await.unwrap(), format!("done by {RUN}"));
}

#[tokio::test]
async fn a_workflow_that_cannot_be_dispatched_is_told_with_what_it_needs() {
    let hint = |error: Error| error.hints()[0].clone();
    let world = World::new(json!({})).await;
    let driver = world.driver(&json!({"file": "other.yml"}));
    let absent = hint(driver.apply(&drive()).await.unwrap_err());
    assert_eq!(
        absent,
        "push `.github/workflows/other.yml` to the default branch; the token needs `actions: write`"
    );
    let world = World::new(json!({"inputs": ["lastgood_version"]})).await;
    let error = world.drive().await.unwrap_err();
    assert!(error.whole().contains("Unexpected inputs provided"), "{error:?}");
    let inputs = "declare these inputs in `deploy.yml`, or choose others by `inputs`";
    assert_eq!(hint(error), inputs);
    let world = World::new(json!({"on": "push"})).await;
    let trigger = hint(world.drive().await.unwrap_err());
    assert_eq!(trigger, "let `deploy.yml` run `on: workflow_dispatch`");
}

#[tokio::test]
async fn a_token_that_may_not_dispatch_is_told_the_permission_that_is_missing() {
    let world = World::new(json!({})).await;
    let headers = json!({"x-accepted-github-permissions": "actions=write"});
    let fault = json!({"kind": "403", "path": "/dispatches", "times": 9, "headers": headers});
    world.fake.break_down(fault).await;
    let error = world.drive().await.unwrap_err();
    assert_eq!((error.kind(), error.reason()), (Kind::Refused, "not_permitted"));
    assert_eq!(error.hints(), ["the token needs the permission `actions: write`"]);
    assert!(world.dispatches().await.is_empty());
}

#[tokio::test]
async fn a_lastgood_that_is_stopped_cancels_the_run_and_begins_no_other() {
    let world = World::new(json!({"life": ["in_progress", "for ever"]})).await;
    let driver = world.driver(&json!({"file": "deploy.yml", "timeout": "1000h"}));
    let order = drive();
    let stopped = async {
        while world.times("/runs/1001").await == 0 {}
        world.stop.send_replace(true);
        while world.lines.0.lock().unwrap().len() < 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        ended = driver.apply(&order) => panic!("{ended:?}"),
        () = stopped => {}
    }
    assert_eq!(world.times("/runs/1001/cancel").await, 1);
    let cancelled = format!("api: asked GitHub to cancel {RUN}");
    assert_eq!(world.lines.0.lock().unwrap().last(), Some(&cancelled));
    let before = world.fake.asked().await.len();
    tokio::select! {
        biased;
        ended = driver.apply(&order) => panic!("{ended:?}"),
        () = tokio::task::yield_now() => {}
    }
    assert_eq!(world.fake.asked().await.len(), before);
}

#[tokio::test]
async fn without_a_github_nothing_is_dispatched_and_the_plan_says_so() {
    let world = World::new(json!({})).await;
    let around = Surroundings {
        github: None,
        http: Http::new().unwrap(),
        clock: world.clock.clone(),
        progress: world.lines.clone(),
        stopped: world.stop.subscribe(),
    };
    let settings = serde_json::from_value(json!({"file": "deploy.yml"})).unwrap();
    let driver = driver::connect(settings, around);
    let plan = "dispatch nothing: there is no GitHub to dispatch `deploy.yml` on";
    assert_eq!(driver.plan(&drive()), [plan]);
    assert_eq!(driver.apply(&drive()).await.unwrap_err().kind(), Kind::Failed);
}
