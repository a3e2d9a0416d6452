//! The database probe, with real databases and with servers that only pretend.

mod hostile;
mod mysql;
mod postgres;
mod redis;
mod servers;
mod sqlite;

use std::path::Path;

use crate::domain::check::Answered;
use crate::domain::facts::Facts;
use crate::domain::verdict::Outcome;

use super::*;

const PATIENCE: Duration = Duration::from_secs(20);

fn settings(json: &str) -> serde_json::Result<Settings> {
    serde_json::from_str(json)
}

fn mistakes(json: &str) -> Vec<String> {
    settings(json).unwrap().mistakes()
}

fn probe(json: &str, folder: &Path) -> DatabaseProbe {
    let around = Around {
        folder: folder.to_owned(),
        facts: Facts::default(),
        withheld: Vec::new(),
        http: &|| unreachable!("nobody here speaks HTTP"),
    };
    connect(settings(json).unwrap(), &around).unwrap()
}

async fn asked(url: &str, keys: &str) -> Measurement {
    let json = format!(r#"{{"url": "{url}"{keys}}}"#);
    probe(&json, Path::new(".")).measure(None, PATIENCE).await
}

#[track_caller]
fn assert_told(measurement: &Measurement, outcome: Outcome, told: &str) {
    assert_eq!(measurement.outcome, outcome, "{}", measurement.message);
    assert!(measurement.message.contains(told), "{}", measurement.message);
}

#[test]
fn an_address_that_cannot_be_read_is_a_mistake_that_does_not_show_it() {
    for url in [
        "",
        "db.example:5432",
        "mongodb://u:hunter2@h/x",
        "postgres:///name",
        "postgres://u:hunter2@h:99999/x",
        "postgres://u:hunter2@h:0/x",
        "redis://:hunter2@h/notanumber",
        "sqlite:",
        "sqlite://",
    ] {
        let mistakes = mistakes(&format!(r#"{{"url": "{url}"}}"#));
        assert_eq!(mistakes.len(), 1, "{url}");
        let told = "`url` is no address of a database: ";
        assert!(mistakes[0].starts_with(told) && !mistakes[0].contains("hunter2"), "{mistakes:?}");
    }
}

#[test]
fn what_does_not_go_together_is_a_mistake() {
    for (json, told) in [
        ("{}", "`url` is missing"),
        (r#"{"url": "redis://h", "url_file": "f"}"#, "`url` and `url_file` exclude each other"),
        (r#"{"url": "redis://h", "password": "a", "password_file": "f"}"#, "`password` and"),
        (r#"{"url": "redis://h", "rows": {}}"#, "`rows` has neither `min` nor `max`"),
        (r#"{"url": "redis://h", "rows": {"min": 2, "max": 1}}"#, "so it could never pass"),
    ] {
        let mistakes = mistakes(json);
        assert!(mistakes.len() == 1 && mistakes[0].contains(told), "{json}: {mistakes:?}");
    }
    let error = settings(r#"{"url": "redis://h", "success": "result <"}"#).unwrap_err();
    assert!(error.to_string().contains("this is no condition in CEL"), "{error}");
}

#[test]
fn neither_user_nor_password_is_ever_shown() {
    for (url, shown) in [
        ("postgres://app:hunter2hunter2@db.example/shop", "postgres://db.example:5432/shop"),
        ("mysql://app:hunter2hunter2@db.example:1/shop", "mysql://db.example:1/shop"),
        ("rediss://:hunter2hunter2@cache.example", "redis://cache.example:6379"),
        ("sqlite:data/app.db", "sqlite:data/app.db"),
        ("hunter2hunter2", "database"),
    ] {
        let settings = settings(&format!(r#"{{"url": "{url}"}}"#)).unwrap();
        assert_eq!(settings.subject(), Subject::shown("url", shown));
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
    let json = r#"{"url": "postgres://app:hunter2hunter2@db.example/shop"}"#;
    assert!(!format!("{:?}", probe(json, Path::new("."))).contains("hunter2"));
}

#[test]
fn parts_of_an_address_may_be_encoded() {
    let target =
        Target::read("postgres://a%40b:p%2Fw+%20@h/my%20shop?sslmode=verify-full").unwrap();
    assert!(target.wants_tls());
    let Engine::Postgres(place) = &target.engine else { unreachable!() };
    assert_eq!(place.user.as_deref(), Some("a@b"));
    assert_eq!(place.password.as_ref().unwrap().reveal(), "p/w+ ");
    assert_eq!(place.database.as_deref(), Some("my shop"));
    assert!(!Target::read("postgres://h/x?sslmode=prefer").unwrap().wants_tls());
}

#[tokio::test]
async fn a_database_that_is_not_there_is_a_fail_and_nobody_answered() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    for scheme in ["postgres", "redis"] {
        let measurement = asked(&format!("{scheme}://u@127.0.0.1:{port}"), "").await;
        assert_told(&measurement, Outcome::Fail, "could not be reached: ");
        assert_eq!(measurement.answered, Answered::Nobody);
    }
}

#[test]
fn secrets_may_lie_in_files() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("url"), "postgres://app@db/shop\n").unwrap();
    std::fs::write(folder.path().join("password"), "hunter2hunter2\n").unwrap();
    let probe = probe(r#"{"url_file": "url", "password_file": "password"}"#, folder.path());
    assert_eq!(probe.target.password().unwrap().reveal(), "hunter2hunter2");
    assert_eq!(probe.target.to_string(), "postgres://db:5432/shop");
}
