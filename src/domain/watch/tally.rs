//! Counts what a check has seen.

use super::super::verdict::Outcome;

/// How many measurements there were, by what they found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Those that passed.
    pub passes: u32,
    /// Those that could not tell.
    pub inconclusives: u32,
    /// Those whose instrument was broken.
    pub errors: u32,
    /// Those that failed.
    pub fails: u32,
}

impl Tally {
    /// Returns how many measurements there were, errors included.
    pub fn attempts(&self) -> u32 {
        self.taken().saturating_add(self.errors)
    }

    /// Returns how many measurements said something of the subject.
    pub fn taken(&self) -> u32 {
        self.passes.saturating_add(self.inconclusives).saturating_add(self.fails)
    }

    pub(super) fn add(&mut self, outcome: Outcome) {
        let count = match outcome {
            Outcome::Pass => &mut self.passes,
            Outcome::Inconclusive => &mut self.inconclusives,
            Outcome::Error => &mut self.errors,
            Outcome::Fail => &mut self.fails,
        };
        *count = count.saturating_add(1);
    }
}

/// What was seen in a row.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Streak {
    pub(super) passes: u32,
    pub(super) errors: u32,
    pub(super) fails: u32,
}

impl Streak {
    /// An error is no answer: it breaks a row of passes, not a row of fails.
    pub(super) fn add(&mut self, outcome: Outcome) {
        let Self { passes, errors, fails } = *self;
        *self = match outcome {
            Outcome::Pass => Self { passes: passes.saturating_add(1), errors: 0, fails: 0 },
            Outcome::Inconclusive => Self::default(),
            Outcome::Error => Self { passes: 0, errors: errors.saturating_add(1), fails },
            Outcome::Fail => Self { passes: 0, errors: 0, fails: fails.saturating_add(1) },
        };
    }
}
