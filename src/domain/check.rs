//! One question put to a running service, and what one look at it gave.

use std::time::Duration;

use serde::{Deserialize, Serialize};

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
    /// How often it asks and how much it tolerates.
    pub limits: Limits,
}

/// How often a check asks and how much it tolerates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Settle: time to become healthy.
    pub deadline: Duration,
    /// Settle: passes in a row that are health.
    pub success_streak: u32,
    /// Watch: measurements to take; `None` goes on until stopped.
    pub count: Option<u32>,
    /// Watch: fails tolerated in all.
    pub failure_limit: u32,
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
    /// Whether the version under test was the one that answered.
    pub answered: Answered,
}

/// Whether the version under test was the one that answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// It was proven to be.
    Expected,
    /// Another version answered: this one.
    Other(String),
    /// Nobody asked, or the answer named none.
    Unknown,
}

/// What stands between us and the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Nothing: "cannot be reached" is a fail.
    Direct,
    /// An instrument: "cannot be reached" is an error.
    Instrument,
}
