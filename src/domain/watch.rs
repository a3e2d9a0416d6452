//! Says when to look at a service and when enough was seen.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::check::{Check, Measurement, Phase};
use super::limits::{Limits, WATCH_INTERVAL};
use super::verdict::Outcome;

mod ending;
mod tally;

pub use ending::{CheckVerdict, Stop};
pub use tally::Tally;

use ending::Found;
use tally::Streak;

/// How many of the newest numbers are kept.
const SERIES: usize = 60;

/// What is to be done next.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// Wait this long, then ask again.
    Wait(Duration),
    /// Measure once, within this time, and tell.
    Sample(Duration),
    /// Nothing more: this was found.
    Done(Box<CheckVerdict>),
}

/// Whether a check ends when it can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// It ends as soon as it can tell; running out of time before is no pass.
    Decide,
    /// It looks until the time is over; only what is not healthy ends it sooner.
    Keep,
}

/// The time a check has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// When it begins.
    pub start: Duration,
    /// When it is over.
    pub end: Duration,
    /// Whether it ends when it can tell.
    pub aim: Aim,
}

/// One check as it goes on; it holds no timer and sends no request.
#[derive(Debug, Clone)]
pub struct Watch {
    phase: Phase,
    limits: Limits,
    window: Window,
    health: Health,
    due: Duration,
    allowed: Duration,
    tally: Tally,
    streak: Streak,
    seen: BTreeMap<Outcome, Measurement>,
    series: VecDeque<f64>,
    newest: Option<Outcome>,
    done: Option<CheckVerdict>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Health {
    Settling,
    Healthy,
    Relapsed { since: Duration },
}

impl Watch {
    /// Begins a check.
    pub fn new(check: &Check, window: Window) -> Self {
        Self {
            phase: check.phase,
            limits: check.limits.clone(),
            window,
            health: Health::Settling,
            due: window.start.saturating_add(check.limits.initial_delay),
            allowed: Duration::ZERO,
            tally: Tally::default(),
            streak: Streak::default(),
            seen: BTreeMap::new(),
            series: VecDeque::new(),
            newest: None,
            done: None,
        }
    }

    /// Returns what is to be done now.
    pub fn next(&mut self, now: Duration) -> Next {
        if let Some(done) = &self.done {
            return Next::Done(Box::new(done.clone()));
        }
        let over = self.over();
        if now >= over {
            return Next::Done(Box::new(self.end(self.at_the_end())));
        }
        let left = over.saturating_sub(now);
        if now < self.due {
            return Next::Wait(self.due.saturating_sub(now).min(left));
        }
        self.allowed = self.limits.time_for_one(left);
        Next::Sample(self.allowed)
    }

    /// Takes in what a measurement gave.
    pub fn tell(&mut self, now: Duration, measurement: &Measurement) {
        if self.done.is_some() || self.was_cut_short(now, measurement) {
            return;
        }
        let outcome = measurement.outcome;
        self.tally.add(outcome);
        self.streak.add(outcome);
        self.seen.insert(outcome, measurement.clone());
        self.keep(measurement.number);
        if outcome != Outcome::Error {
            self.newest = Some(outcome);
        }
        let found = self.found(now, outcome);
        self.due = now.saturating_add(self.gap(outcome));
        if let Some(found) = found {
            self.end(found);
        }
    }

    /// Ends the check before it could tell.
    pub fn stop(&mut self, why: Stop) -> CheckVerdict {
        if let Some(done) = &self.done {
            return done.clone();
        }
        let words = match &why {
            Stop::Early(cause) => format!("stopped: {cause}"),
            Stop::Interrupted => "interrupted".to_owned(),
        };
        let verdict = CheckVerdict { stopped: Some(why), ..self.verdict(self.cut_off(words)) };
        self.done = Some(verdict.clone());
        verdict
    }

    /// Returns whether the check has found the subject healthy, and still does.
    pub fn is_healthy(&self) -> bool {
        self.health == Health::Healthy
    }

