//! Cases from the tests of `blackbox_exporter`.

use regex::Regex;
use serde_json::{Map, Value, json};

use crate::adapters::tls;
use crate::adapters::tls::tests::Authority;
use crate::domain::vectors::{Count, load, of_kind};

use super::*;

/// Reads the services of words such as `service1=SERVING, service2=NOT_SERVING`.
fn services(words: &str) -> Vec<(String, Serving)> {
    let each = Regex::new("\"?(\\w+)\"? ?= ?([A-Z_]+)").unwrap();
    let read = |found: regex::Captures<'_>| {
        let status = match &found[2] {
            "SERVING" => Serving::Serving,
            "NOT_SERVING" => Serving::NotServing,
            _ => Serving::Unknown,
        };
        (found[1].to_owned(), status)
    };
    each.captures_iter(words).map(read).collect()
}

/// Starts what a case's words mean; returns its port.
async fn server(id: &str, words: &str, before: &mut Vec<(String, Serving)>) -> u16 {
    let lacks = ["without", "unimplemented", "no health"];
    if lacks.iter().any(|word| words.to_lowercase().contains(word)) {
        return serve(with(&[("grpc-status", "12"), ("content-type", "application/grpc")])).await;
    }
    if !words.starts_with("same") {
        assert!(words.contains("health"), "{id}: `{words}` is not understood");
        *before = services(words);
    }
    let named: Vec<_> = before.iter().map(|(name, status)| (name.as_str(), *status)).collect();
    let says = of_health(&named).await;
    if !words.contains("TLS") || words.contains("plaintext") {
        return serve(says).await;
    }
    let theirs = Authority::new("theirs").sign(&["localhost"], -1, 1);
    let acceptor = theirs.speaking(&[&rustls::version::TLS12], &[b"h2"]);
    tls::tests::serve(acceptor, move |stream| super::server::talk(stream, says.clone())).await
}

/// Returns the settings that a case means.
fn ours(id: &str, theirs: &Map<String, Value>) -> Value {
    let mut ours = json!({});
    for (name, value) in theirs {
        match name.as_str() {
            "service" => ours["service"] = value.clone(),
            "metadata" => ours["metadata"] = value.clone(),
            "tls" if value == true && ours["tls"].is_null() => ours["tls"] = json!({}),
            "tls_config" => {
                ours["tls"] = json!({"insecure": value["insecure_skip_verify"] == true});
            }
            "tls" | "preferred_ip_protocol" | "ip_protocol_fallback" => {}
            other => panic!("{id}: `{other}` is not understood"),
        }
    }
    ours
}

#[tokio::test]
async fn services_are_judged_as_in_blackbox_exporters_tests() {
    let Some(file) = load("direct_probes.json") else { return };
    let all = of_kind(&file, "grpc");
    let (mut count, mut before) = (Count::default(), vec![]);
    for (id, case) in &all {
        let words = case["server"].as_str().unwrap();
        let mut json = ours(id, case["config"]["grpc"].as_object().unwrap());
        let class = case["proposed_class"].as_str().unwrap();
        if let Some(address) = words.strip_prefix("target ") {
            json["address"] = address.into();
            assert!(settings(&json.to_string()).is_err(), "{id}");
            assert_eq!(class, "config error", "{id}");
        } else {
            json["address"] = format!("localhost:{}", server(id, words, &mut before).await).into();
            let settings = settings(&json.to_string()).unwrap();
            let folder = std::path::Path::new("/");
            let client = settings.tls.as_ref().map(|tls| tls.client(folder).unwrap());
            let found = connect(settings, client).unwrap().measure(None, PATIENCE).await;
            let passed = found.outcome == Outcome::Pass;
            assert_eq!(Some(passed), case["expect_success"].as_bool(), "{id}: {}", found.message);
            assert_eq!(serde_json::to_value(found.outcome).unwrap(), class, "{id}");
        }
        count.held();
    }
    count.of("direct_probes, grpc", all.len());
}
