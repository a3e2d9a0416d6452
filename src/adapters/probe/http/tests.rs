//! The probe, against real servers.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::adapters::probe::web::{Say, Server, request};
use crate::adapters::testbed::SHORT;
use crate::domain::check::Answered;
use crate::domain::names::Commit;
use crate::domain::verdict::Outcome;

use super::*;

mod asserted;
mod hostile;
mod proxied;
mod secure;
mod vectors;

/// The time of what comes to its end.
const PATIENCE: Duration = Duration::from_secs(60);

impl Server {
    /// Asks with settings in JSON, without the address.
    async fn measure(&self, settings: &str, expected: Option<&Version>) -> Measurement {
        let mut settings: serde_json::Value = serde_json::from_str(settings).unwrap();
        let url = format!("http://127.0.0.1:{}/", self.port);
        settings.as_object_mut().unwrap().entry("url").or_insert(url.into());
        probe(settings).measure(expected, PATIENCE).await
    }
}

fn probe(settings: serde_json::Value) -> HttpProbe {
    let settings: Settings = serde_json::from_value(settings).unwrap();
    assert_eq!(settings.mistakes(), [""; 0]);
    connect(settings, Path::new("/")).unwrap()
}

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut head = vec![format!("HTTP/1.1 {status} Word")];
    head.extend(headers.iter().map(|(name, value)| format!("{name}: {value}")));
    head.push(format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    head.join("\r\n").into_bytes()
}

fn ok(body: &str) -> Vec<u8> {
    answer(200, &[], body)
}

fn redirect(status: u16, to: &str) -> Vec<u8> {
    answer(status, &[("Location", to)], "")
}

/// Asks a server that always answers so; returns the outcome and the message.
async fn asked(answer: Vec<u8>, settings: &str) -> (Outcome, String) {
    let measurement = Server::always(answer).await.measure(settings, None).await;
    (measurement.outcome, measurement.message)
}

fn fail(message: &str) -> (Outcome, String) {
    (Outcome::Fail, message.to_owned())
}

#[tokio::test]
async fn a_status_of_two_hundred_and_something_is_healthy() {
    let (outcome, message) = asked(answer(204, &[], ""), "{}").await;
    assert_eq!(outcome, Outcome::Pass);
    assert!(message.starts_with("status 204 in "), "{message}");
    assert_eq!(asked(answer(304, &[], ""), "{}").await, fail("status 304, not 2xx"));
}

#[tokio::test]
async fn the_statuses_given_are_the_healthy_ones() {
    let settings = r#"{"status": [200, "3xx"], "follow_redirects": false}"#;
    assert_eq!(asked(answer(302, &[("Location", "/")], ""), settings).await.0, Outcome::Pass);
    let server = Server::always(answer(503, &[], "")).await;
    let measurement = server.measure(settings, None).await;
    assert_eq!(measurement.message, "status 503, not 200, 3xx");
    assert_eq!(measurement.value.as_deref(), Some("503"));
    assert_eq!(measurement.limit.as_deref(), Some("200, 3xx"));
}

