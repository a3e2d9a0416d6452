//! Configurations that other projects' tests refuse.

use serde_json::Value;

use super::{loaded, report};
use crate::domain::vectors::{Count, cases, is_misconfigured, load, of_kind};

/// Their keys of a metric, and ours of a check.
const KEYS: [(&str, &str); 7] = [
    ("count", "count"),
    ("failureLimit", "failure_limit"),
    ("inconclusiveLimit", "inconclusive_limit"),
    ("consecutiveErrorLimit", "error_limit"),
    ("consecutiveSuccessLimit", "success_streak"),
    ("interval", "interval"),
    ("initialDelay", "initial_delay"),
];

fn file(checks: &str) -> String {
    format!("version: 1\nenvironments:\n  production:\n    verify:\n      checks: [{checks}]\n")
}

/// Returns the words of a specification, each with its value.
fn words(spec: &str) -> Vec<(&str, &str)> {
    let parts = spec.split(", ").flat_map(|part| part.split(" and "));
    parts.map(|part| part.split_once(' ').unwrap_or((part, ""))).collect()
}

/// Returns the file that a specification means.
fn meant(spec: &str) -> String {
    let asks = "tcp: {address: 'a:1'}";
    match spec {
        "no provider" => return file("{name: a}"),
        "no metrics" => return file(""),
        spec if spec.contains("provider") => return file(&format!("{{{asks}, dns: {{name: a}}}}")),
        spec if spec.contains("same name") || spec.contains("duplicate") => {
            return file(&format!("{{name: a, {asks}}}, {{name: a, {asks}}}"));
        }
        _ => {}
    }
    let mut written = vec![];
    for (theirs, value) in words(spec) {
        if (theirs, value) == ("no", "interval") {
            continue;
        }
        let ours = KEYS.iter().find(|(key, _)| *key == theirs);
        let (_, ours) = ours.unwrap_or_else(|| panic!("`{spec}` is not understood"));
        match (theirs, value) {
            // There zero is what is not given.
            ("count" | "consecutiveSuccessLimit", "0") => {}
            ("failureLimit", "-1") => written.push(format!("{ours}: any")),
            _ => written.push(format!("{ours}: {value}")),
        }
    }
    if !spec.contains("count") {
        written.push("count: 9".to_owned());
    }
    file(&format!("{{name: a, phase: watch, {}, {asks}}}", written.join(", ")))
}

fn number(spec: &str, key: &str) -> Option<u32> {
    let (_, value) = words(spec).into_iter().find(|(word, _)| *word == key)?;
    value.parse().ok()
}

/// Returns what we promise where it is not what they do: whether it is refused, and why.
fn promised(spec: &str) -> Option<(bool, &'static str)> {
    let count = number(spec, "count");
    let limit = |key| number(spec, key).is_some_and(|limit| Some(limit) == count);
    if count == Some(0) {
        Some((true, "a check that watches says how often, or the gate could never pass"))
    } else if limit("failureLimit") || limit("inconclusiveLimit") {
        Some((true, "what tolerates all its measurements could never fail"))
    } else if spec.contains("no interval") {
        Some((false, "an interval that is not given is 10 s, so that there always is one"))
    } else {
        None
    }
}

#[test]
fn limits_are_refused_as_in_argos_tests() {
    let Some(vectors) = load("measurement_limits.json") else { return };
    let mut count = Count::default();
    for (id, case) in cases(&vectors, "validation") {
        let spec = case["spec"].as_str().unwrap();
        let refused = loaded(meant(spec)).is_err();
        let there = !case["error"].is_null();
        let Some((expected, why)) = promised(spec) else {
            assert_eq!(refused, there, "{id}: {spec}");
            count.held();
            continue;
        };
        assert_eq!(refused, expected, "{id}: {spec}");
        if refused == there { count.held() } else { count.departed(id, why) }
    }
    count.of("validation", cases(&vectors, "validation").count());
}

