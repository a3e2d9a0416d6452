//! How a rollback ended, and why one is refused.

use std::collections::HashMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RollbackError {
    /// There is no such restore point, or no stable one that differs from what runs.
    #[error("there is no restore point `{0}` to go back to")]
    RestorePointNotFound(String),
    /// The restore point does not hold that service.
    #[error("the restore point does not hold the service `{0}`")]
    ServiceNotFound(String),
    /// A rollback is under way, or was left in the middle: `cancel_rollback` puts it back.
    #[error("a rollback is under way, or was left in the middle; cancel it first")]
    RollbackInProgress,
    /// What was looked at is not healthy.
    #[error("the health check failed: {0}")]
    HealthCheckFailed(String),
    /// Services would run beside versions that they do not work with; both sides are named.
    #[error("versions would not fit together: {0}")]
    DependencyConflict(String),
    /// What was asked for does not fit what is there.
    #[error("{0}")]
    InvalidState(String),
}

/// What a rollback, or the cancel of one, came to.
///
/// Every service that was to be moved is in one of the two lists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollbackResult {
    /// Whether all is back and healthy.
    pub success: bool,
    /// The services that were moved and are healthy, in the order in which they were moved.
    pub rolled_back_services: Vec<String>,
    /// The services that are sick, that could not be moved, or that wait for such a one, by name.
    pub failed_services: Vec<String>,
    /// How long it took, looks included.
    pub duration: Duration,
    /// What ran before, of the services that were moved.
    pub previous_versions: HashMap<String, String>,
    /// What runs now, of the services that were moved.
    pub new_versions: HashMap<String, String>,
}

impl RollbackResult {
    /// Returns it where all is back and healthy, else
    /// [`HealthCheckFailed`](RollbackError::HealthCheckFailed) with the services that are not.
    pub fn proven(self) -> Result<Self, RollbackError> {
        if self.success {
            Ok(self)
        } else {
            Err(RollbackError::HealthCheckFailed(self.failed_services.join(", ")))
        }
    }
}