#[tokio::test]
async fn redirects_are_followed_to_the_answer_that_is_judged() {
    let server = Server::new([
        ("/", redirect(302, "/a")),
        ("/a", redirect(307, "b?x=1")),
        ("/b", ok("")),
        ("/loop", redirect(301, "/loop")),
        ("/odd", redirect(302, "ftp://other.example/")),
    ])
    .await;
    let measurement = server.measure("{}", None).await;
    assert!(measurement.message.starts_with("status 200 after 2 redirects in "));
    let of = |path: &str, most: &str| {
        let url = format!("http://127.0.0.1:{}{path}", server.port);
        format!(r#"{{"url": "{url}", "follow_redirects": {most}}}"#)
    };
    assert_eq!(server.measure(&of("/loop", "true"), None).await.message, "more than 10 redirects");
    assert_eq!(server.measure(&of("/", "1"), None).await.message, "more than 1 redirects");
    assert_eq!(server.measure(&of("/", "2"), None).await.outcome, Outcome::Pass);
    assert_eq!(server.measure(&of("/", "0"), None).await.message, "status 302, not 2xx");
    let odd = server.measure(&of("/odd", "true"), None).await;
    assert_eq!(odd.message, "it redirects to what is no address");
}

#[tokio::test]
async fn a_cookie_that_is_set_on_the_way_is_brought_along() {
    let set = answer(302, &[("Location", "/b"), ("Set-Cookie", "id=7; Path=/")], "");
    let server = Server::new([("/", set), ("/b", ok(""))]).await;
    for _ in 0..2 {
        assert_eq!(server.measure("{}", None).await.outcome, Outcome::Pass);
        let [first, second]: [String; 2] = server.asked().try_into().unwrap();
        assert!(
            second.contains("cookie: id=7\r\n") && !first.contains("cookie"),
            "{first}{second}"
        );
    }
}

#[tokio::test]
async fn our_headers_do_not_follow_a_redirect_to_another_host() {
    let other = Server::always(ok("")).await;
    let elsewhere = format!("http://127.0.0.1:{}/b", other.port);
    let server = Server::new([("/", redirect(302, "/a")), ("/a", redirect(302, &elsewhere))]).await;
    let settings =
        r#"{"bearer": "hunter2", "headers": {"X-Key": "hunter3"}, "method": "POST", "body": "b"}"#;
    assert_eq!(server.measure(settings, None).await.outcome, Outcome::Pass);
    let [first, second]: [String; 2] = server.asked().try_into().unwrap();
    assert!(first.starts_with("POST / ") && first.ends_with("\r\n\r\nb"), "{first}");
    assert!(second.starts_with("GET /a ") && second.contains("authorization: Bearer hunter2"));
    let last = other.asked().remove(0);
    assert!(last.starts_with("GET /b ") && !last.contains("hunter"), "{last}");
}

#[tokio::test]
async fn what_is_to_be_sent_is_sent() {
    let server = Server::always(ok("")).await;
    let settings = r#"{"method": "PUT", "body": "hello", "headers": {"X-A": "1"}, "basic": {"user": "me", "password": "pw"}}"#;
    server.measure(settings, None).await;
    let asked = server.asked().remove(0);
    assert!(asked.starts_with("PUT / HTTP/1.1\r\n"), "{asked}");
    for part in ["x-a: 1\r\n", "authorization: Basic bWU6cHc=\r\n", "\r\n\r\nhello"] {
        assert!(asked.contains(part), "{part} in {asked}");
    }
    let agent = format!("user-agent: lastgood/{}\r\n", env!("CARGO_PKG_VERSION"));
    assert!(asked.contains(&agent), "{asked}");
}

#[tokio::test]
async fn secrets_can_lie_in_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "hunter2\n").unwrap();
    let server = Server::always(ok("")).await;
    let settings = serde_json::json!({ "bearer_file": file });
    server.measure(&settings.to_string(), None).await;
    assert!(server.asked()[0].contains("authorization: Bearer hunter2\r\n"));
    let settings = serde_json::json!({ "url": "x", "bearer_file": folder.path().join("none") });
    let settings = serde_json::from_value(settings).unwrap();
    let error = connect(settings, Path::new("/")).unwrap_err();
    assert!(error.message().starts_with("could not read the secret in `"), "{error}");
}

#[tokio::test]
async fn every_body_pattern_must_match_and_none_of_the_others() {
    let settings = r#"{"body_matches": ["up", "v[0-9]"], "body_lacks": ["error", "down"]}"#;
    assert_eq!(asked(ok("v1 is up"), settings).await.0, Outcome::Pass);
    let message = "the body does not match `v[0-9]`; the body matches `error`";
    assert_eq!(asked(ok("up with an error"), settings).await, fail(message));
}

