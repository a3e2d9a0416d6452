//! How often a check asks and how much it tolerates.

use std::time::Duration;

use super::check::{Phase, Reach};
use super::duration::Span;

/// How often a check asks and how much it tolerates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Settle: time to become healthy, the initial delay included.
    pub deadline: Duration,
    /// Passes in a row that are health; a watching check asks for none where it is `None`.
    pub success_streak: Option<u32>,
    /// Watch: measurements to take; `None` goes on until stopped.
    pub count: Option<u32>,
    /// Watch: fails tolerated in all; any number where it is `None`.
    pub failure_limit: Option<u32>,
    /// Watch: this many fails in a row end it; off when `None`.
    pub failure_streak: Option<u32>,
    /// Watch: inconclusive measurements tolerated in all.
    pub inconclusive_limit: u32,
    /// Errors tolerated in a row.
    pub error_limit: u32,
    /// The wait after an error.
    pub error_retry: Duration,
    /// The wait before the first measurement.
    pub initial_delay: Duration,
    /// The wait between measurements.
    pub interval: Duration,
    /// The time one measurement may take.
    pub timeout: Duration,
}

/// A limit that makes no sense, by the key that it is written with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitMistake {
    /// The key.
    pub key: &'static str,
    /// Why it makes no sense, as a fragment.
    pub message: String,
}

/// The time a settling check has to become healthy.
pub const DEADLINE: Span = Span::mins(2);
/// The passes in a row that are health, for a direct probe.
pub const DIRECT_STREAK: u32 = 3;
/// The passes in a row that are health, for an instrument, which looks back over time by itself.
pub const INSTRUMENT_STREAK: u32 = 1;
/// The wait between measurements while settling.
pub const SETTLE_INTERVAL: Span = Span::secs(2);
/// The wait between measurements while watching.
pub const WATCH_INTERVAL: Span = Span::secs(10);
/// The errors tolerated in a row.
pub const ERROR_LIMIT: u32 = 4;
/// The wait after an error.
pub const ERROR_RETRY: Span = Span::secs(10);
/// The time one measurement may take.
pub const TIMEOUT: Span = Span::secs(5);
/// The shortest interval that is chosen for a short deadline.
const SHORTEST_FITTING: Span = Span::millis(100);

const SETTLE_KEYS: [&str; 7] = [
    "deadline",
    "success_streak",
    "error_limit",
    "error_retry",
    "initial_delay",
    "interval",
    "timeout",
];
const WATCH_KEYS: [&str; 10] = [
    "count",
    "success_streak",
    "failure_limit",
    "failure_streak",
    "inconclusive_limit",
    "error_limit",
    "error_retry",
    "initial_delay",
    "interval",
    "timeout",
];

impl Limits {
    /// Returns what holds where nothing is written.
    pub fn defaults(phase: Phase, reach: Reach) -> Self {
        Self {
            deadline: DEADLINE.get(),
            success_streak: match (phase, reach) {
                (Phase::Settle, Reach::Direct) => Some(DIRECT_STREAK),
                (Phase::Settle, Reach::Instrument) => Some(INSTRUMENT_STREAK),
                (Phase::Watch, Reach::Direct | Reach::Instrument) => None,
            },
            count: None,
            failure_limit: Some(0),
            failure_streak: None,
            inconclusive_limit: 0,
            error_limit: ERROR_LIMIT,
            error_retry: ERROR_RETRY.get(),
            initial_delay: Duration::ZERO,
            interval: match phase {
                Phase::Settle => SETTLE_INTERVAL.get(),
                Phase::Watch => WATCH_INTERVAL.get(),
            },
            timeout: TIMEOUT.get(),
        }
    }

    /// Returns the same with the interval shortened so that the streak fits twice into the deadline.
    ///
    /// For a settling check whose deadline was written and whose interval was not: `deadline: 3s`
    /// alone must not make a check that could never pass.
    #[must_use]
    pub fn with_fitting_interval(self) -> Self {
        let time = self.deadline.saturating_sub(self.initial_delay);
        let fitting = time / self.settling_streak().saturating_mul(2).max(1);
        let interval = self.interval.min(fitting.max(SHORTEST_FITTING.get()));
        Self { interval, ..self }
    }

    /// Returns how many passes in a row are health while settling; one proves the least.
    pub fn settling_streak(&self) -> u32 {
        self.success_streak.unwrap_or(1)
    }

    /// Returns the time that one measurement gets: its own, and never more than is left.
    pub fn time_for_one(&self, left: Duration) -> Duration {
        // Without a time of its own it gets all that is left.
        if self.timeout.is_zero() { left } else { self.timeout.min(left) }
    }

