//! Cases from the tests of Argo Rollouts, its conditions said in CEL.

use super::*;
use crate::adapters::probe::web::{Server, answer};
use crate::domain::vectors::{self, Count};

use crate::adapters::probe::condition::{Judged, Value};

/// Argo's conditions are in expr-lang.
fn in_cel(condition: &Json) -> Option<Condition> {
    let text = condition.as_str().filter(|text| !text.is_empty())?;
    Some(Condition::try_from(text.replace("len(", "size(")).unwrap())
}

/// Returns what Prometheus would have answered; none where it was not asked.
fn answered(value: &str) -> Option<Json> {
    let data = match value.split_once(' ') {
        Some(("scalar", number)) => json!({"resultType": "scalar", "result": [1.5, number]}),
        Some(("vector", rows)) => {
            let rows = rows.trim_matches(['[', ']']).split(',').map(str::trim);
            let rows = rows.filter(|row| !row.is_empty());
            let rows: Vec<_> = rows.map(|row| json!({"metric": {}, "value": [1.5, row]})).collect();
            json!({"resultType": "vector", "result": rows})
        }
        _ if value == "(nil response)" => json!({"resultType": "none", "result": null}),
        _ => return None,
    };
    Some(json!({"status": "success", "data": data}))
}

async fn outcome(value: &str, asked: Settings) -> Outcome {
    if let Some(body) = answered(value) {
        let server = Server::always(answer(200, "application/json", &body.to_string())).await;
        let url = server.url.clone().try_into().unwrap();
        let reduce = if value.starts_with("vector") { Reduce::List } else { Reduce::Single };
        return measure(&Settings { url, reduce, ..asked }, TIME).await.outcome;
    }
    let value = match value {
        "nil" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        number => Value::Float(number.parse().unwrap()),
    };
    match asked.conditions().judge(&[("result".to_owned(), value)], TIME).await {
        Judged::Pass(_) => Outcome::Pass,
        Judged::Fail(_) => Outcome::Fail,
        Judged::Inconclusive(..) => Outcome::Inconclusive,
        Judged::Error(..) => Outcome::Error,
    }
}

#[tokio::test]
async fn conditions_are_judged_as_in_argo_rollouts_tests() {
    let Some(file) = vectors::load("measurement_limits.json") else { return };
    let mut count = Count::default();
    for (id, case) in vectors::cases(&file, "evaluate") {
        let asked = Settings {
            query: Some("up".to_owned().try_into().unwrap()),
            success: in_cel(&case["successCondition"]),
            failure: in_cel(&case["failureCondition"]),
            ..settings("http://prom", &json!({}))
        };
        if asked.success.is_none() && asked.failure.is_none() {
            // Refused, where Argo says that all is well.
            assert_eq!(asked.mistakes().len(), 1, "{id}");
            count.departed(id, "a check without a condition is refused");
            continue;
        }
        let expected = match case["expected_phase"].as_str().unwrap() {
            "Successful" => Outcome::Pass,
            "Failed" => Outcome::Fail,
            "Inconclusive" => Outcome::Inconclusive,
            _ => Outcome::Error,
        };
        let told = outcome(case["value"].as_str().unwrap(), asked).await;
        assert_eq!(told, expected, "{id}: {case}");
        count.held();
    }
    count.of("evaluate", vectors::cases(&file, "evaluate").count());
}