#[test]
fn a_run_that_is_specified_wrongly_is_refused_before_it_begins() {
    let Some(vectors) = load("measurement_limits.json") else { return };
    let mut count = Count::default();
    let wrong: Vec<_> = cases(&vectors, "run").filter(|(_, case)| is_misconfigured(case)).collect();
    for (id, case) in &wrong {
        let state = case["state"].as_str().unwrap();
        let text = match state {
            state if state.contains("without provider") => meant("no provider"),
            // A check says of itself that it is advisory; there is no rule that could miss it.
            state if state.to_lowercase().contains("dry-run") => {
                file("{name: a, tcp: {address: 'a:1'}}")
                    .replace("checks", "advisory: [b]\n      checks")
            }
            other => panic!("{id}: `{other}` is not understood"),
        };
        assert_eq!(case["expected"], "Error", "{id}");
        report(text);
        count.held();
    }
    count.of("run, misconfigured", wrong.len());
}

/// What their files of these names hold, as a check of ours.
const REFUSED: [(&str, &str); 14] = [
    ("dns-type", "dns: {name: example.com, type: X}"),
    ("dns-class", "dns: {name: example.com, class: X}"),
    ("dns-module", "dns: {type: A}"),
    ("http-header-match", "http: {url: 'http://a', header_matches: {A: {allow_missing: true}}}"),
    ("http-header-match-regexp", "http: {url: 'http://a', header_lacks: {A: ':['}}"),
    ("http-body-match-regexp", "http: {url: 'http://a', body_lacks: [':[']}"),
    ("http-body-not-match-regexp", "http: {url: 'http://a', body_matches: [':[']}"),
    ("http-body-config", "http: {url: 'http://a', body: a, body_file: b}"),
    (
        "http-compression-mismatch",
        "http: {url: 'http://a', compression: gzip, headers: {Accept-Encoding: deflate}}",
    ),
    (
        "http-compression-mismatch-special-case",
        "http: {url: 'http://a', compression: gzip, headers: {Accept-Encoding: 'gzip;q=0.0'}}",
    ),
    (
        "http-request-compression-reject-all-encodings",
        "http: {url: 'http://a', compression: gzip, headers: {Accept-Encoding: '*;q=0.0'}}",
    ),
    ("tcp-query-response-regexp", "tcp: {address: 'a:1', dialogue: [{expect: ':['}]}"),
    ("http-cel-expression", "http: {url: 'http://a', body_json: {failure: 'body.foo =='}}"),
    ("websocket-query-response-regexp", "websocket: {url: 'ws://a', dialogue: [{expect: ':['}]}"),
];

/// What those files are about, when the mistake is taken away, is accepted.
const ACCEPTED: [&str; 5] = [
    "dns: {name: example.com, type: A, class: IN}",
    "http: {url: 'http://a', header_matches: {A: {regexp: b, allow_missing: true}}}",
    "http: {url: 'http://a', compression: gzip, headers: {Accept-Encoding: 'deflate, gzip'}}",
    "http: {url: 'http://a', body_lacks: ['a'], body_matches: ['b'], body_json: {failure: 'body.foo == 1'}}",
    "websocket: {url: 'ws://a', dialogue: [{expect: 'a'}]}",
];

#[test]
fn files_are_refused_as_in_blackbox_exporters_tests() {
    let Some(vectors) = load("direct_probes.json") else { return };
    let mut count = Count::default();
    let all = of_kind(&vectors, "file");
    for (id, case) in &all {
        let name = theirs(case);
        let known = REFUSED.iter().find(|(known, _)| *known == name);
        let (_, check) = known.unwrap_or_else(|| panic!("{id}: `{name}` is not understood"));
        report(file(&format!("{{name: a, {check}}}")));
        count.held();
    }
    for check in ACCEPTED {
        let found = loaded(file(&format!("{{name: a, {check}}}")));
        assert!(found.is_ok(), "{check}: {found:?}");
    }
    count.of("direct_probes, configurations", all.len());
}

/// Returns the name of their file, without what all their names have.
fn theirs(case: &Value) -> &str {
    let file = case["config"]["file"].as_str().unwrap();
    let name = file.rsplit('/').next().unwrap();
    let name = name.strip_prefix("invalid-").unwrap_or(name);
    name.trim_end_matches(".yml").trim_end_matches(".yaml")
}
