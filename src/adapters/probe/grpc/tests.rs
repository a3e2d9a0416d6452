//! The gRPC probe, with real servers of health and with others.

mod hostile;
mod server;
mod tls;
mod vectors;

use crate::domain::check::Answered;
use crate::domain::verdict::Outcome;

use super::*;
use server::{Serving, of_health, serve, with};

const PATIENCE: Duration = Duration::from_secs(5);

fn settings(json: &str) -> serde_json::Result<Settings> {
    serde_json::from_str(json)
}

fn probe(port: u16, keys: &str) -> GrpcProbe {
    let json = format!(r#"{{"address": "127.0.0.1:{port}"{keys}}}"#);
    connect(settings(&json).unwrap(), None).unwrap()
}

async fn asked(port: u16, keys: &str) -> Measurement {
    probe(port, keys).measure(None, PATIENCE).await
}

#[tokio::test]
async fn a_service_is_healthy_only_where_it_says_that_it_serves() {
    let services =
        [("shop", Serving::Serving), ("till", Serving::NotServing), ("bell", Serving::Unknown)];
    let port = serve(of_health(&services).await).await;
    for (keys, outcome, told) in [
        ("", Outcome::Pass, "SERVING in "),
        (r#", "service": "shop""#, Outcome::Pass, "SERVING in "),
        (r#", "service": "till""#, Outcome::Fail, "answered NOT_SERVING"),
        (r#", "service": "bell""#, Outcome::Fail, "answered UNKNOWN"),
        (r#", "service": "nobody""#, Outcome::Fail, "is not known there: service not registered"),
    ] {
        let measurement = asked(port, keys).await;
        assert_eq!(measurement.outcome, outcome, "{keys}: {}", measurement.message);
        assert!(measurement.message.contains(told), "{keys}: {}", measurement.message);
        assert_eq!(measurement.limit.as_deref(), Some("SERVING"));
        assert_eq!(measurement.answered, Answered::Unknown);
    }
    let till = asked(port, r#", "service": "till""#).await;
    assert_eq!(till.message, format!("`till` at `127.0.0.1:{port}` answered NOT_SERVING"));
    assert_eq!(till.value.as_deref(), Some("NOT_SERVING"));
}

#[tokio::test]
async fn a_server_that_does_not_speak_the_health_protocol_is_told_so() {
    let trailers_only =
        serve(with(&[("grpc-status", "12"), ("content-type", "application/grpc")])).await;
    let page = serve(with(&[(":status", "404"), ("content-type", "text/html")])).await;
    for port in [trailers_only, page] {
        let measurement = asked(port, "").await;
        assert_eq!(measurement.outcome, Outcome::Fail);
        let told = "does not speak the health protocol";
        assert!(measurement.message.contains(told), "{}", measurement.message);
    }
}

#[tokio::test]
async fn a_refusal_is_told_with_its_code_and_its_words() {
    for (status, told) in
        [("16", "answered Unauthenticated: who are you"), ("13", "answered Internal: who")]
    {
        let headers = [
            ("grpc-status", status),
            ("grpc-message", "who are you"),
            ("content-type", "application/grpc"),
        ];
        let measurement = asked(serve(with(&headers)).await, "").await;
        assert_eq!(measurement.outcome, Outcome::Fail);
        assert!(measurement.message.contains(told), "{}", measurement.message);
    }
}

#[tokio::test]
async fn metadata_and_the_deadline_reach_the_server() {
    let (port, seen) = server::listening(with(&[("grpc-status", "0")])).await;
    let keys = r#", "metadata": {"Authorization": "Bearer hunter2hunter2"}"#;
    let probe = probe(port, keys);
    assert!(!format!("{probe:?}").contains("hunter2"), "{probe:?}");
    probe.measure(None, PATIENCE).await;
    let heard = seen.lock().unwrap().clone().unwrap();
    assert_eq!(heard["authorization"], "Bearer hunter2hunter2");
    assert_eq!(heard["grpc-timeout"], "5000000u");
}

#[tokio::test]
async fn the_version_that_answered_is_read_from_its_metadata() {
    let serving =
        with(&[("grpc-status", "0"), ("content-type", "application/grpc"), ("x-version", "1.0")]);
    let port = serve(serving.saying(&[0, 0, 0, 0, 2, 8, 1])).await;
    let probe = probe(port, r#", "expect_version": {"metadata": "X-Version"}"#);
    let expected = probe.measure(Some(&Version::named("1.0")), PATIENCE).await;
    assert_eq!((expected.outcome, expected.answered), (Outcome::Pass, Answered::Expected));
    let other = probe.measure(Some(&Version::named("2.0")), PATIENCE).await;
    assert_eq!(other.answered, Answered::Other("1.0".to_owned()));
    assert_eq!(other.message, "version `1.0` answered, `2.0` was expected");
    let unasked = probe.measure(None, PATIENCE).await;
    assert_eq!((unasked.outcome, unasked.answered), (Outcome::Pass, Answered::Unknown));
}

#[tokio::test]
async fn each_measurement_is_a_connection_of_its_own() {
    let port = serve(of_health(&[]).await).await;
    let probe = probe(port, "");
    assert_eq!(probe.measure(None, PATIENCE).await.outcome, Outcome::Pass);
    assert_eq!(probe.measure(None, PATIENCE).await.outcome, Outcome::Pass);
}

#[test]
fn what_cannot_be_asked_is_a_mistake_when_it_is_read() {
    for (json, told) in [
        (r#"{"address": "localhost:0"}"#, "`localhost:0` is no host and port"),
        (r#"{"address": "localhost"}"#, "`localhost` is no host and port"),
        (r#"{"address": "a:1", "metadata": {"x-bin": "a"}}"#, "`x-bin` is no name of metadata"),
        (r#"{"address": "a:1", "metadata": {"grpc-status": "0"}}"#, "is no name of metadata"),
        (r#"{"address": "a:1", "metadata": {"a b": "0"}}"#, "is no name of metadata"),
        (r#"{"address": "a:1", "tls": true}"#, "invalid type: boolean `true`"),
        (r#"{"address": "a:1", "servce": ""}"#, "unknown field `servce`"),
    ] {
        let error = settings(json).unwrap_err().to_string();
        assert!(error.contains(told), "{json}: {error}");
    }
    for (json, told) in [
        (r#"{"address": "a b:1"}"#, "`a b:1` is no host and port that can be asked"),
        (r#"{"address": "a:1", "metadata": {"a": "hunter\n2"}}"#, "the value of the metadata `a`"),
    ] {
        let mistakes = settings(json).unwrap().mistakes();
        assert!(mistakes.len() == 1 && mistakes[0].starts_with(told), "{json}: {mistakes:?}");
    }
}
