//! Rollbacks as a library: restore points over several services.
//!
//! [`RollbackManager`] keeps account of what runs, in a ledger in memory that the same
//! [`domain`](crate::domain) folds as `lastgood` folds the one in git. See `docs/library.md`.

use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::domain::graph::{Graph, Range};
use crate::domain::ids::OperationId;
use crate::domain::names::Service;

pub mod asynchronous;

pub(crate) mod ask;
mod automatic;
mod book;
mod cancel;
mod carry;
mod choose;
mod driver;
mod health;
mod point;
mod record;
mod restore;
mod retain;
mod settings;
mod settle;
mod store;
#[cfg(test)]
mod tests;
mod told;

pub use driver::{Driver, Move};
pub use health::HealthChecker;
pub use point::{DeployedVersion, RestorePoint};
pub use settings::{RollbackConfig, RollbackStrategy};
pub use store::{Saved, Store};
pub use told::{RollbackError, RollbackResult};

use book::Book;
use driver::AccountOnly;

/// Keeps account of what several services run, and brings them back together.
///
/// ```
/// use std::collections::HashMap;
///
/// use lastgood::rollback::{DeployedVersion, HealthChecker, RollbackConfig, RollbackManager};
///
/// struct Well;
///
/// impl HealthChecker for Well {
///     fn check_service(&self, _service: &str) -> bool {
///         true
///     }
///
///     fn check_all(&self) -> HashMap<String, bool> {
///         HashMap::new()
///     }
/// }
///
/// let mut manager = RollbackManager::new(Well, RollbackConfig::default());
/// manager.record_deployment(DeployedVersion::new("api", "1.0", "api:1.0"))?;
/// let good = manager.create_restore_point("before the sale");
/// manager.mark_stable(&good)?;
///
/// manager.record_deployment(DeployedVersion::new("api", "2.0", "api:2.0"))?;
/// let result = manager.rollback_to_stable()?;
/// assert!(result.success);
/// assert_eq!(result.rolled_back_services, ["api"]);
/// assert_eq!(manager.current_versions()["api"].version, "1.0");
/// # Ok::<(), lastgood::rollback::RollbackError>(())
/// ```
pub struct RollbackManager<H: HealthChecker> {
    checker: Arc<dyn HealthChecker>,
    checked_by: PhantomData<H>,
    config: RollbackConfig,
    book: Book,
    history: Vec<RestorePoint>,
    current: HashMap<String, DeployedVersion>,
    graph: Graph,
    driver: Arc<dyn Driver>,
    tidy_at: usize,
}

impl<H: HealthChecker> RollbackManager<H> {
    /// Returns a manager that knows of nothing yet, and keeps all in memory.
    pub fn new(health_checker: H, config: RollbackConfig) -> Self
    where
        H: 'static,
    {
        Self {
            checker: Arc::new(health_checker),
            checked_by: PhantomData,
            config,
            book: Book::empty(),
            history: Vec::new(),
            current: HashMap::new(),
            graph: Graph::default(),
            driver: Arc::new(AccountOnly),
            tidy_at: retain::first_tidy(),
        }
    }

    /// Lets somebody move the services for real; without one only the account is kept.
    #[must_use]
    pub fn with_driver(self, driver: impl Driver + 'static) -> Self {
        Self { driver: Arc::new(driver), ..self }
    }

    /// Keeps the ledger beside memory as well, from the next change on.
    #[must_use]
    pub fn with_store(mut self, store: impl Store + 'static) -> Self {
        self.book.store = Some(Box::new(store));
        self
    }

    /// Says that a service needs another to be there: it sets the order of rollbacks.
    pub fn depends_on(mut self, service: &str, needed: &str) -> Result<Self, RollbackError> {
        let (service, needed) = self.edge(service, needed)?;
        self.graph.add(service, [needed]);
        Ok(self)
    }

    /// Says in which versions a service needs another, as a range of semantic versions: `>=2`.
    ///
    /// A rollback after which one would run beside a version out of that range is refused.
    pub fn requires(
        mut self,
        service: &str,
        needed: &str,
        range: &str,
    ) -> Result<Self, RollbackError> {
        let (service, needed) = self.edge(service, needed)?;
        let bad = |why| RollbackError::InvalidState(format!("`{range}` is no range: {why}"));
        self.graph.require(service, needed, Range::new(range).map_err(bad)?);
        Ok(self)
    }

    fn edge(&self, service: &str, needed: &str) -> Result<(Service, Service), RollbackError> {
        let name = |text: &str| {
            Service::new(text).map_err(|bad| RollbackError::InvalidState(bad.to_string()))
        };
        let (from, to) = (name(service)?, name(needed)?);
        if from == to || self.graph.dependents(&from).contains(&to) {
            let told = format!("`{from}` and `{to}` would need each other");
            return Err(RollbackError::InvalidState(told));
        }
        Ok((from, to))
    }

    /// Returns the restore points, the oldest first; every rollback and cancel is among them.
    pub fn history(&self) -> &[RestorePoint] {
        &self.history
    }

    /// Returns what every service runs, by its name.
    pub fn current_versions(&self) -> &HashMap<String, DeployedVersion> {
        &self.current
    }

    /// Returns how it is set.
    pub fn config(&self) -> &RollbackConfig {
        &self.config
    }

    /// Returns the whole ledger, to be kept and [restored](Self::restore) elsewhere.
    pub fn saved(&self) -> &Saved {
        self.book.saved()
    }

    /// Returns whether a rollback was left in the middle: until it is cancelled,
    /// [`RollbackInProgress`](RollbackError::RollbackInProgress) is the answer to all that moves.
    pub fn is_interrupted(&self) -> bool {
        self.book.open().is_some()
    }

    fn nothing_open(&self) -> Result<(), RollbackError> {
        if self.is_interrupted() { Err(RollbackError::RollbackInProgress) } else { Ok(()) }
    }

    fn versions_of(&self, op: OperationId) -> HashMap<String, DeployedVersion> {
        self.book.contents(op).map(|contents| contents.versions.clone()).unwrap_or_default()
    }
}

impl<H: HealthChecker> fmt::Debug for RollbackManager<H> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("RollbackManager")
            .field("config", &self.config)
            .field("current_versions", &self.current)
            .field("restore_points", &self.history.len())
            .field("is_interrupted", &self.is_interrupted())
            .finish_non_exhaustive()
    }
}
