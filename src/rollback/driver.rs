//! How services are really moved, where somebody moves them.

use super::point::DeployedVersion;
use crate::domain::ids::OperationId;
use crate::ports::Action;

/// One service's way from one version to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The service.
    pub service: String,
    /// What it is believed to run.
    pub from: Option<DeployedVersion>,
    /// What it is to run.
    pub to: DeployedVersion,
    /// Why it is moved.
    pub action: Action,
    /// The rollback or cancel this belongs to; the same again when it is put back.
    pub operation: OperationId,
    /// The number of that.
    pub deployment: u64,
}

/// Moves services for real; moving twice must end as moving once does.
///
/// A manager without one keeps the account only, and whoever asked it does the moving.
pub trait Driver: Send + Sync {
    /// Says why a version cannot be brought, where that can be told beforehand: its image is gone.
    ///
    /// It is asked of all that is to be moved, before anything is; one refusal refuses the rollback.
    fn available(&self, one: &Move) -> Result<(), String> {
        let _ = one;
        Ok(())
    }

    /// Brings a service to a version; an error says why it is not known to be there.
    fn bring(&self, one: &Move) -> Result<(), String>;

    /// Brings services that do not hang on each other; one after the other unless written anew.
    ///
    /// The results have the order of the moves.
    fn bring_together(&self, moves: &[Move]) -> Vec<Result<(), String>> {
        moves.iter().map(|one| self.bring(one)).collect()
    }
}

/// Moves nothing, and says that it did.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct AccountOnly;

impl Driver for AccountOnly {
    fn bring(&self, _: &Move) -> Result<(), String> {
        Ok(())
    }
}