#[tokio::test]
async fn headers_must_match_or_lack() {
    let settings = r#"{"header_matches": {"Set-Cookie": "^b="}, "header_lacks": {"X-Down": "."}}"#;
    let two = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")];
    assert_eq!(asked(answer(200, &two, ""), settings).await.0, Outcome::Pass);
    let down = [("Set-Cookie", "a=1"), ("X-Down", "yes")];
    let message = "the header `set-cookie` does not match `^b=`; the header `x-down` matches `.`";
    assert_eq!(asked(answer(200, &down, ""), settings).await, fail(message));
    assert_eq!(asked(ok(""), settings).await, fail("the header `set-cookie` is missing"));
}

#[tokio::test]
async fn values_in_json_are_compared() {
    let settings = r#"{"json": {".status": "up", ".queue[0].depth": 1, ".ok": true}}"#;
    let good = r#"{"status": "up", "queue": [{"depth": 1.0}], "ok": true}"#;
    assert_eq!(asked(ok(good), settings).await.0, Outcome::Pass);
    let bad = r#"{"status": "down", "queue": [], "ok": true}"#;
    let message = "`.queue[0].depth` is missing; `.status` is `down`, not `up`";
    let server = Server::always(ok(bad)).await;
    let measurement = server.measure(settings, None).await;
    assert_eq!(measurement.message, message);
    assert_eq!(
        measurement.value.as_deref().zip(measurement.limit.as_deref()),
        Some(("down", "up"))
    );
    assert_eq!(asked(ok("<html>"), settings).await, fail("the body is not JSON"));
}

fn two() -> Version {
    Version::named("2.0").at(Commit::new("ab".repeat(20)).unwrap())
}

