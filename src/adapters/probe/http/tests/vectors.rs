//! Cases from the tests of `blackbox_exporter`, where lastgood has such a setting.

use serde_json::{Map, Value, json};

use super::*;
use crate::domain::vectors;

/// Returns what a case's server answers; none where its words are not those of a plain answer.
fn server(words: &str) -> Option<Vec<u8>> {
    if let Some(rest) = words.strip_prefix("any request -> ") {
        let status = rest.strip_suffix(", empty body")?.parse().ok()?;
        return Some(answer(status, &[], ""));
    }
    if let Some(body) = words.strip_prefix("200, body ") {
        let body = body.strip_prefix('\'').and_then(|body| body.strip_suffix('\''));
        return Some(ok(body?));
    }
    let headers = words.strip_prefix("200, header(s) ")?;
    if headers.ends_with("NOT explicitly set by handler") {
        return Some(ok(""));
    }
    let headers: Option<Vec<_>> =
        headers.strip_suffix('\'')?.split("', ").map(|header| header.split_once(": '")).collect();
    Some(answer(200, &headers?, ""))
}

/// Returns the settings that a case means; none where lastgood has no such setting.
fn settings(config: &Map<String, Value>) -> Option<Value> {
    let mut settings = json!({});
    for (name, value) in config {
        let (name, value) = match name.as_str() {
            "valid_status_codes" if value == &json!([]) => continue,
            "valid_status_codes" => ("status", value.clone()),
            "fail_if_body_matches_regexp" => ("body_lacks", value.clone()),
            "fail_if_body_not_matches_regexp" => ("body_matches", value.clone()),
            "fail_if_header_matches" => ("header_lacks", header(value, true)?),
            "fail_if_header_not_matches" => ("header_matches", header(value, false)?),
            _ => return None,
        };
        settings[name] = value;
    }
    Some(settings)
}

/// A missing header is wrong where it must match, and right where it must not.
fn header(matchers: &Value, allow_missing: bool) -> Option<Value> {
    let [matcher] = matchers.as_array()?.as_slice() else { return None };
    if matcher["allow_missing"] != allow_missing && matcher["regexp"] == ".*" {
        return None;
    }
    Some(json!({ matcher["header"].as_str()?: matcher["regexp"] }))
}

#[tokio::test]
async fn answers_are_judged_as_in_blackbox_exporters_tests() {
    let Some(file) = vectors::load("direct_probes.json") else { return };
    let mut held = 0;
    for (id, case) in vectors::cases(&file, "cases") {
        let config = case["config"]["http"].as_object();
        let meant = config.and_then(settings).zip(server(case["server"].as_str().unwrap()));
        let Some((settings, answer)) = meant.filter(|_| id.starts_with("HTTP-")) else { continue };
        let measurement = Server::always(answer).await.measure(&settings.to_string(), None).await;
        let passed = measurement.outcome == Outcome::Pass;
        assert_eq!(Some(passed), case["expect_success"].as_bool(), "{id}: {}", measurement.message);
        held += 1;
    }
    println!("held: {held} cases");
    assert!(held > 0);
}
