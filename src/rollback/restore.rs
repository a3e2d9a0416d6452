//! Takes up a ledger that was kept.

use std::collections::HashMap;

use super::RollbackManager;
use super::book::Book;
use super::health::HealthChecker;
use super::point::RestorePoint;
use super::settings::RollbackConfig;
use super::settle::meant;
use super::store::Saved;
use super::told::RollbackError;
use crate::domain::operation::Operation;

impl<H: HealthChecker> RollbackManager<H> {
    /// Returns a manager that goes on where another one stopped, be it in the middle of a rollback.
    ///
    /// A ledger that was changed by another hand is [`InvalidState`](RollbackError::InvalidState).
    pub fn restore(
        health_checker: H,
        config: RollbackConfig,
        saved: Saved,
    ) -> Result<Self, RollbackError>
    where
        H: 'static,
    {
        let book = Book::new(saved)?;
        let state = book.state();
        let mut made = state.deployments();
        made.reverse();
        let mut manager = Self::new(health_checker, config);
        for operation in made {
            let (point, versions) = read(&book, operation)?;
            manager.history.extend(point);
            manager.current = versions;
        }
        Ok(Self { book, ..manager })
    }
}

type Whole = HashMap<String, super::DeployedVersion>;

/// Returns the restore point that an operation made, where it did, and what ran after it.
fn read(
    book: &Book,
    operation: &Operation,
) -> Result<(Option<RestorePoint>, Whole), RollbackError> {
    let broken = |why| RollbackError::InvalidState(format!("deployment {} {why}", operation.n));
    let contents = book.contents(operation.id).ok_or_else(|| broken("holds nothing"))?;
    if operation.versions() != Some(&meant(&contents.versions)) {
        return Err(broken("holds other versions than its line says"));
    }
    let created_at = operation.deployed.as_ref().map_or(operation.at, |made| made.at).into();
    let point = contents.description.clone().map(|description| RestorePoint {
        id: operation.id.to_string(),
        created_at,
        description,
        versions: contents.versions.clone(),
        is_stable: contents.is_stable,
    });
    Ok((point, contents.versions.clone()))
}
