//! The same manager, for those who have a runtime.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::runtime::Handle;

use super::{
    DeployedVersion, RestorePoint, RollbackConfig, RollbackError, RollbackManager, RollbackResult,
    Saved,
};
use crate::domain::names::Environment;
use crate::ports::Driver;

mod platform;
pub(crate) mod turns;

pub use platform::HealthChecker;

use platform::{Driven, Waiting};
use turns::Turns;

/// A [`RollbackManager`] that many may ask at once, with a checker and a driver that wait.
///
/// While one rollback runs, another is answered with
/// [`RollbackInProgress`](RollbackError::RollbackInProgress). Who stops waiting for one does not stop
/// it. See `docs/library.md` for an example.
pub struct AsyncRollbackManager<H: HealthChecker> {
    turns: Turns<RollbackManager<Waiting<H>>>,
}

impl<H: HealthChecker> AsyncRollbackManager<H> {
    /// Returns a manager that knows of nothing yet; outside of a tokio runtime it is
    /// [`InvalidState`](RollbackError::InvalidState).
    pub fn new(health_checker: H, config: RollbackConfig) -> Result<Self, RollbackError> {
        Ok(Self::of(RollbackManager::new(waiting(health_checker)?, config)))
    }

    /// Returns a manager that goes on where another one stopped.
    pub fn restore(
        health_checker: H,
        config: RollbackConfig,
        saved: Saved,
    ) -> Result<Self, RollbackError> {
        RollbackManager::restore(waiting(health_checker)?, config, saved).map(Self::of)
    }

    fn of(manager: RollbackManager<Waiting<H>>) -> Self {
        Self { turns: Turns::new(manager) }
    }

    /// Sets it up further, as the blocking one is: dependencies, a store.
    pub fn set_up(
        self,
        change: impl FnOnce(Setup<H>) -> Result<Setup<H>, RollbackError> + Send,
    ) -> Result<Self, RollbackError> {
        let manager = self.turns.into_inner().ok_or(RollbackError::RollbackInProgress)?;
        change(Setup(manager)).map(|setup| Self::of(setup.0))
    }

    /// Goes back to a restore point, as [`RollbackManager::rollback_to`] does.
    pub async fn rollback_to(&self, id: &str) -> Result<RollbackResult, RollbackError> {
        let id = id.to_owned();
        self.act(move |manager| manager.rollback_to(&id)).await
    }

    /// Goes back to the newest stable point, as [`RollbackManager::rollback_to_stable`] does.
    pub async fn rollback_to_stable(&self) -> Result<RollbackResult, RollbackError> {
        self.act(RollbackManager::rollback_to_stable).await
    }

    /// Brings one service back, as [`RollbackManager::rollback_service`] does.
    pub async fn rollback_service(
        &self,
        service: &str,
        id: &str,
    ) -> Result<RollbackResult, RollbackError> {
        let (service, id) = (service.to_owned(), id.to_owned());
        self.act(move |manager| manager.rollback_service(&service, &id)).await
    }

    /// Undoes the last rollback, as [`RollbackManager::cancel_rollback`] does.
    pub async fn cancel_rollback(&self) -> Result<RollbackResult, RollbackError> {
        self.act(RollbackManager::cancel_rollback).await
    }

    /// Looks and goes back by itself, as [`RollbackManager::check_and_auto_rollback`] does.
    pub async fn check_and_auto_rollback(&self) -> Option<RollbackResult> {
        self.turns.act(RollbackManager::check_and_auto_rollback).await.flatten()
    }

    /// Writes down that a service runs another version now.
    pub async fn record_deployment(&self, version: DeployedVersion) -> Result<(), RollbackError> {
        let noted = self.turns.note(|manager| manager.record_deployment(version)).await;
        noted.unwrap_or(Err(RollbackError::RollbackInProgress))
    }

    /// Keeps what runs as a restore point, once no rollback runs, and returns its id.
    pub async fn create_restore_point(&self, description: impl Into<String> + Send) -> String {
        let description = description.into();
        self.turns.when_free(|manager| manager.create_restore_point(description)).await
    }

    /// Says that a restore point is good, once no rollback runs.
    pub async fn mark_stable(&self, id: &str) -> Result<(), RollbackError> {
        self.turns.when_free(|manager| manager.mark_stable(id)).await
    }

    /// Drops old restore points, once no rollback runs, and returns how many went.
    pub async fn cleanup_history(&self) -> usize {
        self.turns.when_free(RollbackManager::cleanup_history).await
    }

    /// Returns the restore points, the oldest first, once no rollback runs.
    pub async fn history(&self) -> Vec<RestorePoint> {
        self.turns.when_free(|manager| manager.history().to_vec()).await
    }

    /// Returns what every service runs, once no rollback runs.
    pub async fn current_versions(&self) -> HashMap<String, DeployedVersion> {
        self.turns.when_free(|manager| manager.current_versions().clone()).await
    }

    /// Returns the whole ledger, once no rollback runs.
    pub async fn saved(&self) -> Saved {
        self.turns.when_free(|manager| manager.saved().clone()).await
    }

    async fn act<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut RollbackManager<Waiting<H>>) -> Result<T, RollbackError> + Send + 'static,
    ) -> Result<T, RollbackError> {
        self.turns.act(act).await.unwrap_or(Err(RollbackError::RollbackInProgress))
    }
}

/// A manager that is being set up.
pub struct Setup<H: HealthChecker>(RollbackManager<Waiting<H>>);

impl<H: HealthChecker> Setup<H> {
    /// Moves the services of an environment by a driver of the [ports](crate::ports); those that do
    /// not hang on each other at the same time.
    pub fn with_driver(
        self,
        environment: &str,
        driver: Arc<dyn Driver>,
    ) -> Result<Self, RollbackError> {
        let bad = |why: String| RollbackError::InvalidState(why);
        let environment = Environment::new(environment).map_err(|why| bad(why.to_string()))?;
        let runtime = runtime()?;
        Ok(Self(self.0.with_driver(Driven { driver, environment, runtime })))
    }

    /// Keeps the ledger beside memory, as [`RollbackManager::with_store`] does.
    #[must_use]
    pub fn with_store(self, store: impl super::Store + 'static) -> Self {
        Self(self.0.with_store(store))
    }

    /// Says that a service needs another, as [`RollbackManager::depends_on`] does.
    pub fn depends_on(self, service: &str, needed: &str) -> Result<Self, RollbackError> {
        self.0.depends_on(service, needed).map(Self)
    }

    /// Says in which versions, as [`RollbackManager::requires`] does.
    pub fn requires(self, service: &str, needed: &str, range: &str) -> Result<Self, RollbackError> {
        self.0.requires(service, needed, range).map(Self)
    }
}

fn waiting<H: HealthChecker>(checker: H) -> Result<Waiting<H>, RollbackError> {
    Ok(Waiting { checker, runtime: runtime()? })
}

fn runtime() -> Result<Handle, RollbackError> {
    Handle::try_current().map_err(|why| RollbackError::InvalidState(why.to_string()))
}
