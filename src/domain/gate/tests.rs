//! What a gate makes of its checks' results.

use super::super::check::{Measurement, Phase, Reach, Rehearsal};
use super::super::limits::Limits;
use super::super::watch::Tally;
use super::*;

fn check(name: &str, service: Option<&str>, weight: Weight) -> Check {
    let service = service.map(|name| Service::new(name).unwrap());
    let limits = Limits::defaults(Phase::Settle, Reach::Direct);
    let (phase, worth) = (Phase::Settle, Worth::default());
    let rehearsal = Rehearsal::default();
    Check { name: name.into(), service, phase, weight, worth, rehearsal, limits }
}

fn verdict(measurement: Measurement) -> CheckVerdict {
    CheckVerdict {
        outcome: measurement.outcome,
        stopped: None,
        message: measurement.message.clone(),
        evidence: Some(measurement),
        tally: Tally { passes: 1, inconclusives: 2, errors: 3, fails: 4 },
        series: Vec::new(),
    }
}

pub(super) fn any_result() -> CheckResult {
    result("any", None, Weight::Required, Measurement::pass(""))
}

fn result(name: &str, service: Option<&str>, weight: Weight, seen: Measurement) -> CheckResult {
    CheckResult::new(&check(name, service, weight), "http", &verdict(seen), 40)
}

fn required(outcomes: &[Measurement]) -> GateReport {
    let checks = outcomes.iter().enumerate();
    let checks = checks.map(|(at, seen)| {
        result(&format!("check {at}"), Some("api"), Weight::Required, seen.clone())
    });
    GateReport { checks: checks.collect(), ..GateReport::default() }
}

#[test]
fn the_gate_is_the_worst_of_its_required_checks() {
    let [pass, unclear, error, fail] = [
        Measurement::pass(""),
        Measurement::inconclusive(""),
        Measurement::error(""),
        Measurement::fail(""),
    ];
    let cases = [
        (vec![&pass, &pass], Verdict::Healthy),
        (vec![&pass, &unclear], Verdict::Inconclusive),
        (vec![&error, &unclear], Verdict::Error),
        (vec![&error, &fail, &unclear], Verdict::Unhealthy),
    ];
    for (outcomes, expected) in cases {
        let outcomes: Vec<_> = outcomes.into_iter().cloned().collect();
        assert_eq!(required(&outcomes).verdict(), expected);
    }
}

#[test]
fn an_advisory_check_is_shown_and_never_counted() {
    let fail = || Measurement::fail("slow");
    let advisory = result("speed", Some("api"), Weight::Advisory, fail());
    let mut gate = required(&[Measurement::pass("")]);
    gate.checks.push(advisory);
    assert_eq!(gate.verdict(), Verdict::Healthy);
    assert_eq!(gate.failed(), Failed::default());
    assert_eq!(gate.passed_of_required(), (1, 1));
    assert_eq!(gate.notes().len(), 2);
}

#[test]
fn a_gate_that_requires_nothing_is_never_healthy() {
    assert_eq!(GateReport::default().verdict(), Verdict::Inconclusive);
    let only = result("speed", None, Weight::Advisory, Measurement::pass(""));
    let gate = GateReport { checks: vec![only], ..GateReport::default() };
    assert_eq!((gate.verdict(), gate.decisive()), (Verdict::Inconclusive, None));
}

#[test]
fn the_first_of_the_worst_checks_decides() {
    let gate = required(&[Measurement::error("a"), Measurement::fail("b"), Measurement::fail("c")]);
    assert_eq!(gate.decisive().unwrap().message, "b");
    assert_eq!(gate.passed_of_required(), (0, 3));
}

