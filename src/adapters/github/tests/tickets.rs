//! One issue, found again and believed only where it is ours.

use serde_json::{Value, json};

use super::fake::Fake;
use crate::domain::names::Environment;
use crate::domain::ticket::{TicketText, mark};
use crate::ports::Tickets as _;

fn production() -> Environment {
    Environment::new("production").unwrap()
}

fn text(body: &str) -> TicketText {
    TicketText {
        title: "production stays sick".into(),
        body: format!("{}\n{body}", mark(&production())),
        farewell: "production is well again".into(),
    }
}

#[tokio::test]
async fn an_issue_is_opened_found_again_rewritten_and_closed() {
    let fake = Fake::start();
    let github = fake.connect();
    assert_eq!(github.find(&production()).await.unwrap(), None);
    github.open(&text("one")).await.unwrap();
    let number = github.find(&production()).await.unwrap().unwrap();
    assert_eq!(github.find(&Environment::new("staging").unwrap()).await.unwrap(), None);
    github.rewrite(number, &text("two")).await.unwrap();
    let issue = fake.state().await["issues"][0].clone();
    assert_eq!(
        (&issue["title"], &issue["labels"][0]["name"]),
        (&json!("production stays sick"), &json!("lastgood"))
    );
    assert!(issue["body"].as_str().unwrap().ends_with("two"));
    github.close(number, &text("three")).await.unwrap();
    assert_eq!(fake.state().await["issues"][0]["state"], "closed");
    assert_eq!(github.find(&production()).await.unwrap(), None);
    let said = fake.sent().await;
    let said: Vec<&Value> =
        said.iter().filter(|one| one["path"].as_str().unwrap().ends_with("comments")).collect();
    assert_eq!(said[0]["body"], json!({"body": "production is well again"}));
}

#[tokio::test]
async fn an_issue_that_a_stranger_marked_is_not_ours() {
    let marked = text("pwned").body;
    let one = |number: u64, kind: &str, label: bool, pull: bool| {
        let labels = if label { json!([{"name": "lastgood"}]) } else { json!([]) };
        let mut issue = json!({"number": number, "state": "open", "body": marked, "labels": labels,
                               "user": {"login": "x", "type": kind}});
        if pull {
            issue["pull_request"] = json!({"url": "x"});
        }
        issue
    };
    for (issue, found) in [
        (one(1, "User", false, false), None),
        (one(2, "User", true, false), Some(2)),
        (one(3, "Bot", false, false), Some(3)),
        (one(4, "Bot", true, true), None),
    ] {
        let fake = Fake::start();
        fake.remember(json!({"issues": [issue]})).await;
        assert_eq!(fake.connect().find(&production()).await.unwrap(), found);
    }
}