    /// Returns the keys that mean something in a phase.
    pub fn keys(phase: Phase) -> &'static [&'static str] {
        match phase {
            Phase::Settle => &SETTLE_KEYS,
            Phase::Watch => &WATCH_KEYS,
        }
    }

    /// Returns every limit that makes no sense in a phase.
    pub fn mistakes(&self, phase: Phase) -> Vec<LimitMistake> {
        let mut found = Mistakes::default();
        found.when(self.interval.is_zero(), "interval", "no wait between measurements; write `1s`");
        found.when(self.timeout.is_zero(), "timeout", "no time to measure; write `5s`");
        found.when(self.error_retry.is_zero(), "error_retry", "no wait after an error");
        let unproven = self.success_streak == Some(0);
        found.when(unproven, "success_streak", "zero passes would be no proof");
        match phase {
            Phase::Settle => self.settle_mistakes(&mut found),
            Phase::Watch => self.watch_mistakes(&mut found),
        }
        found.0
    }

    fn settle_mistakes(&self, found: &mut Mistakes) {
        let [deadline, least] = [self.deadline, self.soonest()].map(Span::from);
        found.when(
            deadline <= least,
            "deadline",
            format!("it could never pass: {} passes in a row end after `{least}` at the soonest, and the deadline is `{deadline}`", self.settling_streak()),
        );
    }

    fn soonest(&self) -> Duration {
        let waits = self.settling_streak().saturating_sub(1);
        self.initial_delay.saturating_add(self.interval.saturating_mul(waits))
    }

    fn watch_mistakes(&self, found: &mut Mistakes) {
        found.when(self.failure_streak == Some(0), "failure_streak", "zero fails in a row");
        let tireless = self.success_streak.is_none() && self.failure_streak.is_none();
        found.when(
            self.failure_limit.is_none() && tireless,
            "failure_limit",
            "it could never fail: it tolerates any fail; write `failure_streak` or `success_streak` beside it",
        );
        let Some(count) = self.count else { return };
        if count == 0 {
            return found.when(true, "count", "zero measurements would be no proof");
        }
        let never = |limit: u32, what| {
            format!("it could never {what}: it tolerates `{limit}` of `{count}` measurements")
        };
        let (fails, unclear) = (self.failure_limit.unwrap_or(0), self.inconclusive_limit);
        found.when(fails >= count, "failure_limit", never(fails, "fail"));
        found.when(unclear >= count, "inconclusive_limit", never(unclear, "be inconclusive"));
        self.row_mistakes(count, fails, found);
    }

    /// A row must fit behind the fails that are tolerated, else these would decide and not the row.
    fn row_mistakes(&self, count: u32, fails: u32, found: &mut Mistakes) {
        let row = self.success_streak.unwrap_or(0);
        let of = if fails == 0 { String::new() } else { format!(" of which `{fails}` may fail") };
        found.when(
            fails < count && fails.saturating_add(row) > count,
            "success_streak",
            format!("{row} passes in a row do not fit into `{count}` measurements{of}"),
        );
    }
}

#[derive(Default)]
struct Mistakes(Vec<LimitMistake>);

