//! Where a deployer's account is kept, beside memory.

use serde::{Deserialize, Serialize};

use super::slot::Slots;
use super::told::DeploymentRecord;

/// A deployer's whole account, to be kept and taken up again; it is data for serde, nothing to edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    pub(super) slots: Slots,
    pub(super) records: Vec<DeploymentRecord>,
    /// Whether something was begun that has not ended.
    pub(super) is_open: bool,
    /// Whether the platform may have moved the traffic without saying so.
    pub(super) is_unsure: bool,
}

impl Saved {
    /// Returns why what was kept cannot be true.
    pub(super) fn mistake(&self) -> Option<String> {
        let known = |at: Option<usize>| at.is_none_or(|at| at < self.records.len());
        let slots = [&self.slots.blue, &self.slots.green];
        let lost = !slots.iter().all(|held| known(held.record));
        lost.then(|| "a slot's record is not in the history".to_owned())
            .or_else(|| self.slots.mistake())
    }
}

/// Keeps an account where it outlives the process: in a file, a table, a bucket.
pub trait Store: Send + Sync {
    /// Keeps all of it in place of what was kept before, at once or not at all.
    ///
    /// It is called before anything is done and after it. An error says why it is not kept, and
    /// before the act stops it.
    fn keep(&self, saved: &Saved) -> Result<(), String>;
}
