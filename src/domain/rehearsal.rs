//! The gate, asked shortly of what runs before a deployment.

use super::check::{Check, Phase, Rehearsal};
use super::duration::Span;
use super::gate::{CheckResult, Ending};
use super::limits::Limits;

/// How often a check that fails is asked at most; a single blip must not excuse what fails later.
const LOOKS: u32 = 3;

/// The longest wait between two looks.
const INTERVAL: Span = Span::secs(2);

/// Returns the check as it is put to what runs: the first pass is enough; none where it is left out.
pub fn rehearsed(check: &Check) -> Option<Check> {
    if check.rehearsal == Rehearsal::Skipped {
        return None;
    }
    let timeout = check.limits.timeout;
    let waits = check.limits.interval.min(INTERVAL.get()).saturating_mul(LOOKS - 1);
    // So far apart, quick looks take the time of slow ones, and are no more of them.
    let interval = waits.saturating_add(timeout) / LOOKS;
    let limits = Limits {
        success_streak: Some(1),
        initial_delay: std::time::Duration::ZERO,
        error_retry: interval,
        error_limit: LOOKS,
        deadline: interval.saturating_mul(LOOKS),
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

    use super::super::check::{Measurement, Reach, Weight};
    use super::super::gate::Worth;
    use super::super::watch::{Aim, Next, Watch, Window};
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
    fn a_check_that_fails_at_once_is_asked_three_times() {
        for interval in
            [Duration::from_millis(100), Duration::from_secs(1), Duration::from_secs(30)]
        {
            let mut limits = Limits::defaults(Phase::Settle, Reach::Direct);
            limits.interval = interval;
            let check = Check { limits, ..check(Phase::Settle, Rehearsal::Asked) };
            for failing in [Measurement::fail("no"), Measurement::error("broken")] {
                assert_eq!(looks(&rehearsed(&check).unwrap(), &failing), 3, "{interval:?}");
            }
        }
    }

    /// Asks by a clock on which no look takes any time.
    fn looks(check: &Check, answer: &Measurement) -> u32 {
        let window = Window { start: Duration::ZERO, end: Duration::MAX, aim: Aim::Decide };
        let (mut watch, mut now, mut looks) = (Watch::new(check, window), Duration::ZERO, 0);
        loop {
            match watch.next(now) {
                Next::Wait(time) => now += time,
                Next::Sample(_) => {
                    looks += 1;
                    watch.tell(now, answer);
                }
                Next::Done(_) => return looks,
            }
        }
    }

    #[test]
    fn a_check_that_is_to_be_left_out_is_left_out() {
        assert_eq!(rehearsed(&check(Phase::Settle, Rehearsal::Skipped)), None);
    }
}