#[tokio::test]
async fn the_version_that_answers_must_be_the_one_under_test() {
    let cases = [
        (r#"{"json": ".version"}"#, r#"{"version": "2.0"}"#, Answered::Expected),
        (r#"{"json": ".version"}"#, r#"{"version": "abababab"}"#, Answered::Expected),
        (r#"{"json": ".version"}"#, r#"{"version": 1}"#, Answered::Other("1".into())),
        (r#"{"json": ".version"}"#, "{}", Answered::Unknown),
        (r#"{"regexp": "v(\\S+)"}"#, "this is v2.0 here", Answered::Expected),
        (r#"{"regexp": "v(\\S+)"}"#, "this is v1.9 here", Answered::Other("1.9".into())),
        (r#"{"header": "X-Version"}"#, "", Answered::Expected),
    ];
    for (place, body, answered) in cases {
        let server = Server::always(answer(200, &[("x-version", "2.0")], body)).await;
        let settings = format!(r#"{{"expect_version": {place}}}"#);
        let measurement = server.measure(&settings, Some(&two())).await;
        assert_eq!(measurement.answered, answered, "{place} {body}");
        let healthy = answered == Answered::Expected;
        assert_eq!(measurement.outcome == Outcome::Pass, healthy, "{place} {body}");
    }
}

#[tokio::test]
async fn a_wrong_version_is_told_first_and_a_sick_answer_still_says_who_gave_it() {
    let settings = r#"{"expect_version": {"header": "X-Version"}}"#;
    let other = Server::always(answer(500, &[("X-Version", "1.0")], "")).await;
    let measurement = other.measure(settings, Some(&two())).await;
    let message = "version `1.0` answered, `2.0` was expected; status 500, not 2xx";
    assert_eq!(measurement.message, message);
    let sick = Server::always(answer(500, &[("X-Version", "2.0")], "")).await;
    let measurement = sick.measure(settings, Some(&two())).await;
    assert_eq!((measurement.outcome, measurement.answered), (Outcome::Fail, Answered::Expected));
    assert_eq!(sick.measure(settings, None).await.answered, Answered::Unknown);
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_a_fail() {
    let server = Server::always(ok("")).await;
    let measurement = server.measure(r#"{"max_duration": "0s"}"#, None).await;
    assert!(measurement.message.contains("more than `0s`"), "{}", measurement.message);
    assert_eq!(server.measure(r#"{"max_duration": "1m"}"#, None).await.outcome, Outcome::Pass);
}

#[tokio::test]
async fn a_body_above_the_limit_is_a_fail_where_it_is_judged() {
    let long = "x".repeat(200);
    let limited = r#"{"max_bytes": 100}"#;
    assert_eq!(asked(ok(&long), limited).await, fail("the body has more than 100 bytes"));
    assert_eq!(asked(ok(&long[..100]), limited).await.0, Outcome::Pass);
}

/// An answer whose body never ends, and the count of bytes that were taken of it.
async fn endless() -> (u16, Arc<Mutex<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let taken = Arc::new(Mutex::new(0));
    let count = taken.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            request(&mut stream).await;
            let head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
            stream.write_all(head).await.unwrap();
            let piece = [b'x'; 8192];
            while stream.write_all(&piece).await.is_ok() {
                *count.lock().unwrap() += piece.len();
            }
        }
    });
    (port, taken)
}

#[tokio::test]
async fn an_endless_body_is_not_read_for_ever() {
    let (port, taken) = endless().await;
    let url = format!("http://127.0.0.1:{port}/");
    let plain = probe(serde_json::json!({ "url": url }));
    assert_eq!(plain.measure(None, Duration::from_secs(5)).await.outcome, Outcome::Pass);
    let judged = probe(serde_json::json!({ "url": url, "body_lacks": ["error"] }));
    let measurement = judged.measure(None, Duration::from_secs(5)).await;
    assert_eq!(measurement.message, "the body has more than 1048576 bytes");
    let most = 64 * 1024 * 1024;
    assert!(*taken.lock().unwrap() < most, "two answers and what the system buffers");
}

#[tokio::test]
async fn a_refused_connection_is_a_fail_and_nobody_answered() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let url = format!("http://user:hunter2@127.0.0.1:{port}/health?key=hunter2");
    let measurement =
        probe(serde_json::json!({ "url": url })).measure(None, Duration::from_secs(2)).await;
    assert_eq!((measurement.outcome, measurement.answered), (Outcome::Fail, Answered::Nobody));
    let start = format!("`http://127.0.0.1:{port}/health` could not be reached: ");
    assert!(measurement.message.starts_with(&start), "{}", measurement.message);
    assert!(!measurement.message.contains("hunter2"));
    assert!(measurement.message.to_lowercase().contains("refused"), "{}", measurement.message);
}

#[tokio::test]
async fn silence_is_a_fail_after_the_timeout() {
    let server = Server::always(Say::Nothing).await;
    let url = format!("http://127.0.0.1:{}/", server.port);
    let silent = probe(serde_json::json!({ "url": url }));
    let measurement = silent.measure(None, Duration::from_millis(100)).await;
    assert_eq!((measurement.outcome, measurement.answered), (Outcome::Fail, Answered::Nobody));
    assert_eq!(measurement.message, format!("`{url}` gave no answer within `100ms`"));
}

#[tokio::test]
async fn an_end_before_the_answer_is_a_fail() {
    let empty = Server::always(vec![]).await.measure("{}", None).await;
    assert_eq!((empty.outcome, empty.answered), (Outcome::Fail, Answered::Nobody));
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".to_vec();
    let half = Server::always(half).await.measure("{}", None).await;
    assert_eq!((half.outcome, half.answered), (Outcome::Fail, Answered::Unknown));
    assert!(half.message.starts_with("the answer broke off: "), "{}", half.message);
}

#[tokio::test]
async fn what_is_no_tls_is_a_fail_over_https() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(&ok("")).await.unwrap();
        request(&mut stream).await
    });
    let measurement = probe(serde_json::json!({ "url": url })).measure(None, PATIENCE).await;
    assert_eq!((measurement.outcome, measurement.answered), (Outcome::Fail, Answered::Nobody));
    let told = format!("`{url}` could not be reached: ");
    assert!(measurement.message.starts_with(&told), "{}", measurement.message);
}

#[tokio::test]
async fn every_measurement_is_a_connection_of_its_own() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let count = Arc::new(Mutex::new(0));
    let visitors = count.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            *visitors.lock().unwrap() += 1;
            tokio::spawn(async move {
                while !request(&mut stream).await.is_empty() {
                    stream.write_all(&ok("")).await.unwrap();
                }
            });
        }
    });
    let probe = probe(serde_json::json!({ "url": url }));
    for _ in 0..3 {
        assert_eq!(probe.measure(None, Duration::from_secs(2)).await.outcome, Outcome::Pass);
    }
    assert_eq!(*count.lock().unwrap(), 3);
}

#[test]
fn settings_never_show_their_secrets() {
    let settings: Settings = serde_json::from_str(
        r#"{"url": "https://me:hunter2@a.example/?k=hunter2", "headers": {"X-Key": "hunter2"},
            "bearer": "hunter2", "basic": {"user": "me", "password": "hunter2"}}"#,
    )
    .unwrap();
    let shown = format!("{settings:?}");
    assert!(shown.contains("https://a.example/") && !shown.contains("hunter2"), "{shown}");
    let probe = connect(settings, Path::new("/")).unwrap();
    assert!(!format!("{probe:?}").contains("hunter2"));
}

