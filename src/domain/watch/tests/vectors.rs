//! Cases of Argo Rollouts where lastgood promises the same.

use serde_json::Value;

use super::super::super::vectors;
use super::*;

mod limits;
mod runs;
mod scheduling;
mod states;

fn outcome(word: &Value) -> Outcome {
    match word.as_str().unwrap() {
        "Successful" => P,
        "Failed" => F,
        "Inconclusive" => I,
        "Error" => E,
        other => panic!("`{other}` is no outcome"),
    }
}

fn number(limits: &Value, name: &str) -> Option<u32> {
    limits[name].as_u64().map(|number| number.try_into().unwrap())
}

/// Returns the check that a case means; none where lastgood has no such mixture.
///
/// There a metric may ask for passes in a row and tolerate fails or count looks at once. Here one
/// that waits for health has a deadline in their place, and one that counts asks for no row.
fn meant(case: &Value) -> Option<Check> {
    let limits = &case["limits"];
    let unlimited_fails = limits["failureLimit"] == -1;
    let streak = number(limits, "consecutiveSuccessLimit");
    let count = number(limits, "count");
    let has_inconclusive =
        case["measurements"].as_array().unwrap().contains(&"Inconclusive".into());
    match (streak, count, unlimited_fails) {
        (Some(streak), None, true) if !has_inconclusive => {
            Some(check(Phase::Settle, |limits| limits.success_streak = streak))
        }
        (Some(_), _, _) => None,
        (None, count, _) => Some(check(Phase::Watch, |changed| {
            let single = limits["interval"].is_null().then_some(1);
            changed.count = count.or(single);
            changed.failure_limit = number(limits, "failureLimit").unwrap_or(0);
            changed.inconclusive_limit = number(limits, "inconclusiveLimit").unwrap_or(0);
        })),
    }
}

/// Says which cases are none here: those that lastgood does otherwise, and those not known yet.
fn told_otherwise(cases: Vec<&str>, otherwise: &[(&str, &str)]) {
    for id in cases {
        let reason = otherwise.iter().find(|(other, _)| *other == id).map(|(_, reason)| *reason);
        println!("{id}: {}", reason.unwrap_or("not known"));
    }
}

#[test]
fn sequences_of_measurements_end_as_in_argos_tests() {
    let Some(file) = vectors::load("measurement_limits.json") else { return };
    let mut held = 0;
    for (id, case) in vectors::cases(&file, "sequences") {
        let Some(check) = meant(case) else { continue };
        if !check.limits.mistakes(check.phase).is_empty() {
            assert_eq!(id, "SEQ-12", "a check that could never fail is refused");
            continue;
        }
        let measurements = case["measurements"].as_array().unwrap();
        let mut machine = Watch::new(&check, decide(100_000));
        let mut now = Duration::ZERO;
        let mut taken = 0;
        let stop_after = case["terminate_requested_after"].as_u64();
        let verdict = loop {
            if Some(taken) == stop_after {
                break machine.stop(Stop::Interrupted);
            }
            match machine.next(now) {
                Next::Wait(time) => now += time,
                Next::Sample(_) => {
                    let measurement =
                        measured(outcome(&measurements[usize::try_from(taken).unwrap()]));
                    machine.tell(now, &measurement);
                    taken += 1;
                }
                Next::Done(verdict) => break *verdict,
            }
        };
        // What is stopped before enough measurements could not tell; there it is a success.
        let expected = if stop_after.is_some() { I } else { outcome(&case["expected_phase"]) };
        assert_eq!(verdict.outcome, expected, "{id}");
        assert_eq!(Some(taken), case["measurements_taken"].as_u64(), "{id}");
        let counted = |name: &str| number(&case["final_counters"], name).unwrap();
        assert_eq!(verdict.tally.errors, counted("error"), "{id}");
        assert_eq!(verdict.tally.taken(), counted("count"), "{id}");
        held += 1;
    }
    println!("held: {held} sequences");
    assert!(held > 0);
}

#[test]
fn severities_are_ordered_as_in_argos_tests() {
    let Some(file) = vectors::load("measurement_limits.json") else { return };
    for (_, case) in vectors::cases(&file, "severity_worse_than") {
        let worse = outcome(&case["new"]) > outcome(&case["current"]);
        assert_eq!(worse, case["worse"].as_bool().unwrap(), "{case}");
    }
}
