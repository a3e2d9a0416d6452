//! The probe, against servers that lie and one that does not.

use serde_json::{Value as Json, json};

use crate::adapters::http::Http;
use crate::domain::names::{Commit, Environment, Service};
use crate::domain::verdict::Outcome;

use super::*;

mod answers;
mod real;
mod tls;
mod vectors;

/// The time a measurement has in these tests.
const TIME: Duration = Duration::from_secs(5);

/// Returns settings of an address and more in JSON.
fn settings(url: &str, more: &Json) -> Settings {
    let mut whole = json!({ "url": url });
    whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(whole).unwrap_or_else(|why| panic!("{more}: {why}"))
}

/// Returns the version under test in these tests.
fn version() -> Version {
    Version::named("2.0").at(Commit::new("c".repeat(40)).unwrap())
}

/// Measures what a question asks, as a gate does it.
pub(in super::super) async fn measure(question: &dyn Question, time: Duration) -> Measurement {
    assert_eq!(question.mistakes(), [""; 0]);
    probe(question).unwrap().measure(Some(&version()), time).await
}

/// Connects what a question asks.
pub(in super::super) fn probe(question: &dyn Question) -> Result<Arc<dyn Probe>> {
    let facts = Facts::default()
        .environment(&Environment::new("production").unwrap())
        .service(&Service::only());
    let folder = std::env::temp_dir();
    let http = || Http::new();
    question.connect(&Around { folder, facts, withheld: Vec::new(), http: &http })
}

fn mistakes(more: &Json) -> Vec<String> {
    settings("http://prom:9090", more).mistakes()
}

#[test]
fn what_makes_no_sense_together_is_a_mistake() {
    for (more, why) in [
        (json!({"query": "up"}), "neither `success` nor `failure` is given"),
        (json!({"success": "result > 0"}), "neither `query` nor `queries` is given"),
        (
            json!({"query": "up", "queries": {"a": "up"}, "success": "true"}),
            "`query` and `queries` exclude each other",
        ),
        (
            json!({"queries": {"a": "up"}, "reduce": "any", "success": "a > 0"}),
            "`reduce: all` and `reduce: any` go with one `query`",
        ),
        (json!({"query": "up", "success": "resutl > 0"}), "did you mean `result`?"),
        (json!({"queries": {"errors": "up"}, "success": "result > 0"}), "it knows `errors`"),
        (
            json!({"query": "up", "success": "true", "samples": "up"}),
            "`samples` needs `min_samples`",
        ),
        (
            json!({"query": "up", "success": "true", "min_samples": 5}),
            "`min_samples` needs `samples`",
        ),
        (
            json!({"query": "up", "success": "true", "range": {"window": "0s"}}),
            "`range` needs times longer than none",
        ),
        (
            json!({"query": "up", "success": "true", "range": {"window": "7d", "step": "1s"}}),
            "make `range.step` longer",
        ),
        (
            json!({"query": "up", "success": "true", "bearer": "a", "basic": {"user": "b"}}),
            "`bearer` and `basic` exclude each other",
        ),
    ] {
        let found = mistakes(&more);
        assert!(found.len() == 1 && found[0].contains(why), "{more}: {found:?}");
    }
    let fine = json!({"query": "up", "success": "result > 0", "range": {"window": "5m"}, "min_samples": 3});
    assert_eq!(mistakes(&fine), [""; 0]);
}

#[test]
fn a_step_is_a_sixtieth_of_the_window_and_never_less_than_a_second() {
    let step = |window: &str| {
        let range: Range = serde_json::from_value(json!({ "window": window })).unwrap();
        range.step().to_string()
    };
    assert_eq!(["1h", "5m", "10s", "90m"].map(step), ["1m", "5s", "1s", "1m30s"]);
}

#[test]
fn the_instrument_is_known_and_its_secrets_are_not_shown() {
    let asked = settings("http://prom:9090", &json!({"query": "up", "success": "true"}));
    assert_eq!((asked.kind(), asked.reach()), ("prometheus", Reach::Instrument));
    let shown = format!("{:?}", settings("http://u:hunter2@prom", &json!({"bearer": "hunter2"})));
    assert!(!shown.contains("hunter2"), "{shown}");
}