impl Mistakes {
    fn when(&mut self, wrong: bool, key: &'static str, message: impl Into<String>) {
        if wrong {
            self.0.push(LimitMistake { key, message: message.into() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(phase: Phase, change: impl Fn(&mut Limits)) -> Vec<(&'static str, String)> {
        let mut limits = Limits::defaults(phase, Reach::Direct);
        change(&mut limits);
        limits.mistakes(phase).into_iter().map(|found| (found.key, found.message)).collect()
    }

    fn keys(phase: Phase, change: impl Fn(&mut Limits)) -> Vec<&'static str> {
        limits(phase, change).into_iter().map(|(key, _)| key).collect()
    }

    #[test]
    fn the_defaults_are_those_of_the_contract() {
        let settle = Limits::defaults(Phase::Settle, Reach::Direct);
        assert_eq!(settle.deadline, Duration::from_secs(120));
        assert_eq!((settle.success_streak, settle.interval), (Some(3), Duration::from_secs(2)));
        assert_eq!(Limits::defaults(Phase::Settle, Reach::Instrument).success_streak, Some(1));
        let watch = Limits::defaults(Phase::Watch, Reach::Instrument);
        assert_eq!((watch.failure_limit, watch.failure_streak, watch.count), (Some(0), None, None));
        assert_eq!((watch.inconclusive_limit, watch.error_limit), (0, 4));
        assert_eq!(watch.success_streak, None);
        assert_eq!(watch.interval, Duration::from_secs(10));
        assert_eq!(watch.error_retry, Duration::from_secs(10));
        assert_eq!((watch.initial_delay, watch.timeout), (Duration::ZERO, Duration::from_secs(5)));
    }

    #[test]
    fn the_defaults_are_no_mistake() {
        for phase in [Phase::Settle, Phase::Watch] {
            assert_eq!(limits(phase, |_| ()), []);
        }
    }

    #[test]
    fn a_check_that_could_never_fail_is_a_mistake() {
        let of = |count, limit| {
            limits(Phase::Watch, move |l| {
                l.count = Some(count);
                l.failure_limit = Some(limit);
            })
        };
        let message = "it could never fail: it tolerates `5` of `5` measurements";
        assert_eq!(of(5, 5), [("failure_limit", message.to_owned())]);
        assert_eq!(of(1, 2).len(), 1);
        assert_eq!(of(2, 1), []);
    }

    #[test]
    fn tolerating_any_fail_takes_a_row_that_decides() {
        let of = |row, fails_in_a_row| {
            keys(Phase::Watch, move |l| {
                l.count = Some(5);
                l.failure_limit = None;
                (l.success_streak, l.failure_streak) = (row, fails_in_a_row);
            })
        };
        assert_eq!(of(None, None), ["failure_limit"]);
        assert_eq!(of(Some(5), None), [""; 0]);
        assert_eq!(of(None, Some(2)), [""; 0]);
        assert_eq!(of(Some(6), None), ["success_streak"]);
    }

    #[test]
    fn a_row_of_passes_must_fit_behind_the_fails_that_are_tolerated() {
        let of = |row, limit| {
            limits(Phase::Watch, move |l| {
                l.count = Some(5);
                (l.success_streak, l.failure_limit) = (Some(row), Some(limit));
            })
        };
        assert_eq!(of(3, 2), []);
        let message = "3 passes in a row do not fit into `5` measurements of which `3` may fail";
        assert_eq!(of(3, 3), [("success_streak", message.to_owned())]);
        assert_eq!(of(3, 5).len(), 1, "told once");
    }

    #[test]
    fn one_measurement_never_gets_more_time_than_is_left() {
        let limits = |secs| Limits {
            timeout: Duration::from_secs(secs),
            ..Limits::defaults(Phase::Settle, Reach::Direct)
        };
        for (own, left, expected) in [(5, 9, 5), (9, 5, 5), (5, 5, 5), (0, 7, 7), (5, 0, 0)] {
            let got = limits(own).time_for_one(Duration::from_secs(left));
            assert_eq!(got.as_secs(), expected, "{own} of {left}");
        }
    }

    #[test]
    fn a_check_that_could_never_be_inconclusive_is_a_mistake() {
        let of = |limit| {
            keys(Phase::Watch, move |l| {
                l.count = Some(2);
                l.inconclusive_limit = limit;
            })
        };
        assert_eq!(of(2), ["inconclusive_limit"]);
        assert_eq!(of(1), [""; 0]);
    }

    #[test]
    fn zeros_that_would_prove_nothing_are_mistakes_all_at_once() {
        let zero = |l: &mut Limits| {
            l.interval = Duration::ZERO;
            l.timeout = Duration::ZERO;
            l.error_retry = Duration::ZERO;
            l.success_streak = Some(0);
            l.count = Some(0);
            l.failure_streak = Some(0);
        };
        let common = ["interval", "timeout", "error_retry"];
        let common = [&common[..], &["success_streak"]].concat();
        assert_eq!(keys(Phase::Settle, zero), common);
        assert_eq!(keys(Phase::Watch, zero), [&common[..], &["failure_streak", "count"]].concat());
    }

    #[test]
    fn a_deadline_before_the_streak_could_end_is_a_mistake() {
        let of = |deadline, delay| {
            keys(Phase::Settle, move |l| {
                l.deadline = Duration::from_secs(deadline);
                l.initial_delay = Duration::from_secs(delay);
            })
        };
        assert_eq!(of(4, 0), ["deadline"]);
        assert_eq!(of(5, 0), [""; 0]);
        assert_eq!(of(5, 1), ["deadline"]);
    }

    #[test]
    fn a_short_deadline_alone_shortens_the_interval_until_the_check_can_pass() {
        let fitted = |deadline| {
            let mut limits = Limits::defaults(Phase::Settle, Reach::Direct);
            limits.deadline = Duration::from_millis(deadline);
            limits.with_fitting_interval()
        };
        assert_eq!(fitted(120_000).interval, SETTLE_INTERVAL.get());
        assert_eq!(fitted(3_000).interval, Duration::from_millis(500));
        assert_eq!(fitted(3_000).mistakes(Phase::Settle), []);
        assert_eq!(fitted(300).interval, Duration::from_millis(100));
        assert_eq!(fitted(300).mistakes(Phase::Settle), []);
    }

    #[test]
    fn each_phase_knows_its_own_keys() {
        assert!(Limits::keys(Phase::Settle).contains(&"deadline"));
        assert!(!Limits::keys(Phase::Settle).contains(&"count"));
        assert!(Limits::keys(Phase::Watch).contains(&"failure_limit"));
        assert!(Limits::keys(Phase::Watch).contains(&"success_streak"));
        assert!(!Limits::keys(Phase::Watch).contains(&"deadline"));
    }
}