    /// Returns how many measurements there were so far.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Only the newest are kept: a watch may go on for months.
    fn keep(&mut self, number: Option<f64>) {
        let Some(number) = number else { return };
        if self.series.len() == SERIES {
            self.series.pop_front();
        }
        self.series.push_back(number);
    }

    fn over(&self) -> Duration {
        match (self.phase, self.health) {
            (Phase::Watch, _) | (Phase::Settle, Health::Healthy) => self.window.end,
            (Phase::Settle, Health::Settling) => self.deadline(self.window.start),
            (Phase::Settle, Health::Relapsed { since }) => self.deadline(since),
        }
    }

    fn deadline(&self, since: Duration) -> Duration {
        since.saturating_add(self.limits.deadline).min(self.window.end)
    }

    fn gap(&self, outcome: Outcome) -> Duration {
        match (outcome, self.phase, self.health) {
            (Outcome::Error, _, _) => self.limits.error_retry,
            (_, Phase::Settle, Health::Healthy) => self.limits.interval.max(WATCH_INTERVAL.get()),
            (_, Phase::Settle | Phase::Watch, _) => self.limits.interval,
        }
    }

    /// A measurement that got less than its time, because all time was over, says nothing
    /// against a subject that passed until then, and nothing new of one that failed.
    fn was_cut_short(&self, now: Duration, measurement: &Measurement) -> bool {
        let cut = self.allowed < self.limits.timeout && now >= self.over();
        let against = matches!(measurement.outcome, Outcome::Fail | Outcome::Error);
        let known = match self.phase {
            Phase::Settle => self.streak.passes > 0 || self.newest == Some(Outcome::Fail),
            Phase::Watch => self.tally.passes > 0,
        };
        // What is looked at for a time only was never asked to the end.
        cut && against && (known || self.window.aim == Aim::Keep)
    }

    fn found(&mut self, now: Duration, outcome: Outcome) -> Option<Found> {
        if self.streak.errors > self.limits.error_limit {
            let row = self.streak.errors;
            let words =
                if row == 1 { "1 error".to_owned() } else { format!("{row} errors in a row") };
            return Some(Found::new(Outcome::Error, words));
        }
        match self.phase {
            Phase::Settle => self.settled(now, outcome),
            Phase::Watch => self.watched(),
        }
    }

    fn settled(&mut self, now: Duration, outcome: Outcome) -> Option<Found> {
        let streak = self.streak.passes >= self.limits.settling_streak();
        self.health = match (self.health, outcome) {
            (Health::Settling | Health::Relapsed { .. }, Outcome::Pass) if streak => {
                Health::Healthy
            }
            (Health::Healthy, Outcome::Fail | Outcome::Inconclusive) => {
                Health::Relapsed { since: now }
            }
            (health, _) => health,
        };
        let decided = self.is_healthy() && self.window.aim == Aim::Decide;
        decided.then(|| Found::new(Outcome::Pass, ""))
    }

    fn watched(&mut self) -> Option<Found> {
        let Limits { failure_limit, failure_streak, inconclusive_limit, count, .. } = self.limits;
        let Tally { fails, inconclusives, .. } = self.tally;
        if let Some(limit) = failure_limit.filter(|limit| fails > *limit) {
            return Some(Found::new(Outcome::Fail, format!("{fails} failed, {limit} tolerated")));
        }
        if failure_streak.is_some_and(|row| self.streak.fails >= row) {
            let words = format!("{} failed in a row", self.streak.fails);
            return Some(Found::new(Outcome::Fail, words));
        }
        if inconclusives > inconclusive_limit {
            let words = format!("{inconclusives} could not tell, {inconclusive_limit} tolerated");
            return Some(Found::new(Outcome::Inconclusive, words));
        }
        if self.window.aim == Aim::Keep {
            return None;
        }
        let enough = count.is_some_and(|count| self.tally.taken() >= count);
        self.proven_by_a_row().or_else(|| enough.then(|| self.looked()))
    }

    fn end(&mut self, found: Found) -> CheckVerdict {
        let verdict = self.verdict(found);
        self.done = Some(verdict.clone());
        verdict
    }
}

#[cfg(test)]
mod tests;
