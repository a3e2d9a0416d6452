//! Where a manager's ledger is kept, beside memory.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::point::DeployedVersion;
use crate::domain::ids::OperationId;

/// A manager's whole ledger, to be kept and taken up again; it is data for serde, nothing to edit.
///
/// ```
/// # use std::collections::HashMap;
/// use lastgood::rollback::{RollbackConfig, RollbackManager, Saved};
/// # struct Well;
/// # impl lastgood::rollback::HealthChecker for Well {
/// #     fn check_service(&self, _: &str) -> bool { true }
/// #     fn check_all(&self) -> HashMap<String, bool> { HashMap::new() }
/// # }
///
/// let manager = RollbackManager::new(Well, RollbackConfig::default());
/// let text = serde_json::to_string(manager.saved())?;
///
/// let saved: Saved = serde_json::from_str(&text)?;
/// let again = RollbackManager::restore(Well, RollbackConfig::default(), saved)?;
/// assert_eq!(again.history(), manager.history());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// The events, one line each.
    pub(super) lines: Vec<String>,
    /// What the events have only digests of.
    pub(super) contents: BTreeMap<OperationId, Contents>,
}

/// What ran after an operation, whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Contents {
    /// The number of the operation.
    pub(super) n: u64,
    /// The words of a restore point; none for what is no restore point, or no longer one.
    pub(super) description: Option<String>,
    /// Whether it was marked stable.
    pub(super) is_stable: bool,
    /// What every service ran.
    pub(super) versions: HashMap<String, DeployedVersion>,
}

/// Keeps a ledger where it outlives the process: in a file, a table, a bucket.
pub trait Store: Send + Sync {
    /// Keeps all of it in place of what was kept before, at once or not at all.
    ///
    /// It is called after each change, and with a rollback's intent before anything is moved. An
    /// error says why it is not kept, and stops what was asked for.
    fn keep(&self, saved: &Saved) -> Result<(), String>;
}
