//! One look at the ledger for all who ask together.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;

use super::desk::Desk;
use super::execute::operation_of;
use super::halt::Step;
use crate::domain::ids::OperationId;
use crate::domain::operation::Operation;

/// Makes sure for many drivers that a run still owns its operation.
///
/// A look serves whoever had asked before it began, and nobody else: what was seen earlier proves nothing.
#[derive(Default)]
pub(super) struct Glance {
    turn: AtomicU64,
    last: Mutex<Option<(u64, Operation)>>,
}

impl Glance {
    /// Returns the operation as it is now, while this run owns it.
    pub(super) async fn owned(&self, desk: &Desk, id: OperationId) -> Step<Operation> {
        let asked = self.turn.fetch_add(1, Ordering::Relaxed);
        let mut last = self.last.lock().await;
        if let Some((began, operation)) = &*last
            && *began > asked
        {
            return Ok(operation.clone());
        }
        let began = self.turn.fetch_add(1, Ordering::Relaxed);
        let state = desk.owned(id).await?;
        let operation = operation_of(&state, id)?.clone();
        *last = Some((began, operation.clone()));
        Ok(operation)
    }
}
