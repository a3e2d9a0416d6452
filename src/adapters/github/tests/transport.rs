//! Requests are repeated only where that does no harm.

use serde_json::json;

use super::fake::Fake;
use crate::adapters::github::{GitHub, Settings};
use crate::adapters::http::Http;
use crate::adapters::secret::Secret;
use crate::domain::event::CiRun;
use crate::error::Kind;
use crate::ports::{Forge as _, RunState};

fn run(id: &str, attempt: Option<u64>) -> CiRun {
    CiRun { provider: "github".into(), id: id.into(), attempt, url: None }
}

#[tokio::test]
async fn a_run_is_over_when_github_says_so() {
    let fake = Fake::start();
    let state = json!({"runs": {
        "1": {"status": "completed", "run_attempt": 1},
        "2": {"status": "in_progress", "run_attempt": 2},
    }});
    fake.remember(state).await;
    let github = fake.connect();
    assert_eq!(github.run_state(&run("1", Some(1))).await, RunState::Over);
    assert_eq!(github.run_state(&run("2", Some(2))).await, RunState::Running);
    assert_eq!(github.run_state(&run("2", Some(1))).await, RunState::Over, "an older attempt");
    assert_eq!(github.run_state(&run("3", None)).await, RunState::Unknown, "a run that is gone");
    let before = fake.asked().await.len();
    assert_eq!(github.run_state(&run("../../x", None)).await, RunState::Unknown);
    assert_eq!(fake.asked().await.len(), before, "no foreign text becomes a path");
}

#[tokio::test]
async fn a_question_is_asked_again_after_a_servers_failure_and_after_a_limit() {
    for kind in ["500", "limited", "secondary", "cut"] {
        let fake = Fake::start();
        fake.remember(json!({"runs": {"1": {"status": "completed"}}})).await;
        fake.fail(kind, "runs/1", 1).await;
        assert_eq!(fake.connect().run_state(&run("1", None)).await, RunState::Over, "{kind}");
        assert_eq!(fake.asked().await.len(), 2, "{kind}");
    }
}

#[tokio::test]
async fn what_may_have_had_an_effect_is_not_said_twice() {
    for kind in ["500", "lost", "cut"] {
        let fake = Fake::start();
        fake.fail(kind, "statuses", 1).await;
        let github = fake.connect();
        let error =
            github.post::<serde_json::Value>("say it", "statuses/1", &json!({})).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Unreachable, "{kind}");
        assert_eq!(error.message(), "could not say it");
        assert_eq!(fake.asked().await, ["POST /repos/octo/shop/statuses/1"], "{kind}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_the_end() {
    let fake = Fake::start();
    fake.fail("endless", "runs/1", 1).await;
    let error = fake.connect().get::<serde_json::Value>("ask", "actions/runs/1").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unreachable);
    assert_eq!(error.causes(), ["the answer is larger than 16 MiB"]);
}

#[tokio::test]
async fn a_missing_permission_is_named() {
    let fake = Fake::start();
    fake.fail("403", "deployments", 9).await;
    let error = fake
        .connect()
        .post::<serde_json::Value>("show the deployment", "deployments", &json!({}))
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.reason()), (Kind::Refused, "not_permitted"));
    assert_eq!(error.hints(), ["the token needs the permission `deployments: write`"]);
}

#[tokio::test]
async fn a_command_asks_no_more_than_its_budget() {
    let fake = Fake::start();
    let github = fake.connect();
    for _ in 0..20 {
        github.run_state(&run("7", None)).await;
    }
    assert_eq!(fake.asked().await.len(), super::super::BUDGET);
}

#[tokio::test]
async fn a_github_that_is_not_there_is_unreachable_and_the_token_is_not_told() {
    let settings = Settings {
        api: "http://127.0.0.1:1".parse().unwrap(),
        server: "https://github.example".parse().unwrap(),
        repository: "octo/shop".into(),
        default_branch: None,
        token: Secret::new("github-token-of-tests"),
    };
    assert!(!format!("{settings:?}").contains("github-token"));
    let github = GitHub::connect(settings, Http::new().unwrap()).unwrap();
    let error = github.get::<serde_json::Value>("ask", "x").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unreachable);
    assert!(!format!("{error:?}").contains("github-token"));
}

#[tokio::test]
async fn a_token_that_is_not_accepted_is_told_as_such() {
    let fake = Fake::start();
    let settings = Settings { token: Secret::new("another-token"), ..fake.settings() };
    let github = GitHub::connect(settings, Http::new().unwrap()).unwrap();
    let error = github.get::<serde_json::Value>("ask", "actions/runs/1").await.unwrap_err();
    assert_eq!(error.hints(), ["give a `token` that GitHub accepts"]);
}