#[test]
fn wrong_settings_are_refused_with_what_would_be_right() {
    let refused = |json: &str| serde_json::from_str::<Settings>(json).unwrap_err().to_string();
    let cases = [
        (r#"{"url": "ftp://a"}"#, "`ftp` is no scheme of an HTTP check"),
        (r#"{"url": "http://"}"#, "this is no address: empty host"),
        (r#"{"url": "a", "status": ["6xx"]}"#, "a status such as `200`, or a class such as `2xx`"),
        (r#"{"url": "a", "status": [99]}"#, "a status such as `200`"),
        (r#"{"url": "a", "body_matches": ["("]}"#, "`(` is no regular expression"),
        (r#"{"url": "a", "headers": {"a b": ""}}"#, "`a b` is no name of a header"),
        (r#"{"url": "a", "json": {"version": 1}}"#, "write it like `.version`"),
        (r#"{"url": "a", "max_duration": "5"}"#, "write a unit, such as `5s`"),
        (r#"{"url": "a", "follow_redirects": "x"}"#, "`true`, `false` or a whole number"),
        (r#"{"url": "a", "method": "BREW"}"#, "unknown variant `BREW`"),
        (r#"{"url": "a", "tiemout": "5s"}"#, "unknown field `tiemout`"),
    ];
    for (json, expected) in cases {
        assert!(refused(json).contains(expected), "{json}: {}", refused(json));
    }
    let whole = r#"{"url": "a", "status": [], "bearer": "x", "bearer_file": "y",
        "basic": {"user": "u", "password": "x", "password_file": "y"}}"#;
    let whole: Settings = serde_json::from_str(whole).unwrap();
    assert_eq!(whole.mistakes().len(), 4);
    let fine = Settings::new(Target::try_from("a".to_owned()).unwrap());
    assert_eq!(fine.mistakes(), [""; 0]);
}

#[test]
fn the_contracts_example_is_read_and_the_schema_describes_it() {
    let json = r#"{"url": "https://shop.example/health", "status": [200], "expect_version": {"json": ".version"}}"#;
    let settings: Settings = serde_json::from_str(json).unwrap();
    assert_eq!(settings.status, [Status::Code(200)]);
    let schema = serde_json::to_value(schemars::schema_for!(Settings)).unwrap();
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["required"], serde_json::json!(["url"]));
    for (name, property) in schema["properties"].as_object().unwrap() {
        assert!(property.get("description").is_some(), "`{name}` is not described");
    }
}
