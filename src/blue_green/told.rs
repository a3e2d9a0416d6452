//! What became of each deployment, and why something was refused.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::slot::Environment;

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeployError {
    /// Something is under way in the slot, or was left in the middle: `cleanup_staging` empties it.
    #[error("`{0}` is busy, or was left in the middle; `cleanup_staging` empties it")]
    EnvironmentBusy(Environment),
    /// What the slot holds is not healthy.
    #[error("the health check failed: {0}")]
    HealthCheckFailed(String),
    /// The platform did not move the traffic.
    #[error("the switch failed: {0}")]
    SwitchFailed(String),
    /// There is nothing to return to, or the platform did not return to it.
    #[error("the rollback failed: {0}")]
    RollbackFailed(String),
    /// What was asked for does not fit what is there.
    #[error("{0}")]
    InvalidState(String),
    /// It took too long, and was given up on.
    #[error("it took too long: {0}")]
    Timeout(String),
}

/// One deployment, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentRecord {
    /// Its identity, which is given once.
    pub id: String,
    /// The slot it went to.
    pub environment: Environment,
    /// The version, as people say it.
    pub version: String,
    /// When it was deployed.
    pub deployed_at: SystemTime,
    /// When the traffic last came to it.
    pub switched_at: Option<SystemTime>,
    /// When it was rolled back from.
    pub rolled_back_at: Option<SystemTime>,
    /// How it stands.
    pub status: DeploymentStatus,
}

/// How a deployment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DeploymentStatus {
    /// It is under way, or was left in the middle.
    InProgress,
    /// It was made and has not failed; without traffic, or no longer with it.
    Ready,
    /// It has the traffic.
    Live,
    /// It was rolled back from.
    RolledBack,
    /// It could not be made, or its health check failed.
    Failed,
}
