//! What a user chooses for rollbacks.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How rollbacks go, and how much is kept.
///
/// ```
/// use lastgood::rollback::{RollbackConfig, RollbackStrategy};
///
/// let config = RollbackConfig { max_history: 10, ..RollbackConfig::default() };
/// assert!(config.auto_rollback_on_failure);
/// assert_eq!(config.strategy, RollbackStrategy::Immediate);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollbackConfig {
    /// How many restore points
    /// [`cleanup_history`](super::RollbackManager::cleanup_history) leaves; stable ones all stay,
    /// also beyond it. 50 unless set.
    pub max_history: usize,
    /// Whether [`check_and_auto_rollback`](super::RollbackManager::check_and_auto_rollback) may go
    /// back by itself. It may unless set otherwise.
    pub auto_rollback_on_failure: bool,
    /// How long one look at the health of services may take, all of its questions together; who
    /// has not answered by then is sick. 30 s unless set.
    pub health_check_timeout: Duration,
    /// The order in which services go back. `Immediate` unless set.
    pub strategy: RollbackStrategy,
}

impl Default for RollbackConfig {
    fn default() -> Self {
        Self {
            max_history: 50,
            auto_rollback_on_failure: true,
            health_check_timeout: Duration::from_secs(30),
            strategy: RollbackStrategy::default(),
        }
    }
}

/// The order in which services go back, and when they are looked at.
///
/// With each of them a service that fails stops only what hangs on it: the services that need it,
/// or that it needs. The others go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum RollbackStrategy {
    /// All of one level of the graph at once, those that need others first; one look at the end.
    #[default]
    Immediate,
    /// Level by level, what others need first; a look after each level, before the next moves.
    Gradual,
    /// One at a time, each after those that it needs; a look after each, before the next moves.
    ServiceByService,
}
