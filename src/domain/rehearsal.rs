//! The gate, asked shortly of what runs before a deployment.

use super::check::{Check, Phase, Rehearsal};
use super::duration::Span;
use super::gate::{CheckResult, Ending};
use super::limits::Limits;

/// How many looks a check that fails has time for; a single blip must not excuse what fails later.
const LOOKS: u32 = 3;

/// The longest wait between two looks.
const INTERVAL: Span = Span::secs(2);

/// Returns the check as it is put to what runs: the first pass is enough; none where it is left out.
pub fn rehearsed(check: &Check) -> Option<Check> {
    if check.rehearsal == Rehearsal::Skipped {
        return None;
    }
    let timeout = check.limits.timeout;
    let interval = check.limits.interval.min(INTERVAL.get());
    let waits = interval.saturating_mul(LOOKS - 1);
    let limits = Limits {
        success_streak: Some(1),
        initial_delay: std::time::Duration::ZERO,
        error_retry: interval,
        error_limit: LOOKS,
        deadline: waits.saturating_add(timeout),
        interval,
        ..check.limits.clone()
    };
    Some(Check { phase: Phase::Settle, limits, ..check.clone() })
}

/// Returns the names of the checks that failed, advisory ones among them.
pub fn failed(checks: &[CheckResult]) -> Vec<String> {
    let failed = checks.iter().filter(|check| check.outcome == Ending::Fail);
    failed.map(|check| check.name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::check::{Reach, Weight};
    use super::super::gate::Worth;
    use super::*;

    fn check(phase: Phase, rehearsal: Rehearsal) -> Check {
        let limits = Limits::defaults(phase, Reach::Direct);
        let (weight, worth) = (Weight::Required, Worth::default());
        Check { name: "a".into(), service: None, phase, weight, worth, rehearsal, limits }
    }

    #[test]
    fn a_check_is_asked_until_its_first_pass_with_time_for_three_slow_looks() {
        for phase in [Phase::Settle, Phase::Watch] {
            let asked = rehearsed(&check(phase, Rehearsal::Asked)).unwrap();
            assert_eq!((asked.phase, asked.limits.success_streak), (Phase::Settle, Some(1)));
            assert_eq!(asked.limits.deadline, Duration::from_secs(2 + 2 + 5));
            assert_eq!(asked.limits.mistakes(Phase::Settle), []);
        }
    }

    #[test]
    fn a_check_that_is_to_be_left_out_is_left_out() {
        assert_eq!(rehearsed(&check(Phase::Settle, Rehearsal::Skipped)), None);
    }
}
