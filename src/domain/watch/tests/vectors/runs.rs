//! A whole gate, as other projects' runs are.

use super::super::super::super::gate::{self, CheckResult, GateMistake, GateReport};
use super::super::super::super::verdict::Verdict;
use super::*;

/// Those that have no like here, each with the reason.
const OTHERWISE: [(&str, &str); 8] = [
    ("RUN-01", "a gate has no verdict before all its checks have ended"),
    ("RUN-04", "held by a test of its own below"),
    ("RUN-07", "a check that asks nothing is refused with the configuration"),
    ("RUN-12", "held by a test of its own below"),
    ("RUN-14", "a gate with nothing but advisory checks is refused: it could never fail"),
    ("RUN-17", "likewise"),
    ("RUN-21", "likewise, by a test of its own below"),
    ("RUN-22", "a check says of itself that it is advisory, so that no rule can miss it"),
];

/// Returns a check that has seen this, and how it ended or was stopped.
fn ended(name: &str, weight: Weight, seen: &[Outcome]) -> CheckResult {
    let count = u32::try_from(seen.len().max(1)).unwrap();
    let check = Check { name: name.into(), weight, ..watch(count, |_| ()) };
    let mut watch = Watch::new(&check, decide(100_000));
    for outcome in seen {
        watch.tell(secs(0), &measured(*outcome));
    }
    let verdict = match watch.next(secs(0)) {
        Next::Done(verdict) => *verdict,
        Next::Wait(_) | Next::Sample(_) => watch.stop(Stop::Interrupted),
    };
    CheckResult::new(&check, "http", &verdict, 0)
}

fn required(name: &str, seen: Outcome) -> CheckResult {
    ended(name, Weight::Required, &[seen])
}

fn advisory(name: &str, seen: &[Outcome]) -> CheckResult {
    ended(name, Weight::Advisory, seen)
}

fn gate_of(id: &str) -> Option<Vec<CheckResult>> {
    Some(match id {
        "RUN-02" => vec![required("latency", P), required("success-rate", F)],
        "RUN-06" | "RUN-11" => vec![required("success-rate", P)],
        "RUN-09" => vec![required("a", P), required("b", I)],
        "RUN-16" => vec![required("run-forever", F), required("failed-metric", F)],
        "RUN-19" => vec![required("run-forever", I), advisory("success-metric", &[F])],
        _ => return None,
    })
}

#[test]
fn a_gate_ends_as_in_argos_tests() {
    let Some(file) = vectors::load("measurement_limits.json") else { return };
    let mut unknown = Vec::new();
    for (id, case) in vectors::cases(&file, "run") {
        let Some(checks) = gate_of(id) else {
            unknown.push(id);
            continue;
        };
        let expected = match outcome(&case["expected"]) {
            P => Verdict::Healthy,
            I => Verdict::Inconclusive,
            E => Verdict::Error,
            F => Verdict::Unhealthy,
        };
        let report = GateReport { checks, ..GateReport::default() };
        assert_eq!(report.verdict(), expected, "{id}");
        let (message, decisive) = (case["message"].as_str().unwrap(), report.decisive().unwrap());
        let names = message.is_empty() || message.contains(&format!("\"{}\"", decisive.name));
        assert!(names, "{id}: `{}` decided, and not as in {message}", decisive.name);
    }
    told_otherwise(unknown, &OTHERWISE);
}

/// RUN-04.
#[test]
fn a_check_without_a_count_goes_on() {
    let mut machine = Watch::new(&check(Phase::Watch, |_| ()), decide(600));
    machine.tell(secs(0), &measured(P));
    assert_eq!(machine.next(secs(0)), Next::Wait(secs(10)));
}

/// RUN-12.
#[test]
fn an_error_never_adds_to_the_count() {
    let mut machine = Watch::new(&watch(9, |_| ()), decide(600));
    (0..4).for_each(|at| machine.tell(secs(at), &measured(E)));
    machine.tally.passes = 4;
    machine.tell(secs(5), &measured(E));
    let Tally { errors, .. } = machine.tally();
    assert_eq!((errors, machine.streak.errors, machine.tally().taken()), (5, 5, 4));
    assert!(matches!(machine.next(secs(5)), Next::Done(verdict) if verdict.outcome == E));
}

/// RUN-21, and what lastgood does otherwise in RUN-14 and RUN-17.
#[test]
fn advisory_checks_alone_are_no_gate() {
    let alone = [Check { weight: Weight::Advisory, ..watch(1, |_| ()) }];
    assert_eq!(gate::mistakes(&alone), [GateMistake::NothingRequired]);
    for seen in [&[P][..], &[F], &[]] {
        let checks = vec![advisory("failed-metric", seen)];
        let report = GateReport { checks, ..GateReport::default() };
        assert_eq!(report.verdict(), Verdict::Inconclusive, "never healthy");
    }
}
