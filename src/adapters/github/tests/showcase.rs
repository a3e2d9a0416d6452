//! Deployments arrive on GitHub as they were meant.

use serde_json::{Value, json};
use ulid::Ulid;

use super::fake::Fake;
use crate::adapters::github::showcase::{Settings, connect};
use crate::domain::event::{CiRun, Kind};
use crate::domain::ids::OperationId;
use crate::domain::names::{Commit, Environment};
use crate::domain::showcase::{CommitWord, Display, Purpose, Showing};
use crate::error::Kind as Whose;
use crate::ports::Showcase;

const RUN: &str = "https://github.example/octo/shop/actions/runs/17";

fn showcase(fake: &Fake) -> impl Showcase {
    let environment_url = Some("https://shop.example".to_owned());
    connect(Settings { environment_url, purpose: Purpose::Production }, fake.connect())
}

fn production() -> Environment {
    Environment::new("production").unwrap()
}

fn operation() -> OperationId {
    OperationId(Ulid::from_parts(1, 2))
}

fn display(showing: Showing) -> Display {
    Display {
        operation: operation(),
        n: 12,
        kind: Kind::Deploy,
        commit: Commit::new("b".repeat(40)).unwrap(),
        title: "deployment 12: app 2.0".into(),
        showing,
        words: "lastgood 12: under way".into(),
        commit_word: Some(CommitWord::Pending),
        ci: Some(CiRun {
            provider: "github".into(),
            id: "17".into(),
            attempt: None,
            url: Some(RUN.into()),
        }),
    }
}

async fn bodies(fake: &Fake) -> Vec<Value> {
    let sent = fake.sent().await;
    sent.into_iter().map(|request| request["body"].clone()).filter(|body| !body.is_null()).collect()
}

#[tokio::test]
async fn a_deployment_is_made_of_the_exact_commit_and_known_again() {
    let fake = Fake::start();
    let showcase = showcase(&fake);
    let id = showcase.make(&production(), &display(Showing::InProgress)).await.unwrap();
    let sent = json!({
        "ref": "b".repeat(40),
        "task": "deploy",
        "auto_merge": false,
        "required_contexts": [],
        "payload": {"lastgood": {"n": 12, "operation": operation().to_string()}},
        "environment": "production",
        "production_environment": true,
        "transient_environment": false,
        "description": "deployment 12: app 2.0",
    });
    assert_eq!(bodies(&fake).await, [sent]);
    let shown = showcase.deployments(&production()).await.unwrap();
    assert_eq!((shown.len(), shown[0].id, shown[0].operation), (1, id, Some(operation())));
    assert_eq!(shown[0].commit, display(Showing::InProgress).commit);
    let other = Environment::new("review/1 & more").unwrap();
    assert_eq!(showcase.deployments(&other).await.unwrap(), []);
}

#[tokio::test]
async fn github_is_told_whom_an_environment_is_there_for() {
    let fake = Fake::start();
    for (purpose, people_use_it, it_goes) in [
        (Purpose::Production, true, false),
        (Purpose::Internal, false, false),
        (Purpose::Transient, false, true),
    ] {
        let showcase = connect(Settings { environment_url: None, purpose }, fake.connect());
        showcase.make(&production(), &display(Showing::InProgress)).await.unwrap();
        let sent = bodies(&fake).await.pop().unwrap();
        assert_eq!(sent["production_environment"], people_use_it, "{purpose:?}");
        assert_eq!(sent["transient_environment"], it_goes, "{purpose:?}");
    }
}

#[tokio::test]
async fn a_deployment_of_another_commit_than_was_meant_is_refused() {
    let fake = Fake::start();
    fake.remember(json!({"other_commit": "c".repeat(40)})).await;
    let made = showcase(&fake).make(&production(), &display(Showing::InProgress)).await;
    let error = made.unwrap_err();
    assert_eq!(error.message(), "could not show deployment 12 on GitHub");
    assert!(error.causes()[0].contains("another commit"), "{:?}", error.causes());
}

#[tokio::test]
async fn every_status_leads_to_the_run_and_to_the_environment() {
    let fake = Fake::start();
    let showcase = showcase(&fake);
    let id = showcase.make(&production(), &display(Showing::InProgress)).await.unwrap();
    for (showing, state) in [
        (Showing::InProgress, "in_progress"),
        (Showing::Success, "success"),
        (Showing::Failure, "failure"),
        (Showing::Error, "error"),
        (Showing::Inactive, "inactive"),
    ] {
        showcase.tell(&production(), id, &display(showing)).await.unwrap();
        let sent = json!({
            "state": state,
            "description": "lastgood 12: under way",
            "auto_inactive": false,
            "log_url": RUN,
            "environment_url": "https://shop.example",
        });
        assert_eq!(bodies(&fake).await.pop(), Some(sent));
        let seen = showcase.look(id).await.unwrap();
        assert_eq!(seen.showing, Some(showing));
        assert_eq!((seen.runs, seen.numbers), (["17".to_owned()].into(), [12].into()));
    }
}

#[tokio::test]
async fn a_commit_status_bears_the_environments_name() {
    let fake = Fake::start();
    let told = display(Showing::Failure);
    showcase(&fake).mark_commit(&production(), &told, CommitWord::Failure).await.unwrap();
    let sent = json!({
        "state": "failure",
        "context": "lastgood/production",
        "description": "lastgood 12: under way",
        "target_url": RUN,
    });
    assert_eq!(bodies(&fake).await, [sent]);
    assert_eq!(fake.asked().await, [format!("POST /repos/octo/shop/statuses/{}", "b".repeat(40))]);
}

#[tokio::test]
async fn a_payload_that_comes_back_as_text_or_is_another_tools_is_borne() {
    let fake = Fake::start();
    let payload = json!({"lastgood": {"n": 12, "operation": operation().to_string()}}).to_string();
    let one = |id: u64, payload: Value| {
        json!({"id": id, "sha": "b".repeat(40), "environment": "production", "payload": payload,
               "statuses": []})
    };
    let all = [one(1, json!(payload)), one(2, json!("")), one(3, json!({"lastgood": 7}))];
    fake.remember(json!({"deployments": all})).await;
    let shown = showcase(&fake).deployments(&production()).await.unwrap();
    let known: Vec<_> = shown.iter().map(|shown| (shown.id, shown.operation)).collect();
    assert_eq!(known, [(3, None), (2, None), (1, Some(operation()))]);
}

#[tokio::test]
async fn a_commit_that_github_does_not_have_is_told() {
    let fake = Fake::start();
    fake.remember(json!({"unknown_commits": ["b".repeat(40)]})).await;
    let made = showcase(&fake).make(&production(), &display(Showing::InProgress)).await;
    let error = made.unwrap_err();
    assert_eq!(error.kind(), Whose::Failed);
    assert!(error.causes()[0].contains("422"), "{:?}", error.causes());
}
