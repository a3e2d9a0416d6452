//! Cases of Argo Rollouts: what a metric comes to.

use serde_json::Value;

use super::super::super::vectors::{self, Count};
use super::*;

mod asked;
mod retention;
mod runs;
mod scheduling;
mod states;

fn outcome(word: &Value) -> Outcome {
    outcome_of(word.as_str().unwrap()).unwrap_or_else(|| panic!("{word} is no outcome"))
}

fn outcome_of(word: &str) -> Option<Outcome> {
    match word {
        "Successful" => Some(P),
        "Failed" => Some(F),
        "Inconclusive" => Some(I),
        "Error" => Some(E),
        _ => None,
    }
}

fn number(limits: &Value, name: &str) -> Option<u32> {
    limits[name].as_u64().map(|number| number.try_into().unwrap())
}

/// Returns the check that limits mean; without interval and count one look is enough there.
fn meant(limits: &Value) -> Check {
    check(Phase::Watch, |changed| {
        let single = limits["interval"].is_null().then_some(1);
        changed.count = number(limits, "count").or(single);
        changed.success_streak = number(limits, "consecutiveSuccessLimit").filter(|row| *row > 0);
        let unlimited = limits["failureLimit"] == -1;
        changed.failure_limit =
            (!unlimited).then(|| number(limits, "failureLimit").unwrap_or_default());
        changed.inconclusive_limit = number(limits, "inconclusiveLimit").unwrap_or_default();
        changed.error_limit = number(limits, "consecutiveErrorLimit").unwrap_or(4);
    })
}

/// What a machine was told, and how it ended.
struct Told {
    verdict: CheckVerdict,
    streak: Streak,
    /// Whether it was stopped before it could tell.
    stopped: bool,
}

/// Obeys a machine as long as there is something to tell, and stops it after so many looks.
fn told(machine: &mut Watch, measurements: &[Outcome], stop_after: Option<usize>) -> Told {
    let (mut now, mut taken) = (Duration::ZERO, 0);
    let verdict = loop {
        match machine.next(now) {
            Next::Done(verdict) => break *verdict,
            Next::Wait(time) if stop_after != Some(taken) => now += time,
            Next::Sample(_) if stop_after != Some(taken) => {
                machine.tell(now, &measured(measurements[taken]));
                taken += 1;
            }
            Next::Wait(_) | Next::Sample(_) => break machine.stop(Stop::Interrupted),
        }
    };
    Told { stopped: verdict.stopped.is_some(), verdict, streak: machine.streak }
}

/// What was stopped before it could tell is inconclusive, and an error where it saw nothing else;
/// there it is a success.
fn cut_off(seen: &[Outcome]) -> Outcome {
    if !seen.is_empty() && seen.iter().all(|one| *one == E) { E } else { I }
}

#[test]
fn sequences_of_measurements_end_as_in_argos_tests() {
    let Some(file) = vectors::load("measurement_limits.json") else { return };
    let mut count = Count::default();
    for (id, case) in vectors::cases(&file, "sequences") {
        let check = meant(&case["limits"]);
        if !check.limits.mistakes(check.phase).is_empty() {
            let Limits { count: of, failure_limit, inconclusive_limit, .. } = check.limits;
            let tolerant = failure_limit.unwrap_or_default().max(inconclusive_limit);
            assert!(of.is_some_and(|of| tolerant >= of), "{id} is refused");
            count.departed(id, "a check that could never fail is refused");
            continue;
        }
        let measurements = case["measurements"].as_array().unwrap();
        let measurements: Vec<_> = measurements.iter().map(outcome).collect();
        let stop_after = case["terminate_requested_after"].as_u64();
        let stop_after = stop_after.map(|after| usize::try_from(after).unwrap());
        let mut machine = Watch::new(&check, decide(100_000));
        let Told { verdict, streak, stopped } = told(&mut machine, &measurements, stop_after);
        let tally = verdict.tally;
        let taken = usize::try_from(tally.attempts()).unwrap();
        let nothing_passed = tally.passes == 0 && outcome(&case["expected_phase"]) == P;
        let expected = if stopped || nothing_passed {
            count.departed(id, "without enough looks, or any pass, nothing is proven");
            cut_off(&measurements[..taken])
        } else {
            count.held();
            outcome(&case["expected_phase"])
        };
        assert_eq!(verdict.outcome, expected, "{id}");
        assert_eq!(Some(taken as u64), case["measurements_taken"].as_u64(), "{id}");
        let counted = |name: &str| number(&case["final_counters"], name).unwrap();
        assert_eq!(tally.passes, counted("successful"), "{id}");
        assert_eq!(tally.fails, counted("failed"), "{id}");
        assert_eq!(tally.inconclusives, counted("inconclusive"), "{id}");
        assert_eq!(tally.errors, counted("error"), "{id}");
        assert_eq!(tally.taken(), counted("count"), "{id}");
        assert_eq!(streak.errors, counted("consecutiveError"), "{id}");
        assert_eq!(streak.passes, counted("consecutiveSuccess"), "{id}");
    }
    count.of("sequences", vectors::cases(&file, "sequences").count());
}

/// What waits for passes in a row, whatever fails before, may as well be said with a deadline.
#[test]
fn sequences_that_wait_for_a_row_settle_as_in_argos_tests() {
    let Some(file) = vectors::load("measurement_limits.json") else { return };
    let mut looked = 0;
    for (id, case) in vectors::cases(&file, "sequences") {
        let limits = &case["limits"];
        let row = number(limits, "consecutiveSuccessLimit").filter(|row| *row > 0);
        let (Some(row), true, None) = (row, limits["failureLimit"] == -1, number(limits, "count"))
        else {
            continue;
        };
        // Settling, what could not tell is not there yet; there is no limit to it.
        let measurements = case["measurements"].as_array().unwrap();
        if measurements.contains(&"Inconclusive".into()) {
            continue;
        }
        let measurements: Vec<_> = measurements.iter().map(outcome).collect();
        let check = check(Phase::Settle, |limits| limits.success_streak = Some(row));
        let mut machine = Watch::new(&check, decide(100_000));
        let verdict = told(&mut machine, &measurements, None).verdict;
        assert_eq!(verdict.outcome, outcome(&case["expected_phase"]), "{id}");
        looked += 1;
    }
    assert!(looked > 0);
}

#[test]
fn severities_are_ordered_as_in_argos_tests() {
    let Some(file) = vectors::load("measurement_limits.json") else { return };
    let mut count = Count::default();
    for (_, case) in vectors::cases(&file, "severity_worse_than") {
        let worse = outcome(&case["new"]) > outcome(&case["current"]);
        assert_eq!(worse, case["worse"].as_bool().unwrap(), "{case}");
        count.held();
    }
    count.of("severity_worse_than", vectors::cases(&file, "severity_worse_than").count());
}
