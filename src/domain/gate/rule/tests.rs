//! What weighted checks come to.

use serde_json::Value;

use super::super::tests::any_result;
use super::*;
use crate::domain::gate;
use crate::domain::vectors::{self, Count};
use crate::domain::verdict::Verdict;

const SHARES: Percentages = Percentages { pass: 80, warning: 50 };

fn check(points: u32, role: Role, outcome: Ending) -> CheckResult {
    CheckResult { outcome, worth: Worth { points, role }, ..any_result() }
}

fn common(points: u32, outcome: Ending) -> CheckResult {
    check(points, Role::Common, outcome)
}

fn weigh(checks: &[CheckResult]) -> Outcome {
    GateRule::Weighted(SHARES).outcome(checks.iter())
}

#[test]
fn points_decide_and_a_marginal_check_earns_half() {
    use Ending::{Fail, Inconclusive, Pass};
    for (checks, expected) in [
        (vec![common(10, Pass)], Outcome::Pass),
        (vec![common(8, Pass), common(2, Fail)], Outcome::Pass),
        (vec![common(7, Pass), common(3, Fail)], Outcome::Inconclusive),
        (vec![common(10, Inconclusive)], Outcome::Inconclusive),
        (vec![common(4, Pass), common(6, Fail)], Outcome::Fail),
        (vec![common(10, Fail)], Outcome::Fail),
    ] {
        assert_eq!(weigh(&checks), expected, "{checks:?}");
    }
}

#[test]
fn a_key_check_that_fails_makes_the_gate_fail() {
    let key = check(1, Role::Key, Ending::Fail);
    assert_eq!(weigh(&[common(99, Ending::Pass), key]), Outcome::Fail);
}

#[test]
fn a_broken_instrument_neither_fails_nor_passes_a_gate() {
    use Ending::{Error, Fail, Pass, Stopped};
    for (checks, expected) in [
        (vec![common(9, Pass), common(1, Error)], Outcome::Pass),
        (vec![common(5, Pass), common(5, Error)], Outcome::Error),
        (vec![common(5, Pass), common(5, Stopped)], Outcome::Inconclusive),
        (vec![common(6, Fail), common(4, Error)], Outcome::Fail),
        (vec![common(99, Pass), check(1, Role::Key, Error)], Outcome::Error),
        (vec![common(10, Error)], Outcome::Error),
    ] {
        assert_eq!(weigh(&checks), expected, "{checks:?}");
    }
}

#[test]
fn no_points_at_all_are_no_health() {
    assert_eq!(weigh(&[]), Outcome::Fail);
    assert_eq!(weigh(&[common(0, Ending::Pass)]), Outcome::Fail);
}

#[test]
fn the_score_is_told() {
    let checks = [common(4, Ending::Pass), common(2, Ending::Inconclusive)];
    let score = GateRule::Weighted(SHARES).score(checks.iter()).unwrap();
    assert_eq!(score, Score { earned: 5.0, of: 6, pass: 80, warning: 50 });
    assert_eq!(GateRule::Worst.score(checks.iter()), None);
}

/// The objectives of Keptn's own tests; its rules are named at [`GateRule::Weighted`].
#[test]
fn objectives_come_to_what_their_tests_say() {
    let Some(file) = vectors::load("weighted_objectives.json") else { return };
    let mut count = Count::default();
    for (id, case) in vectors::cases(&file, "analysis") {
        let objectives = case["objectives"].as_array().unwrap();
        if objectives.is_empty() {
            assert_eq!(gate::mistakes([]), [gate::GateMistake::NothingRequired], "{id}");
            assert_eq!(weigh(&[]), Outcome::Fail, "{id}");
            count.departed(id, "a gate without a check is refused, and never healthy");
            continue;
        }
        let percent = |key: &str| u8::try_from(case[key].as_u64().unwrap()).unwrap();
        let shares =
            Percentages { pass: percent("passPercentage"), warning: percent("warningPercentage") };
        let checks: Vec<_> = objectives.iter().map(objective).collect();
        let rule = GateRule::Weighted(shares);
        let told = match Verdict::from(rule.outcome(checks.iter())) {
            Verdict::Healthy => "pass",
            Verdict::Inconclusive => "warning",
            Verdict::Unhealthy => "fail",
            Verdict::Error => "error",
        };
        assert_eq!(told, case["expected"]["result"], "{id}");
        let score = rule.score(checks.iter()).unwrap();
        assert!((score.earned - case["expected"]["total"].as_f64().unwrap()).abs() < 1e-9);
        assert_eq!(score.of, case["expected"]["max"].as_u64().unwrap(), "{id}");
        count.held();
    }
    count.of("analysis", vectors::cases(&file, "analysis").count());
}

fn objective(objective: &Value) -> CheckResult {
    let (weight, score) = (objective["weight"].as_u64().unwrap(), objective["score"].as_f64());
    let score = score.unwrap();
    #[expect(clippy::cast_precision_loss, reason = "weights are small")]
    let whole = weight as f64;
    let outcome = if score == 0.0 {
        Ending::Fail
    } else if score < whole {
        Ending::Inconclusive
    } else {
        Ending::Pass
    };
    let role = if objective["key"] == true { Role::Key } else { Role::Common };
    check(u32::try_from(weight).unwrap(), role, outcome)
}
