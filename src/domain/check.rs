//! One question put to a running service, and its answer.

use serde::{Deserialize, Serialize};

use super::gate::Worth;
pub use super::limits::Limits;
use super::names::Service;
use super::verdict::Outcome;

/// When a check asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Waits until healthy, within a deadline.
    #[default]
    Settle,
    /// Must stay healthy for a count of measurements.
    Watch,
}

/// Whether a check counts for the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Weight {
    /// Counts.
    Required,
    /// Is shown and never counts.
    Advisory,
}

/// What is put to whom, how often, and how much is tolerated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The name, unique in its gate.
    pub name: String,
    /// The service it belongs to; none for a check of the whole environment.
    pub service: Option<Service>,
    /// When it asks.
    pub phase: Phase,
    /// Whether it counts.
    pub weight: Weight,
    /// What it is worth where the gate counts points.
    pub worth: Worth,
    /// Whether it is asked before a deployment too.
    pub rehearsal: Rehearsal,
    /// How often it asks and how much it tolerates.
    pub limits: Limits,
}

/// Whether a check is asked before a deployment too, of what runs then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rehearsal {
    /// It is asked.
    #[default]
    Asked,
    /// It is left out.
    Skipped,
}

/// What one look gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    /// What it found.
    pub outcome: Outcome,
    /// What it found, in words, already cleaned.
    pub message: String,
    /// The value that was judged, as people read it.
    pub value: Option<String>,
    /// What the value was held against.
    pub limit: Option<String>,
    /// The number that was judged, for a line of them over time; none where it is no number.
    pub number: Option<f64>,
    /// How long each part of the look took, in the order of time.
    pub timings: Vec<Timing>,
    /// Whether the version under test was the one that answered.
    pub answered: Answered,
}

/// How long one part of a look took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Timing {
    /// The part, such as `resolve`, `connect`, `tls`, `processing` or `transfer`.
    pub name: &'static str,
    /// Milliseconds, with fractions.
    pub ms: f64,
}

impl Timing {
    /// Returns how long a part took.
    pub fn new(name: &'static str, took: std::time::Duration) -> Self {
        // Finer than a microsecond nobody measures.
        Self { name, ms: (took.as_secs_f64() * 1e6).round() / 1e3 }
    }
}

impl Measurement {
    /// Returns a measurement whose every assertion holds.
    pub fn pass(message: impl Into<String>) -> Self {
        Self::of(Outcome::Pass, message)
    }

    /// Returns a measurement that found the subject wrong.
    pub fn fail(message: impl Into<String>) -> Self {
        Self::of(Outcome::Fail, message)
    }

    /// Returns a measurement whose instrument is broken.
    pub fn error(message: impl Into<String>) -> Self {
        Self::of(Outcome::Error, message)
    }

    /// Returns a measurement that could not tell.
    pub fn inconclusive(message: impl Into<String>) -> Self {
        Self::of(Outcome::Inconclusive, message)
    }

    /// Returns the measurement of a subject that could not be reached.
    pub fn unreached(reach: Reach, message: impl Into<String>) -> Self {
        match reach {
            Reach::Direct => Self::fail(message).answered_by(Answered::Nobody),
            Reach::Instrument => Self::error(message).answered_by(Answered::Nobody),
        }
    }

    fn of(outcome: Outcome, message: impl Into<String>) -> Self {
        let message = super::text::message(&message.into());
        Self {
            outcome,
            message,
            value: None,
            limit: None,
            number: None,
            timings: Vec::new(),
            answered: Answered::Unknown,
        }
    }

    /// Adds the value that was judged and what it was held against.
    #[must_use]
    pub fn judged(self, value: &str, limit: &str) -> Self {
        let [value, limit] = [value, limit].map(super::text::message);
        Self { value: Some(value), limit: Some(limit), ..self }
    }

    /// Adds the number that was judged.
    #[must_use]
    pub fn measured(self, number: f64) -> Self {
        Self { number: Some(number), ..self }
    }

    /// Adds how long each part of the look took.
    #[must_use]
    pub fn timed(self, timings: Vec<Timing>) -> Self {
        Self { timings, ..self }
    }

    /// Adds who answered.
    #[must_use]
    pub fn answered_by(self, answered: Answered) -> Self {
        Self { answered, ..self }
    }
}

/// Whether the version under test was the one that answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answered {
    /// It was proven to be.
    Expected,
    /// Another version answered: this one.
    Other(String),
    /// Nobody asked, or the answer named none.
    Unknown,
    /// Nothing answered: it could not be reached.
    Nobody,
}

/// What stands between us and the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Nothing: "cannot be reached" is a fail.
    Direct,
    /// An instrument: "cannot be reached" is an error.
    Instrument,
}
