//! A checker and a driver that wait, for a manager that blocks.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::join_all;
use tokio::runtime::Handle;

use super::super::{Driver, HealthChecker as Blocking, Move};
use crate::domain::names::Environment;
use crate::ports::{self, Availability, Drive};

/// Tells whether services are healthy, and may wait for the answer.
#[async_trait]
pub trait HealthChecker: Send + Sync + 'static {
    /// Returns whether one service is healthy.
    async fn check_service(&self, service: &str) -> bool;

    /// Returns the health of all services that it can look at together; it may leave some out.
    async fn check_all(&self) -> HashMap<String, bool>;
}

/// Asks one that waits, on a thread that may.
pub(super) struct Waiting<H> {
    pub(super) checker: H,
    pub(super) runtime: Handle,
}

impl<H: HealthChecker> Blocking for Waiting<H> {
    fn check_service(&self, service: &str) -> bool {
        self.runtime.block_on(self.checker.check_service(service))
    }

    fn check_all(&self) -> HashMap<String, bool> {
        self.runtime.block_on(self.checker.check_all())
    }
}

/// Moves services by a driver of the ports.
pub(super) struct Driven {
    pub(super) driver: Arc<dyn ports::Driver>,
    pub(super) environment: Environment,
    pub(super) runtime: Handle,
}

impl Driven {
    fn drive(&self, one: &Move) -> Result<Drive, String> {
        let (service, to) = one.to.meant().map_err(|why| why.to_string())?;
        let from = one.from.as_ref().and_then(|from| from.meant().ok());
        Ok(Drive {
            action: one.action,
            environment: self.environment.clone(),
            service,
            slot: None,
            operation: one.operation,
            deployment: one.deployment,
            to,
            from: from.map(|(_, version)| version),
        })
    }

    async fn apply(&self, one: &Move) -> Result<(), String> {
        let drive = self.drive(one)?;
        self.driver.apply(&drive).await.map(|_| ()).map_err(|error| error.whole())
    }
}

impl Driver for Driven {
    fn available(&self, one: &Move) -> Result<(), String> {
        self.driver.ready().map_err(|error| error.whole())?;
        let drive = self.drive(one)?;
        match self.runtime.block_on(self.driver.available(&drive)) {
            Ok(Availability::Missing(why)) => Err(why),
            // Where nobody can tell it is tried.
            Ok(Availability::There | Availability::Untold) | Err(_) => Ok(()),
        }
    }

    fn bring(&self, one: &Move) -> Result<(), String> {
        self.runtime.block_on(self.apply(one))
    }

    fn bring_together(&self, moves: &[Move]) -> Vec<Result<(), String>> {
        self.runtime.block_on(join_all(moves.iter().map(|one| self.apply(one))))
    }
}
