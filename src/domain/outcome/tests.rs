//! What an outcome tells, and in which shape.

use serde_json::{Value, json};

use super::super::ending::Reason;
use super::super::history::{History, minute, op, production, service, versions};
use super::*;

fn told(history: &History) -> DeploymentTold {
    let state = history.state();
    let operation = state.operation(op(1)).unwrap();
    DeploymentTold::new(operation, "deploy/production/1".into(), None, minute(5))
}

fn json(outcome: &Outcome) -> Value {
    serde_json::to_value(outcome).unwrap()
}

#[test]
fn an_outcome_tells_the_deployment_and_the_plan_that_it_was_given_and_else_nothing() {
    let ending = || Ending::new(Reason::Done, "it was done");
    assert_eq!(json(&Outcome::ended(ending())), json!({}));
    let about = json(&Outcome::ended(ending()).about(told(&History::new().deployed(1, "1.0"))));
    assert_eq!(about["deployment"]["n"], 1);
    let line = PlanLine {
        service: service("app"),
        from: None,
        to: Some(Version::named("1.0")),
        commands: vec!["./deploy.sh".into()],
    };
    let planned = json(&Outcome::planned(ending(), vec![line]));
    assert_eq!(planned["plan"][0]["to"]["version"], "1.0");
    assert_eq!(planned["plan"][0]["from"], Value::Null);
}

#[test]
fn a_deployment_that_is_under_way_tells_the_versions_that_it_is_to_bring() {
    let begun = History::new().started(1, "api=1.0 web=2.0");
    assert_eq!(told(&begun).versions, versions("api=1.0 web=2.0"));
    let made = begun.deployed(1, "api=1.0");
    assert_eq!(told(&made).versions, versions("api=1.0"), "what it made counts");
}

#[test]
fn a_version_in_json_has_a_place_for_every_promised_fact() {
    let shown = serde_json::to_value(told(&History::new().deployed(1, "1.0"))).unwrap();
    let whole = json!({"version": "1.0", "commit": null, "image": null, "replicas": null});
    assert_eq!(shown["versions"], json!({"app": whole}));
    assert_eq!(shown["changed"], json!({"app": {"from": null, "to": whole}}));
}

#[test]
fn a_job_of_a_matrix_is_an_environment_and_a_service() {
    let job = Job::from((production(), service("api")));
    let shown = serde_json::to_value(job).unwrap();
    assert_eq!(shown, json!({"environment": "production", "service": "api"}));
}
