//! Cases from the tests of `blackbox_exporter`.

use serde_json::{Map, Value, json};

use super::*;
use crate::domain::vectors::{Count, load, of_kind};

fn leaked(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

/// Reads what a server does from words such as `upgrade; sends "a"; reads one message (must be "b")`.
fn script(id: &str, words: &str) -> Vec<Does> {
    let steps = words.split(';').map(str::trim).filter(|step| !step.is_empty());
    let steps = steps.filter_map(|step| {
        let said = step.split('"').nth(1).map(leaked);
        match (step, said) {
            (step, Some(text)) if step.starts_with("sends") => Some(Does::Say(text)),
            (step, Some(text)) if step.starts_with("reads") => Some(Does::Hear(text)),
            (step, None) if step.contains("close") => Some(Does::Drop),
            // What is left without words to say or hear is how it is reached.
            (_, None) => None,
            (step, Some(_)) => panic!("{id}: `{step}` is not understood"),
        }
    });
    steps.collect()
}

/// Returns the settings that a case means.
fn ours(id: &str, theirs: &Map<String, Value>) -> Value {
    let mut ours = json!({});
    for (name, value) in theirs {
        let (name, value) = match name.as_str() {
            "query_response" => ("dialogue", value.clone()),
            "bearer_token" => ("bearer", value.clone()),
            "authorization" => ("bearer", value["credentials"].clone()),
            "headers" | "http_headers" => ("headers", value.clone()),
            "basic_auth" => {
                ("basic", json!({"user": value["username"], "password": value["password"]}))
            }
            "tls_config" => ("tls", json!({"insecure": value["insecure_skip_verify"] == true})),
            "insecure_skip_verify" => ("tls", json!({ "insecure": value })),
            "http_config" | "http_client_config" => {
                let inner = self::ours(id, value.as_object().unwrap());
                ours.as_object_mut().unwrap().extend(inner.as_object().unwrap().clone());
                continue;
            }
            other => panic!("{id}: `{other}` is not understood"),
        };
        ours[name] = value;
    }
    ours
}

#[tokio::test]
async fn messages_are_judged_as_in_blackbox_exporters_tests() {
    let Some(file) = load("direct_probes.json") else { return };
    let all = of_kind(&file, "websocket");
    let (mut count, mut before) = (Count::default(), vec![]);
    for (id, case) in &all {
        let words = case["server"].as_str().unwrap();
        let mut steps = script(id, words);
        if words.starts_with("same") {
            steps = [before.clone(), steps].concat();
        }
        before.clone_from(&steps);
        let over_tls = ["TLS", "wss", "HTTPS"].iter().any(|word| words.contains(word));
        let mut settings = ours(id, case["config"]["websocket"].as_object().unwrap());
        settings["url"] = if over_tls {
            format!("wss://localhost:{}", secure(&Authority::new("theirs"), &steps).await)
        } else {
            format!("ws://127.0.0.1:{}", serve(Upgrade::Plain, &steps).await.0)
        }
        .into();
        let probe = connect(super::settings(settings).unwrap(), Path::new("/")).unwrap();
        let found = probe.measure(None, PATIENCE).await;
        let metrics = &case["expect_metrics"];
        let status = metrics["probe_websocket_status_code"].as_u64().map(|code| code.to_string());
        let silent = metrics["probe_websocket_failed_due_to_regex"] == 1;
        let success = case["expect_success"].as_bool().unwrap();
        assert_eq!(found.outcome == Outcome::Pass, success && !silent, "{id}: {}", found.message);
        if found.outcome == Outcome::Pass {
            assert_eq!(found.value, status, "{id}");
        }
        if success && silent {
            count.departed(id, "a dialogue that does not come about is a fail");
        } else {
            count.held();
        }
    }
    count.of("direct_probes, websocket", all.len());
}
