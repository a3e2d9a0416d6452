//! A thread is asked and told what comments need.

use serde_json::{Value, json};

use super::fake::Fake;
use crate::adapters::github::conversation::{Reply, Thread, connect};
use crate::adapters::github::event::{Event, read};
use crate::adapters::secret::Secret;
use crate::domain::comment::{Heard, Login};
use crate::domain::permission::{Role, Team};
use crate::error::Kind;
use crate::ports::{Conversation as _, Reaction};

fn payload() -> Value {
    json!({
        "action": "created",
        "comment": {
            "id": 42, "body": "/status production", "created_at": "2026-03-01T12:00:00Z",
            "html_url": "https://github.example/octo/shop/pull/7#issuecomment-42",
            "user": {"login": "octocat", "type": "User"}, "performed_via_github_app": null,
        },
        "issue": {"number": 7, "pull_request": {}},
        "repository": {"full_name": "Octo/Shop", "default_branch": "main"},
        "sender": {"login": "octocat", "type": "User"},
    })
}

fn heard_by(fake: &Fake) -> Heard {
    match read(Some("issue_comment"), &payload().to_string(), &fake.settings()).unwrap() {
        Event::Comment(heard) => heard,
        Event::Other(why) => panic!("{why}"),
    }
}

fn thread(fake: &Fake, reply: Reply) -> Thread {
    let github = fake.connect();
    let teams = github.with_token(Secret::new("team-token-of-tests")).unwrap();
    connect(github, Some(teams), &heard_by(fake), reply)
}

async fn with_comment() -> Fake {
    let fake = Fake::start();
    let comment = json!({"body": "/status production", "user": "octocat"});
    fake.remember(json!({"comments": {"42": comment}, "team_token": "team-token-of-tests"})).await;
    fake
}

/// Returns what programs wrote.
async fn replies(fake: &Fake) -> Vec<String> {
    let state = fake.state().await;
    let by_programs = |comment: &&Value| comment["type"] == "Bot";
    let all = state["comments"].as_object().unwrap().values().filter(by_programs);
    all.map(|comment| comment["body"].as_str().unwrap().to_owned()).collect()
}

fn octocat() -> Login {
    Login::new("octocat").unwrap()
}

#[tokio::test]
async fn only_a_persons_new_comment_is_heard() {
    let fake = Fake::start();
    let settings = fake.settings();
    let other = |name: &str, change: &dyn Fn(&mut Value)| {
        let mut payload = payload();
        change(&mut payload);
        match read(Some(name), &payload.to_string(), &settings).unwrap() {
            Event::Other(why) => why,
            Event::Comment(heard) => panic!("{heard:?}"),
        }
    };
    let set = |at: &'static str, value: Value| {
        move |payload: &mut Value| *payload.pointer_mut(at).unwrap() = value.clone()
    };
    let heard = |at, value| other("issue_comment", &set(at, value));
    assert_eq!(heard_by(&fake).thread, 7);
    assert!(heard("/action", json!("edited")).contains("not new"));
    assert!(heard("/action", json!("deleted")).contains("not new"));
    assert!(heard("/comment/user/type", json!("Bot")).contains("program"));
    assert!(heard("/comment/user/login", json!("renovate[bot]")).contains("program"));
    assert!(heard("/comment/user", Value::Null).contains("program"));
    assert!(heard("/comment/performed_via_github_app", json!({"id": 1})).contains("program"));
    let own = json!("<!-- lastgood: 41 -->\n/rollback production");
    assert!(heard("/comment/body", own).contains("own"));
    assert!(heard("/repository/full_name", json!("evil/shop")).contains("another repository"));
    assert!(other("pull_request_review_comment", &|_| ()).contains("no comment"));
    assert!(other("push", &|payload| *payload = json!({})).contains("no comment"));
}

#[test]
fn what_is_no_event_is_a_mistake_and_never_a_crash() {
    let settings = crate::adapters::github::Settings {
        api: "http://127.0.0.1:1".parse().unwrap(),
        server: "https://github.example".parse().unwrap(),
        repository: "octo/shop".to_owned(),
        default_branch: None,
        token: Secret::new("github-token-of-tests"),
    };
    for bad in ["", "{", "{\"action\":\"created\",\"comment\":{},\"issue\":{}}", "\u{0}"] {
        let error = read(Some("issue_comment"), bad, &settings).unwrap_err();
        assert_eq!(error.kind(), Kind::Invalid, "{bad}");
    }
    for odd in ["[]", "1", "null", "\"x\"", "{}"] {
        assert!(matches!(read(None, odd, &settings), Ok(Event::Other(_))), "{odd}");
    }
}

#[tokio::test]
async fn the_comment_is_read_again_and_its_absence_is_told_apart_from_a_failure() {
    let fake = with_comment().await;
    let again = thread(&fake, Reply::None).again().await.unwrap().unwrap();
    assert_eq!((again.body.as_str(), again.author), ("/status production", Some(octocat())));
    fake.remember(json!({"comments": {}})).await;
    assert_eq!(thread(&fake, Reply::None).again().await.unwrap(), None);
    fake.fail("403", "comments/42", 1).await;
    assert!(thread(&fake, Reply::None).again().await.is_err());
}

