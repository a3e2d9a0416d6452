//! The same deployer, for those who have a runtime.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::runtime::Handle;

use super::{
    BlueGreenDeployer, DeployError, DeployerConfig, DeploymentInfo, DeploymentRecord, Environment,
    EnvironmentState, HealthCheckResult, HealthChecker as Blocking, Saved,
};
use crate::rollback::asynchronous::turns::Turns;

mod connected;

pub use connected::Connected;

/// Tells whether what a slot holds is healthy, and may wait for the answer.
#[async_trait]
pub trait HealthChecker: Send + Sync + 'static {
    /// Looks at a slot once.
    async fn check(&self, environment: Environment) -> HealthCheckResult;
}

struct Waiting<H> {
    checker: H,
    runtime: Handle,
}

impl<H: HealthChecker> Blocking for Waiting<H> {
    fn check(&self, environment: Environment) -> HealthCheckResult {
        self.runtime.block_on(self.checker.check(environment))
    }
}

/// A [`BlueGreenDeployer`] that many may ask at once, with a checker and a platform that wait.
///
/// While one thing runs, another is answered with
/// [`EnvironmentBusy`](DeployError::EnvironmentBusy). Who stops waiting for one does not stop it.
pub struct AsyncBlueGreenDeployer<H: HealthChecker> {
    turns: Turns<BlueGreenDeployer<Waiting<H>>>,
    live: Arc<std::sync::Mutex<Environment>>,
}

impl<H: HealthChecker> AsyncBlueGreenDeployer<H> {
    /// Returns a deployer whose blue slot is live, and whose platform is connected if one is given;
    /// outside of a tokio runtime it is [`InvalidState`](DeployError::InvalidState).
    pub fn new(
        health_checker: H,
        config: DeployerConfig,
        platform: Option<Connected>,
    ) -> Result<Self, DeployError> {
        let checker = Waiting { checker: health_checker, runtime: runtime()? };
        Self::of(BlueGreenDeployer::new(checker, config), platform)
    }

    /// Returns a deployer that goes on where another one stopped.
    pub fn restore(
        health_checker: H,
        config: DeployerConfig,
        platform: Option<Connected>,
        saved: Saved,
    ) -> Result<Self, DeployError> {
        let checker = Waiting { checker: health_checker, runtime: runtime()? };
        Self::of(BlueGreenDeployer::restore(checker, config, saved)?, platform)
    }

    fn of(
        deployer: BlueGreenDeployer<Waiting<H>>,
        platform: Option<Connected>,
    ) -> Result<Self, DeployError> {
        let live = Arc::new(std::sync::Mutex::new(deployer.live_environment()));
        let deployer = match platform {
            Some(platform) => deployer.with_platform(platform.on(runtime()?)),
            None => deployer,
        };
        Ok(Self { turns: Turns::new(deployer), live })
    }

    /// Brings a version to the slot without traffic, as [`BlueGreenDeployer::deploy`] does.
    pub async fn deploy(
        &self,
        version: impl Into<String>,
        image: impl Into<String>,
        replicas: u32,
    ) -> Result<Environment, DeployError> {
        let (version, image) = (version.into(), image.into());
        self.act(move |deployer| deployer.deploy(version, image, replicas)).await
    }

    /// Looks at the slot without traffic, as [`BlueGreenDeployer::health_check`] does.
    pub async fn health_check(&self) -> Result<HealthCheckResult, DeployError> {
        self.act(BlueGreenDeployer::health_check).await
    }

    /// Gives that slot the traffic, as [`BlueGreenDeployer::switch`] does.
    pub async fn switch(&self) -> Result<(), DeployError> {
        self.act(BlueGreenDeployer::switch).await
    }

    /// Gives the traffic back, as [`BlueGreenDeployer::rollback`] does.
    pub async fn rollback(&self) -> Result<(), DeployError> {
        self.act(BlueGreenDeployer::rollback).await
    }

    /// Deploys, looks and switches, as [`BlueGreenDeployer::deploy_and_switch`] does.
    pub async fn deploy_and_switch(
        &self,
        version: impl Into<String>,
        image: impl Into<String>,
        replicas: u32,
    ) -> Result<Environment, DeployError> {
        let (version, image) = (version.into(), image.into());
        self.act(move |deployer| deployer.deploy_and_switch(version, image, replicas)).await
    }

    /// Empties the slot without traffic, as [`BlueGreenDeployer::cleanup_staging`] does.
    pub async fn cleanup_staging(&self) -> Result<(), DeployError> {
        self.act(BlueGreenDeployer::cleanup_staging).await
    }

    /// Returns the slot that has the traffic, once nothing runs.
    pub async fn live_environment(&self) -> Environment {
        self.turns.when_free(|deployer| deployer.live_environment()).await
    }

    /// Returns how a slot stands, once nothing runs.
    pub async fn environment_state(&self, environment: Environment) -> EnvironmentState {
        self.turns.when_free(|deployer| deployer.environment_state(environment)).await
    }

    /// Returns what a slot holds, once nothing runs.
    pub async fn deployment_info(&self, environment: Environment) -> Option<DeploymentInfo> {
        self.turns.when_free(|deployer| deployer.deployment_info(environment).cloned()).await
    }

    /// Returns every deployment, the oldest first, once nothing runs.
    pub async fn history(&self) -> Vec<DeploymentRecord> {
        self.turns.when_free(|deployer| deployer.history().to_vec()).await
    }

    /// Returns the whole account, once nothing runs.
    pub async fn saved(&self) -> Saved {
        self.turns.when_free(|deployer| deployer.saved().clone()).await
    }

    async fn act<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut BlueGreenDeployer<Waiting<H>>) -> Result<T, DeployError> + Send + 'static,
    ) -> Result<T, DeployError> {
        let seen = self.live.clone();
        let act = move |deployer: &mut BlueGreenDeployer<Waiting<H>>| {
            let result = act(deployer);
            *seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner) =
                deployer.live_environment();
            result
        };
        self.turns.act(act).await.unwrap_or_else(|| {
            let live = *self.live.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            Err(DeployError::EnvironmentBusy(live.other()))
        })
    }
}

fn runtime() -> Result<Handle, DeployError> {
    Handle::try_current().map_err(|why| DeployError::InvalidState(why.to_string()))
}
