//! What a check says when it ends, and why.

use super::super::check::{Answered, Measurement, Phase};
use super::super::duration::Span;
use super::super::verdict::Outcome;
use super::{Aim, Health, Tally, Watch};

/// Why a check ended before it could tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// Another check decided, in these words.
    Early(String),
    /// Somebody interrupted it.
    Interrupted,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckVerdict {
    /// What it found; a check that was stopped could not tell.
    pub outcome: Outcome,
    /// Why it was stopped, where it was.
    pub stopped: Option<Stop>,
    /// What it found, in words.
    pub message: String,
    /// The newest measurement that speaks for the outcome.
    pub evidence: Option<Measurement>,
    /// How many measurements there were.
    pub tally: Tally,
    /// The newest numbers that were judged, the oldest first.
    pub series: Vec<f64>,
}

impl CheckVerdict {
    /// Returns whether it failed because nothing answered.
    pub fn is_unreached(&self) -> bool {
        self.outcome == Outcome::Fail
            && self.evidence.as_ref().is_some_and(|seen| seen.answered == Answered::Nobody)
    }

    /// Returns the verdict in the light of a control: without a pass of it, a fail for want of
    /// any answer is a broken instrument.
    #[must_use]
    pub fn held_against(self, control: &str, measurement: &Measurement) -> Self {
        if measurement.outcome == Outcome::Pass {
            return self;
        }
        let (said, found) = (&self.message, &measurement.message);
        let message = format!("the control `{control}` was not reached either ({found}): {said}");
        Self { outcome: Outcome::Error, message, ..self }
    }
}

impl Watch {
    /// Limits tolerate what is seen beside health; without any health they prove nothing.
    pub(super) fn tolerated(&self, words: String) -> Found {
        let outcome = if self.tally.passes > 0 { Outcome::Pass } else { self.without_proof() };
        Found { outcome, words }
    }

    /// Returns the pass that the row of passes asked for gives, as soon as it stands.
    pub(super) fn proven_by_a_row(&self) -> Option<Found> {
        let row = self.streak.passes;
        let stands = self.limits.success_streak.is_some_and(|asked| row >= asked);
        stands.then(|| Found::new(Outcome::Pass, format!("{row} passed in a row")))
    }

    /// Returns what all looks came to, when no more will be taken.
    pub(super) fn looked(&self) -> Found {
        let Tally { passes, .. } = self.tally;
        let taken = self.tally.taken();
        match self.limits.success_streak {
            None => self.tolerated(format!("{passes} of {taken} passed")),
            Some(asked) => self.proven_by_a_row().unwrap_or_else(|| {
                let words = format!("{passes} of {taken} passed, and not {asked} in a row");
                Found { outcome: self.without_the_row(), words }
            }),
        }
    }

    /// Fails that are tolerated one by one cannot tell; where only the row counts, they decide.
    fn without_the_row(&self) -> Outcome {
        match self.limits.failure_limit {
            None if self.tally.fails > 0 => Outcome::Fail,
            None | Some(_) => self.without_proof(),
        }
    }

    fn without_proof(&self) -> Outcome {
        let only_errors = self.tally.errors > 0 && self.tally.taken() == 0;
        if only_errors { Outcome::Error } else { Outcome::Inconclusive }
    }

    pub(super) fn cut_off(&self, words: String) -> Found {
        Found { outcome: self.without_proof(), words }
    }

    pub(super) fn at_the_end(&self) -> Found {
        match (self.phase, self.window.aim) {
            (Phase::Settle, _) => self.settle_at_the_end(),
            (Phase::Watch, Aim::Keep) => self.looked(),
            (Phase::Watch, Aim::Decide) => {
                let of = self.limits.count.map(|count| format!(" of {count}")).unwrap_or_default();
                let taken = self.tally.taken();
                self.cut_off(format!("out of time after {taken}{of} measurements"))
            }
        }
    }

    fn settle_at_the_end(&self) -> Found {
        let time = Span::from(self.over().saturating_sub(self.window.start));
        match self.health {
            Health::Healthy => Found::new(Outcome::Pass, ""),
            Health::Settling => {
                Found { outcome: self.unsettled(), words: format!("not healthy within `{time}`") }
            }
            Health::Relapsed { since }
                if self.over() < since.saturating_add(self.limits.deadline) =>
            {
                self.cut_off("not healthy again when the time was over".to_owned())
            }
            Health::Relapsed { .. } => {
                let deadline = Span::from(self.limits.deadline);
                let words = format!("not healthy again within `{deadline}`");
                Found { outcome: self.unsettled(), words }
            }
        }
    }

    /// The last look that could tell decides; passes that were too few are no health after a
    /// fail, and merely too few where nothing ever failed.
    fn unsettled(&self) -> Outcome {
        match self.newest {
            Some(Outcome::Fail) => Outcome::Fail,
            Some(Outcome::Pass) if self.tally.fails > 0 => Outcome::Fail,
            Some(Outcome::Pass | Outcome::Inconclusive | Outcome::Error) => Outcome::Inconclusive,
            None => self.without_proof(),
        }
    }

    pub(super) fn verdict(&self, found: Found) -> CheckVerdict {
        let Found { outcome, words } = found;
        let newest = self.newest.and_then(|newest| self.seen.get(&newest));
        let evidence = self.seen.get(&outcome).or(newest).cloned();
        let said = evidence.as_ref().map(|seen| seen.message.as_str()).unwrap_or_default();
        let message = match (words.as_str(), said) {
            ("", said) => said.to_owned(),
            (words, "") => words.to_owned(),
            (words, said) => format!("{words}: {said}"),
        };
        let series = self.series.iter().copied().collect();
        CheckVerdict { outcome, stopped: None, message, evidence, tally: self.tally, series }
    }
}

/// An outcome, and why it is so.
pub(super) struct Found {
    outcome: Outcome,
    words: String,
}

impl Found {
    pub(super) fn new(outcome: Outcome, words: impl Into<String>) -> Self {
        Self { outcome, words: words.into() }
    }
}
