//! Limits that make no sense.

use super::super::super::super::duration::Span;
use super::*;

/// Those that have no like here, each with the reason.
const OTHERWISE: [(&str, &str); 4] = [
    ("VALID-09", "an interval that is not given is 10 s, so that there always is one"),
    ("VALID-11", "a limit is a whole number, and `failure_limit` cannot be switched off"),
    ("VALID-12", "a limit is a whole number; the configuration refuses any other"),
    ("VALID-14", "a check that asks nothing is refused with the configuration"),
];

/// Returns whether lastgood refuses the same.
fn is_refused(id: &str) -> Option<bool> {
    let wrong = |check: &Check| !check.limits.mistakes(check.phase).is_empty();
    let tolerant = |limits: &mut Limits| limits.failure_limit = 2;
    Some(match id {
        "VALID-01" => wrong(&watch(1, tolerant)),
        "VALID-02" => wrong(&check(Phase::Watch, tolerant)),
        "VALID-04" => wrong(&check(Phase::Watch, |limits| limits.inconclusive_limit = 2)),
        "VALID-06" | "VALID-07" => "60s-typo".parse::<Span>().is_err(),
        "VALID-16" => "-1".parse::<u32>().is_err(),
        "VALID-17" => wrong(&check(Phase::Settle, |limits| limits.success_streak = 0)),
        _ => return None,
    })
}

#[test]
fn limits_are_refused_as_in_argos_tests() {
    let Some(file) = vectors::load("measurement_limits.json") else { return };
    let mut unknown = Vec::new();
    for (id, case) in vectors::cases(&file, "validation") {
        match is_refused(id) {
            Some(refused) => assert_eq!(refused, !case["error"].is_null(), "{id}"),
            None => unknown.push(id),
        }
    }
    told_otherwise(unknown, &OTHERWISE);
}
