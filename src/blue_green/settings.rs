//! What a user chooses for blue/green deployments.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What a health check asks for, and how long things may take.
///
/// ```
/// use std::time::Duration;
///
/// use lastgood::blue_green::DeployerConfig;
///
/// let config = DeployerConfig { min_healthy_percent: 90, ..DeployerConfig::default() };
/// assert_eq!(config.health_check_timeout, Duration::from_secs(30));
/// assert_eq!(config.health_check_retries, 3);
/// assert_eq!(config.switch_timeout, Duration::from_secs(60));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeployerConfig {
    /// How long one look of a health check may take. 30 s unless set.
    pub health_check_timeout: Duration,
    /// How often a look that found the slot sick, or did not end in time, is taken again, at
    /// once: a checker that wants a pause waits itself. 3 unless set: four looks at most.
    pub health_check_retries: u32,
    /// How many of the checks must pass, in percent. 100 unless set; more counts as 100.
    pub min_healthy_percent: u8,
    /// How long the platform may take to move the traffic. 60 s unless set.
    pub switch_timeout: Duration,
}

impl Default for DeployerConfig {
    fn default() -> Self {
        Self {
            health_check_timeout: Duration::from_secs(30),
            health_check_retries: 3,
            min_healthy_percent: 100,
            switch_timeout: Duration::from_secs(60),
        }
    }
}
