//! Cases from the tests of Keptn, its operators said in CEL.

use serde_json::Value as Json;

use super::*;
use crate::domain::vectors::{Count, cases, load};
use crate::domain::verdict::Outcome;

/// Returns the condition that an operator means.
fn in_cel(operator: &str, arg: &Json) -> Condition {
    let ends = |at: usize| arg[at].as_f64().unwrap();
    let text = match operator {
        "lessThan" => format!("result < {arg}"),
        "lessThanOrEqual" => format!("result <= {arg}"),
        "greaterThan" => format!("result > {arg}"),
        "greaterThanOrEqual" => format!("result >= {arg}"),
        "equalTo" => format!("result == {arg}"),
        "inRange" => format!("result >= {} && result <= {}", ends(0), ends(1)),
        "notInRange" => format!("result < {} || result > {}", ends(0), ends(1)),
        other => panic!("`{other}` is not understood"),
    };
    condition(&text)
}

#[test]
fn operators_hold_as_in_keptns_tests() {
    let Some(file) = load("weighted_objectives.json") else { return };
    let mut count = Count::default();
    for (id, case) in cases(&file, "operator") {
        let condition = in_cel(case["operator"].as_str().unwrap(), &case["arg"]);
        let holds = condition.holds(&[("result", value(&case["value"]))]);
        assert_eq!(holds.unwrap(), case["expected_fulfilled"].as_bool().unwrap(), "{id}");
        count.held();
    }
    count.of("operator", cases(&file, "operator").count());
}

/// Returns the condition of a criterion, which has one operator; none where there is none.
fn criterion(of: &Json) -> Option<Condition> {
    let (operator, arg) = of.as_object()?.iter().next()?;
    Some(in_cel(operator, arg))
}

/// There a warning is what is met; here it is what neither passes nor fails.
async fn judged(failure: Option<&Condition>, warning: Option<&Condition>, of: &Json) -> Outcome {
    let success = warning.map(|warning| condition(&format!("!({})", warning.as_str())));
    let never = condition("false");
    let failure = failure.or(success.as_ref().map(|_| &never));
    let conditions = Conditions::new(success.as_ref(), failure);
    assert_eq!(conditions.mistakes(&["result"]), [""; 0]);
    let values = [("result".to_owned(), value(of))];
    conditions.judge(&values, Duration::from_secs(5)).await.measurement("", None).outcome
}

#[tokio::test]
async fn targets_are_met_as_in_keptns_tests() {
    let Some(file) = load("weighted_objectives.json") else { return };
    let mut count = Count::default();
    for (id, case) in cases(&file, "target") {
        let (failure, warning) = (criterion(&case["failure"]), criterion(&case["warning"]));
        if failure.is_none() && warning.is_none() {
            assert_eq!(Conditions::new(None, None).mistakes(&["result"]).len(), 1, "{id}");
            count.departed(id, "a check without a condition is refused");
            continue;
        }
        let expected = match case["expected"].as_str().unwrap() {
            "pass" => Outcome::Pass,
            "warning" => Outcome::Inconclusive,
            "fail" => Outcome::Fail,
            other => panic!("{id}: `{other}` is not understood"),
        };
        let found = judged(failure.as_ref(), warning.as_ref(), &case["value"]).await;
        assert_eq!(found, expected, "{id}");
        count.held();
    }
    count.of("target", cases(&file, "target").count());
}
