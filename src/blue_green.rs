//! Blue/green deployments as a library: two slots that take turns.
//!
//! [`BlueGreenDeployer`] keeps account of what the slots hold and which of them is live, with the
//! [`slots`](crate::domain::slots) of `lastgood`'s own domain. See `docs/library.md`.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

pub mod asynchronous;

mod act;
mod clean;
mod health;
mod platform;
mod settings;
mod slot;
mod store;
#[cfg(test)]
mod tests;
mod told;

pub use health::{HealthCheckResult, HealthChecker};
pub use platform::Platform;
pub use settings::DeployerConfig;
pub use slot::{DeploymentInfo, Environment, EnvironmentState};
pub use store::{Saved, Store};
pub use told::{DeployError, DeploymentRecord, DeploymentStatus};

use slot::Slots;

/// Brings versions to the slot without traffic, and gives it the traffic once it is healthy.
///
/// Exactly one slot is live, always. Blue is at the start.
///
/// ```
/// use lastgood::blue_green::{
///     BlueGreenDeployer, DeployerConfig, Environment, EnvironmentState, HealthCheckResult,
///     HealthChecker,
/// };
///
/// struct Answers;
///
/// impl HealthChecker for Answers {
///     fn check(&self, _environment: Environment) -> HealthCheckResult {
///         HealthCheckResult::of([("answers", true)])
///     }
/// }
///
/// let mut deployer = BlueGreenDeployer::new(Answers, DeployerConfig::default());
/// assert_eq!(deployer.deploy("2.0", "shop:2.0", 3)?, Environment::Green);
/// assert!(deployer.switch().is_err(), "nobody has looked at it");
///
/// assert!(deployer.health_check()?.healthy);
/// deployer.switch()?;
/// assert_eq!(deployer.live_environment(), Environment::Green);
///
/// deployer.rollback()?;
/// assert_eq!(deployer.environment_state(Environment::Blue), EnvironmentState::Live);
/// # Ok::<(), lastgood::blue_green::DeployError>(())
/// ```
pub struct BlueGreenDeployer<H: HealthChecker> {
    checker: Arc<dyn HealthChecker>,
    checked_by: PhantomData<H>,
    config: DeployerConfig,
    saved: Saved,
    platform: Option<Arc<dyn Platform>>,
    store: Option<Box<dyn Store>>,
}

impl<H: HealthChecker> BlueGreenDeployer<H> {
    /// Returns a deployer whose blue slot is live and whose green one is idle and empty.
    pub fn new(health_checker: H, config: DeployerConfig) -> Self
    where
        H: 'static,
    {
        let (slots, records) = (Slots::new(), Vec::new());
        let saved = Saved { slots, records, is_open: false, is_unsure: false };
        let checker = Arc::new(health_checker);
        Self { checker, checked_by: PhantomData, config, saved, platform: None, store: None }
    }

    /// Returns a deployer that goes on where another one stopped, be it in the middle of something.
    ///
    /// An account that cannot be true is [`InvalidState`](DeployError::InvalidState).
    pub fn restore(
        health_checker: H,
        config: DeployerConfig,
        saved: Saved,
    ) -> Result<Self, DeployError>
    where
        H: 'static,
    {
        match saved.mistake() {
            Some(mistake) => Err(DeployError::InvalidState(mistake)),
            None => Ok(Self { saved, ..Self::new(health_checker, config) }),
        }
    }

    /// Lets something deploy and move the traffic for real; without it only the account is kept.
    #[must_use]
    pub fn with_platform(self, platform: impl Platform + 'static) -> Self {
        Self { platform: Some(Arc::new(platform)), ..self }
    }

    /// Keeps the account beside memory as well, from the next change on.
    #[must_use]
    pub fn with_store(self, store: impl Store + 'static) -> Self {
        Self { store: Some(Box::new(store)), ..self }
    }

    /// Returns the slot that has the traffic.
    pub fn live_environment(&self) -> Environment {
        self.saved.slots.live()
    }

    /// Returns the slot that has none, to which the next deployment goes.
    pub fn staging_environment(&self) -> Environment {
        self.live_environment().other()
    }

    /// Returns how a slot stands.
    pub fn environment_state(&self, environment: Environment) -> EnvironmentState {
        self.saved.slots.state(environment)
    }

    /// Returns what a slot holds; none where that is nothing, or was there before this deployer.
    pub fn deployment_info(&self, environment: Environment) -> Option<&DeploymentInfo> {
        self.saved.slots.held(environment).info.as_ref()
    }

    /// Returns every deployment, the oldest first.
    pub fn history(&self) -> &[DeploymentRecord] {
        &self.saved.records
    }

    /// Returns how it is set.
    pub fn config(&self) -> &DeployerConfig {
        &self.config
    }

    /// Returns the whole account, to be kept and [restored](Self::restore) elsewhere.
    pub fn saved(&self) -> &Saved {
        &self.saved
    }

    /// Deploys, looks and switches, and returns the slot that is live then.
    ///
    /// Whatever fails on the way, what was live stays live.
    pub fn deploy_and_switch(
        &mut self,
        version: impl Into<String>,
        image: impl Into<String>,
        replicas: u32,
    ) -> Result<Environment, DeployError> {
        let slot = self.deploy(version, image, replicas)?;
        let seen = self.health_check()?;
        if !seen.healthy {
            let told = format!("`{slot}` failed {}", seen.failed());
            return Err(DeployError::HealthCheckFailed(told));
        }
        self.switch()?;
        Ok(slot)
    }
}

impl<H: HealthChecker> fmt::Debug for BlueGreenDeployer<H> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("BlueGreenDeployer")
            .field("config", &self.config)
            .field("account", &self.saved)
            .finish_non_exhaustive()
    }
}
