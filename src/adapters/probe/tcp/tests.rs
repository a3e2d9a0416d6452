//! The TCP probe, with real listeners.

use tokio::net::TcpListener;

use crate::domain::check::Answered;
use crate::domain::verdict::Outcome;

use super::*;

/// What a server does with its one visitor.
enum Say {
    Line(&'static str),
    Hear(&'static str),
    Stay,
}

async fn served(dialogue: &'static [Say], json: &str) -> Measurement {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        for say in dialogue {
            match say {
                Say::Line(text) => stream.write_all(text.as_bytes()).await.unwrap(),
                Say::Hear(text) => {
                    let mut heard = vec![0; text.len()];
                    stream.read_exact(&mut heard).await.unwrap();
                    assert_eq!(heard, text.as_bytes());
                }
                Say::Stay => std::future::pending().await,
            }
        }
    });
    let measurement = probe(port, json).measure(None, Duration::from_millis(500)).await;
    serving.abort();
    measurement
}

fn probe(port: u16, dialogue: &str) -> TcpProbe {
    let json = format!(r#"{{"address": "127.0.0.1:{port}", "dialogue": {dialogue}}}"#);
    connect(serde_json::from_str(&json).unwrap())
}

const IRC: &str = r#"[{"send": "NICK prober\n"}, {"expect": "(?m)^:[^ ]+ 001"}]"#;
const NOTICE: &str = ":ircd.localhost NOTICE AUTH :*** Looking up your hostname...\n";

#[tokio::test]
async fn being_let_in_is_enough_without_a_dialogue() {
    let measurement = served(&[], "[]").await;
    assert_eq!(measurement.outcome, Outcome::Pass);
    assert!(measurement.message.starts_with("connected in "), "{}", measurement.message);
}

#[tokio::test]
async fn a_dialogue_is_held_in_order() {
    let says = &[
        Say::Line(NOTICE),
        Say::Hear("NICK prober\n"),
        Say::Line(":ircd.localhost 001 prober :Hi\n"),
    ];
    let measurement = served(says, IRC).await;
    assert_eq!(measurement.outcome, Outcome::Pass, "{}", measurement.message);
}

#[tokio::test]
async fn what_comes_before_a_match_is_not_looked_at_again() {
    let twice = r#"[{"expect": "ready"}, {"expect": "ready"}]"#;
    assert_eq!(served(&[Say::Line("ready")], twice).await.outcome, Outcome::Fail);
    assert_eq!(served(&[Say::Line("ready ready")], twice).await.outcome, Outcome::Pass);
}

#[tokio::test]
async fn an_end_without_the_expected_words_is_a_fail() {
    let measurement = served(&[Say::Line("ERROR :blacklisted")], r#"[{"expect": " 001"}]"#).await;
    assert_eq!((measurement.outcome, measurement.answered), (Outcome::Fail, Answered::Unknown));
    assert!(measurement.message.ends_with("closed and did not say ` 001`"));
}

#[tokio::test]
async fn a_server_that_says_nothing_is_not_reached() {
    let measurement = served(&[Say::Stay], r#"[{"expect": "hello"}]"#).await;
    assert_eq!((measurement.outcome, measurement.answered), (Outcome::Fail, Answered::Nobody));
    assert!(measurement.message.ends_with("gave no answer within `500ms`"));
}

#[tokio::test]
async fn a_server_that_never_stops_talking_is_not_listened_to_for_ever() {
    static FLOOD: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| "x".repeat(HEARD + 1));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        while stream.write_all(FLOOD.as_bytes()).await.is_ok() {}
    });
    let probe = probe(port, r#"[{"expect": "y"}]"#);
    let measurement = probe.measure(None, Duration::from_secs(5)).await;
    serving.abort();
    assert!(measurement.message.contains("said more than 65536 bytes"), "{}", measurement.message);
}

#[tokio::test]
async fn a_closed_port_is_a_fail_and_nobody_answered() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let measurement = probe(port, "[]").measure(None, Duration::from_secs(5)).await;
    assert_eq!((measurement.outcome, measurement.answered), (Outcome::Fail, Answered::Nobody));
    assert!(measurement.message.contains("could not be reached"), "{}", measurement.message);
}

#[test]
fn an_address_is_a_host_and_a_port() {
    for good in ["db.example:5432", "[::1]:1", "10.0.0.1:65535"] {
        assert!(Address::try_from(good.to_owned()).is_ok(), "{good}");
    }
    for bad in ["", "db", "db:", ":80", "::1", "db:0", "db:65536", "db:x"] {
        let error = Address::try_from(bad.to_owned()).unwrap_err();
        assert!(error.ends_with("write it like `db.example:5432`"), "{bad}: {error}");
    }
}
