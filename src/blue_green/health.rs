//! Whether a slot is healthy, by the user's own checker.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::settings::DeployerConfig;
use super::slot::Environment;
use crate::rollback::ask::{Deadline, ask};

/// Tells whether what a slot holds is healthy.
///
/// A [`BlueGreenDeployer`](super::BlueGreenDeployer) asks it on a thread of its own, so that one that
/// hangs can be given up on; that is why it is given none that borrows what ends. What it shares with
/// others goes into an [`Arc`].
pub trait HealthChecker: Send + Sync {
    /// Looks at a slot once.
    fn check(&self, environment: Environment) -> HealthCheckResult;
}

impl<H: HealthChecker + ?Sized> HealthChecker for Arc<H> {
    fn check(&self, environment: Environment) -> HealthCheckResult {
        (**self).check(environment)
    }
}

impl<H: HealthChecker + ?Sized> HealthChecker for Box<H> {
    fn check(&self, environment: Environment) -> HealthCheckResult {
        (**self).check(environment)
    }
}

/// What a look at a slot found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthCheckResult {
    /// Whether the slot is healthy: by the checker's word, then by `min_healthy_percent`.
    pub healthy: bool,
    /// How many checks passed.
    pub checks_passed: u32,
    /// How many failed.
    pub checks_failed: u32,
    /// Each check by its name, and whether it passed.
    pub details: HashMap<String, bool>,
    /// How long it took; of a whole health check all of its looks.
    pub duration: Duration,
}

impl HealthCheckResult {
    /// Returns what these checks come to: healthy if none failed, and at least one was made.
    ///
    /// ```
    /// use lastgood::blue_green::HealthCheckResult;
    ///
    /// let seen = HealthCheckResult::of([("answers", true), ("queue is short", false)]);
    /// assert_eq!((seen.healthy, seen.checks_passed, seen.checks_failed), (false, 1, 1));
    /// ```
    pub fn of(checks: impl IntoIterator<Item = (impl Into<String>, bool)>) -> Self {
        let details: HashMap<String, bool> =
            checks.into_iter().map(|(name, passed)| (name.into(), passed)).collect();
        let (passed, failed) = counted(&details);
        Self {
            healthy: passed > 0 && failed == 0,
            checks_passed: passed,
            checks_failed: failed,
            details,
            duration: Duration::ZERO,
        }
    }

    /// Returns the names of the checks that failed, or how many did.
    pub(super) fn failed(&self) -> String {
        let mut names: Vec<&str> =
            self.details.iter().filter(|(_, passed)| !**passed).map(|(name, _)| &**name).collect();
        names.sort_unstable();
        let Self { checks_passed, checks_failed, .. } = self;
        let of = format!("{checks_failed} of {} checks", checks_passed + checks_failed);
        if names.is_empty() { of } else { format!("{of}: {}", names.join(", ")) }
    }

    /// Holds what was seen against the share of checks that must pass.
    ///
    /// Where a check failed the share decides; where none did, or none was counted, the checker's
    /// own word does.
    fn against(self, min_healthy_percent: u8) -> Self {
        let (mut passed, mut failed) = (self.checks_passed, self.checks_failed);
        if passed == 0 && failed == 0 {
            (passed, failed) = counted(&self.details);
        }
        let all = u64::from(passed) + u64::from(failed);
        let needed = u64::from(min_healthy_percent.min(100)) * all;
        let enough = u64::from(passed) * 100 >= needed;
        let healthy = if failed == 0 { self.healthy } else { enough };
        Self { healthy, checks_passed: passed, checks_failed: failed, ..self }
    }
}

fn counted(details: &HashMap<String, bool>) -> (u32, u32) {
    let passed = details.values().filter(|passed| **passed).count();
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    (count(passed), count(details.len() - passed))
}

/// Looks at a slot until it is healthy or the retries are used up; `None` where the last look did
/// not end in time.
pub(super) fn examine(
    checker: &Arc<dyn HealthChecker>,
    slot: Environment,
    config: &DeployerConfig,
) -> Option<HealthCheckResult> {
    let began = Deadline::within(Duration::MAX);
    let mut last = None;
    for _ in 0..=config.health_check_retries {
        let one = checker.clone();
        let seen = ask(Deadline::within(config.health_check_timeout), move || one.check(slot));
        last = seen.map(|seen| seen.against(config.min_healthy_percent));
        if last.as_ref().is_some_and(|seen| seen.healthy) {
            break;
        }
    }
    last.map(|seen| HealthCheckResult { duration: began.passed(), ..seen })
}

#[cfg(test)]
mod tests {
    use super::super::BlueGreenDeployer;
    use super::*;

    fn judged(healthy: bool, passed: u32, failed: u32, percent: u8) -> bool {
        let (checks_passed, checks_failed) = (passed, failed);
        let seen =
            HealthCheckResult { healthy, checks_passed, checks_failed, ..Default::default() };
        seen.against(percent).healthy
    }

    #[test]
    fn the_share_decides_where_a_check_failed() {
        for word in [true, false] {
            assert!(judged(word, 9, 1, 90));
            assert!(!judged(word, 89, 11, 90));
            assert!(!judged(word, 9, 1, 100));
            assert!(!judged(word, 999, 1, 255), "more than all cannot be asked for");
            assert!(judged(word, 0, 3, 0));
        }
    }

    #[test]
    fn the_checkers_word_decides_where_none_failed() {
        for percent in [0, 50, 100] {
            assert!(judged(true, 3, 0, percent));
            assert!(!judged(false, 3, 0, percent));
            assert!(judged(true, 0, 0, percent));
            assert!(!judged(false, 0, 0, percent));
        }
    }

    #[test]
    fn checks_that_are_only_named_are_counted() {
        let details = HashMap::from([("a".to_owned(), true), ("b".to_owned(), false)]);
        let seen = HealthCheckResult { healthy: true, details, ..Default::default() };
        let seen = seen.against(60);
        assert_eq!((seen.healthy, seen.checks_passed, seen.checks_failed), (false, 1, 1));
        assert_eq!(seen.failed(), "1 of 2 checks: b");
    }

    /// What somebody else knows of both slots.
    struct Borrowed<'a>(&'a HealthCheckResult);

    impl HealthChecker for Borrowed<'_> {
        fn check(&self, _: Environment) -> HealthCheckResult {
            self.0.clone()
        }
    }

    impl HealthChecker for &'static HealthCheckResult {
        fn check(&self, environment: Environment) -> HealthCheckResult {
            Borrowed(self).check(environment)
        }
    }

    /// Any checker will do here: what it must not borrow was settled where the deployer was made.
    fn live<H: HealthChecker>(mut deployer: BlueGreenDeployer<H>) -> Environment {
        deployer.deploy_and_switch("1.0", "shop:1.0", 1).unwrap()
    }

    #[test]
    fn a_checker_may_borrow_what_ends_and_a_deployer_takes_one_that_does_not() {
        let sick = HealthCheckResult::default();
        assert!(!Borrowed(&sick).check(Environment::Blue).healthy);
        let well = HealthCheckResult { healthy: true, ..sick };
        let well: &'static HealthCheckResult = Box::leak(Box::new(well));
        let config = DeployerConfig::default;
        let shared: Arc<dyn HealthChecker> = Arc::new(well);
        assert_eq!(live(BlueGreenDeployer::new(shared, config())), Environment::Green);
        assert_eq!(live(BlueGreenDeployer::new(Box::new(well), config())), Environment::Green);
        assert_eq!(live(BlueGreenDeployer::new(well, config())), Environment::Green);
    }
}
