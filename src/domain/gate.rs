//! The set of checks that decides, and what it found.

use std::collections::BTreeSet;

use serde::{Serialize, Serializer};

use super::check::{Answered, Check, Timing, Weight};
use super::event::CheckNote;
use super::names::Service;
use super::text;
use super::verdict::{Outcome, Verdict};
use super::watch::{CheckVerdict, Stop};

mod mistakes;
mod rule;

pub use mistakes::{GateMistake, mistakes};
pub use rule::{GateRule, Percentages, Role, Score, Worth};

/// What one check of a gate found, as JSON shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckResult {
    /// The check's name.
    pub name: String,
    /// The service it belongs to.
    pub service: Option<Service>,
    /// The kind of its probe.
    pub kind: String,
    /// What it found.
    pub outcome: Ending,
    /// What it found, in words.
    pub message: String,
    /// The value that was judged.
    pub value: Option<String>,
    /// What the value was held against.
    pub limit: Option<String>,
    /// How many measurements there were, errors included.
    pub attempts: u32,
    /// How many passed.
    pub passes: u32,
    /// How many failed.
    pub fails: u32,
    /// How many could not tell.
    pub inconclusives: u32,
    /// How many had a broken instrument.
    pub errors: u32,
    /// How long the check took, in milliseconds.
    pub duration_ms: u64,
    /// How long each part of the newest look that speaks for the outcome took.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub timings: Vec<Timing>,
    /// The newest numbers that were judged, the oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub series: Vec<f64>,
    /// What it is worth where the gate counts points.
    #[serde(skip)]
    pub worth: Worth,
    /// Whether it counts.
    #[serde(rename = "advisory", serialize_with = "is_advisory")]
    pub weight: Weight,
    /// Whether the version under test was the one that answered.
    pub answered: Answered,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Every assertion held.
    Pass,
    /// Looked, and could not tell.
    Inconclusive,
    /// It was stopped before it could tell.
    Stopped,
    /// The instrument is broken.
    Error,
    /// The subject is wrong.
    Fail,
}

impl Ending {
    /// Returns what the ending counts as; what was stopped could not tell.
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Pass => Outcome::Pass,
            Self::Inconclusive | Self::Stopped => Outcome::Inconclusive,
            Self::Error => Outcome::Error,
            Self::Fail => Outcome::Fail,
        }
    }

    fn of(verdict: &CheckVerdict) -> Self {
        match (verdict.outcome, &verdict.stopped) {
            (Outcome::Pass, _) => Self::Pass,
            (Outcome::Inconclusive, Some(Stop::Early(_) | Stop::Interrupted)) => Self::Stopped,
            (Outcome::Inconclusive, None) => Self::Inconclusive,
            (Outcome::Error, _) => Self::Error,
            (Outcome::Fail, _) => Self::Fail,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_advisory<S: Serializer>(weight: &Weight, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_bool(match weight {
        Weight::Required => false,
        Weight::Advisory => true,
    })
}

impl CheckResult {
    /// Returns what a check found, as it is told.
    pub fn new(check: &Check, kind: &str, verdict: &CheckVerdict, duration_ms: u64) -> Self {
        let evidence = verdict.evidence.as_ref();
        Self {
            name: check.name.clone(),
            service: check.service.clone(),
            kind: kind.to_owned(),
            outcome: Ending::of(verdict),
            message: text::message(&verdict.message),
            value: evidence.and_then(|seen| seen.value.clone()),
            limit: evidence.and_then(|seen| seen.limit.clone()),
            attempts: verdict.tally.attempts(),
            passes: verdict.tally.passes,
            fails: verdict.tally.fails,
            inconclusives: verdict.tally.inconclusives,
            errors: verdict.tally.errors,
            duration_ms,
            timings: evidence.map(|seen| seen.timings.clone()).unwrap_or_default(),
            series: verdict.series.clone(),
            worth: check.worth,
            weight: check.weight,
            answered: evidence.map_or(Answered::Unknown, |seen| seen.answered.clone()),
        }
    }

    /// Returns whether it counts and failed.
    pub fn is_required_fail(&self) -> bool {
        self.is_required() && self.outcome == Ending::Fail
    }

    fn is_required(&self) -> bool {
        self.weight == Weight::Required
    }

    /// Returns the result in short, as an event holds it.
    pub fn note(&self) -> CheckNote {
        CheckNote {
            name: text::message(&self.name),
            service: self.service.clone(),
            outcome: self.outcome.outcome(),
            message: text::message(&self.message),
            value: self.value.as_deref().map(text::message),
            limit: self.limit.as_deref().map(text::message),
        }
    }
}

/// What a gate found.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct GateReport {
    /// Each check, in the order of the gate.
    pub checks: Vec<CheckResult>,
    /// How long the gate took, in milliseconds.
    pub duration_ms: u64,
    /// How the checks make one verdict.
    #[serde(skip)]
    pub rule: GateRule,
}

/// Whose checks failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failed {
    /// The services whose own checks failed.
    pub services: BTreeSet<Service>,
    /// The checks that failed and belong to no service.
    pub shared: Vec<String>,
}

/// Another version than the one under test answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The service, where the check belongs to one.
    pub service: Option<Service>,
    /// The version that answered.
    pub answered: String,
}

impl GateReport {
    /// Returns what the required checks come to.
    pub fn verdict(&self) -> Verdict {
        self.rule.outcome(self.required()).into()
    }

    /// Returns the points, where the gate counts them.
    pub fn score(&self) -> Option<Score> {
        self.rule.score(self.required())
    }

    /// Returns the first of the worst required checks.
    pub fn decisive(&self) -> Option<&CheckResult> {
        let worst = self.required().map(|check| check.outcome.outcome()).max()?;
        self.required().find(|check| check.outcome.outcome() == worst)
    }

    /// Returns the names of the required checks that failed.
    pub fn fails(&self) -> impl Iterator<Item = &str> {
        let failed = self.checks.iter().filter(|check| check.is_required_fail());
        failed.map(|check| check.name.as_str())
    }

    /// Returns whose required checks failed.
    pub fn failed(&self) -> Failed {
        let mut failed = Failed::default();
        for check in self.checks.iter().filter(|check| check.is_required_fail()) {
            match &check.service {
                Some(service) => drop(failed.services.insert(service.clone())),
                None => failed.shared.push(check.name.clone()),
            }
        }
        failed
    }

    /// Returns the versions that answered instead, where nothing else made the gate fail.
    pub fn drift(&self) -> Vec<Drift> {
        let failed = self.checks.iter().filter(|check| check.is_required_fail());
        let others = failed.map(|check| match &check.answered {
            Answered::Other(answered) => {
                Some(Drift { service: check.service.clone(), answered: answered.clone() })
            }
            Answered::Expected | Answered::Unknown | Answered::Nobody => None,
        });
        others.collect::<Option<Vec<_>>>().unwrap_or_default()
    }

    /// Returns each check in short, as an event holds it.
    pub fn notes(&self) -> Vec<CheckNote> {
        self.checks.iter().map(CheckResult::note).collect()
    }

    /// Returns how many of the required checks passed, and how many there are.
    pub fn passed_of_required(&self) -> (usize, usize) {
        let passed = self.required().filter(|check| check.outcome == Ending::Pass).count();
        (passed, self.required().count())
    }

    fn required(&self) -> impl Iterator<Item = &CheckResult> {
        self.checks.iter().filter(|check| check.is_required())
    }
}

#[cfg(test)]
mod tests;