#[test]
fn the_gate_tells_whose_checks_failed() {
    let mut gate = required(&[Measurement::fail(""), Measurement::fail("")]);
    let api = BTreeSet::from([Service::new("api").unwrap()]);
    assert_eq!(gate.failed(), Failed { services: api.clone(), shared: vec![] });
    gate.checks.push(result("error rate", None, Weight::Required, Measurement::fail("")));
    assert_eq!(gate.failed(), Failed { services: api, shared: vec!["error rate".into()] });
}

#[test]
fn drift_is_a_gate_that_failed_only_because_another_version_answered() {
    let other = || Measurement::fail("1.0").answered_by(Answered::Other("1.0".into()));
    let service = Some(Service::new("api").unwrap());
    let drift = Drift { service, answered: "1.0".into() };
    assert_eq!(required(&[other(), Measurement::pass("")]).drift(), [drift]);
    assert_eq!(required(&[other(), Measurement::fail("500")]).drift(), []);
    assert_eq!(required(&[Measurement::pass("")]).drift(), []);
    let nobody = Measurement::unreached(Reach::Direct, "refused");
    assert_eq!(required(&[nobody]).drift(), []);
}

#[test]
fn a_result_has_the_contracts_json_shape() {
    let seen = Measurement::fail("503").judged("503", "200").answered_by(Answered::Expected);
    let shown = serde_json::to_string(&result("api answers", Some("api"), Weight::Required, seen));
    insta::assert_snapshot!(shown.unwrap(), @r#"{"name":"api answers","service":"api","kind":"http","outcome":"fail","message":"503","value":"503","limit":"200","attempts":10,"passes":1,"fails":4,"inconclusives":2,"errors":3,"duration_ms":40,"advisory":false,"answered":"expected"}"#);
    let advisory = result("speed", None, Weight::Advisory, Measurement::pass("12 ms"));
    let shown = serde_json::to_value(&advisory).unwrap();
    assert_eq!(shown["advisory"], true);
    assert_eq!(shown["service"], serde_json::Value::Null);
}

#[test]
fn a_stopped_check_says_so_and_counts_as_inconclusive() {
    let stopped = CheckVerdict {
        stopped: Some(Stop::Early("`web` failed".into())),
        ..verdict(Measurement::inconclusive("stopped"))
    };
    let result = CheckResult::new(&check("a", None, Weight::Required), "tcp", &stopped, 0);
    assert_eq!(serde_json::to_value(result.outcome).unwrap(), "stopped");
    assert_eq!(result.note().outcome, Outcome::Inconclusive);
    let failed =
        CheckVerdict { stopped: Some(Stop::Interrupted), ..verdict(Measurement::fail("")) };
    assert_eq!(Ending::of(&failed), Ending::Fail);
    let broken = CheckVerdict { outcome: Outcome::Error, ..stopped };
    assert_eq!(Ending::of(&broken), Ending::Error);
}

#[test]
fn a_note_holds_at_most_two_hundred_characters() {
    let long = "x".repeat(500);
    let result = result("a", None, Weight::Required, Measurement::fail(&long).judged(&long, &long));
    let note = result.note();
    for text in [note.message, note.value.unwrap(), note.limit.unwrap()] {
        assert_eq!(text.chars().count(), 201, "cut, and says so");
    }
}

#[test]
fn a_gate_without_a_required_check_is_a_mistake() {
    assert_eq!(mistakes([]), [GateMistake::NothingRequired]);
    let advisory = check("a", None, Weight::Advisory);
    assert_eq!(mistakes([&advisory]), [GateMistake::NothingRequired]);
    assert_eq!(mistakes([&advisory, &check("b", None, Weight::Required)]), []);
}

#[test]
fn all_mistakes_of_a_gate_are_told_at_once() {
    let advisory = check("a", None, Weight::Advisory);
    let endless = Check { phase: Phase::Watch, ..advisory.clone() };
    let found: Vec<_> = mistakes([&advisory, &endless]).iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "two checks are named `a`",
            "the check `a` watches without a `count`, so the gate could never pass",
            "no check is required, so the gate could never fail",
        ]
    );
}