#[tokio::test]
async fn a_role_is_the_exact_one() {
    let fake = with_comment().await;
    for (word, role) in [
        ("admin", Role::Admin),
        ("maintain", Role::Maintain),
        ("write", Role::Write),
        ("triage", Role::Triage),
        ("read", Role::Read),
        ("release-manager", Role::None),
    ] {
        fake.remember(json!({"roles": {"octocat": word}})).await;
        assert_eq!(thread(&fake, Reply::None).role(&octocat()).await.unwrap(), role, "{word}");
    }
    fake.fail("403", "collaborators", 9).await;
    assert!(thread(&fake, Reply::None).role(&octocat()).await.is_err());
}

#[tokio::test]
async fn a_team_is_asked_with_its_own_token() {
    let fake = with_comment().await;
    let team = Team::read("octo/release").unwrap();
    let is_in = async || thread(&fake, Reply::None).is_in(&team, &octocat()).await;
    assert!(!is_in().await.unwrap());
    fake.remember(json!({"teams": {"octo/release": ["octocat"]}})).await;
    assert!(is_in().await.unwrap());
    fake.remember(json!({"membership": "pending"})).await;
    assert!(!is_in().await.unwrap(), "who was only invited is no member");
    fake.fail("403", "memberships", 1).await;
    assert!(is_in().await.is_err());
    let without = connect(fake.connect(), None, &heard_by(&fake), Reply::None);
    let error = without.is_in(&team, &octocat()).await.unwrap_err();
    assert_eq!(error.hints(), ["give a `team-token` that may read the organisation's members"]);
}

#[tokio::test]
async fn a_file_of_the_default_branch_is_read_byte_for_byte() {
    let fake = with_comment().await;
    let text = "version: 1\n# ä\r\n".repeat(20);
    fake.remember(json!({"files": {"deploy files/lastgood.yml": text}})).await;
    let thread = thread(&fake, Reply::None);
    let read = thread.file("deploy files/lastgood.yml").await.unwrap().unwrap();
    assert_eq!(read, text.as_bytes());
    assert_eq!(thread.file("lastgood.yml").await.unwrap(), None);
}

#[tokio::test]
async fn there_is_one_reply_and_it_is_edited() {
    let fake = with_comment().await;
    let talk = thread(&fake, Reply::None);
    talk.react(Reaction::Seen).await.unwrap();
    talk.reply("one").await.unwrap();
    talk.reply("two").await.unwrap();
    assert_eq!(replies(&fake).await, ["<!-- lastgood: 42 -->\ntwo"]);
    let eyes = json!([{"comment": 42, "content": "eyes"}]);
    assert_eq!(fake.state().await["reactions"], eyes);
    let again = thread(&fake, Reply::Perhaps);
    again.reply("three").await.unwrap();
    assert_eq!(replies(&fake).await, ["<!-- lastgood: 42 -->\nthree"]);
}

#[tokio::test]
async fn a_reply_whose_answer_was_lost_is_looked_for_before_another_is_made() {
    let fake = with_comment().await;
    let talk = thread(&fake, Reply::None);
    fake.fail("lost", "issues/7/comments", 1).await;
    talk.reply("one").await.unwrap_err();
    talk.reply("two").await.unwrap();
    assert_eq!(replies(&fake).await, ["<!-- lastgood: 42 -->\ntwo"]);
}

#[tokio::test]
async fn nobody_elses_comment_is_taken_for_the_reply() {
    let fake = with_comment().await;
    let forged = json!({"body": "<!-- lastgood: 42 -->\nall is well", "user": "mallory"});
    let own = json!({"body": "/status production", "user": "octocat"});
    fake.remember(json!({"comments": {"42": own, "43": forged}})).await;
    thread(&fake, Reply::Perhaps).reply("one").await.unwrap();
    let state = fake.state().await;
    assert_eq!(state["comments"]["43"]["body"], "<!-- lastgood: 42 -->\nall is well");
    assert_eq!(replies(&fake).await.len(), 1);
}

#[tokio::test]
async fn a_reply_that_somebody_took_away_is_made_anew() {
    let fake = with_comment().await;
    let talk = thread(&fake, Reply::Made(999));
    talk.reply("one").await.unwrap();
    assert_eq!(replies(&fake).await.len(), 1);
}

#[tokio::test]
async fn a_reply_that_is_too_long_is_cut_and_says_so() {
    let fake = with_comment().await;
    thread(&fake, Reply::None).reply(&"line of ☃\n".repeat(10_000)).await.unwrap();
    let replies = replies(&fake).await;
    assert!(replies[0].ends_with("The rest was cut: a comment holds 65,536 characters.\n"));
}
