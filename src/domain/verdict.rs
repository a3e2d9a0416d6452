//! What one measurement, one check and a whole gate can say.

use serde::{Deserialize, Serialize};

/// What one measurement or one check found; ordered by severity, the same everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every assertion holds.
    Pass,
    /// Looked, and could not tell.
    Inconclusive,
    /// The instrument is broken.
    Error,
    /// The subject is wrong.
    Fail,
}

/// What the gate says of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every required check passed.
    Healthy,
    /// Looked, and could not tell.
    Inconclusive,
    /// The instrument is broken.
    Error,
    /// A required check failed.
    Unhealthy,
}

impl From<Outcome> for Verdict {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Pass => Self::Healthy,
            Outcome::Inconclusive => Self::Inconclusive,
            Outcome::Error => Self::Error,
            Outcome::Fail => Self::Unhealthy,
        }
    }
}
