//! What really deploys and moves traffic, where something does.

use super::slot::{DeploymentInfo, Environment};

/// What really runs the two slots; doing a thing twice must end as doing it once does.
///
/// A deployer without one keeps the account only, and whoever asked it does the rest.
pub trait Platform: Send + Sync {
    /// Brings a version to a slot that has no traffic.
    fn deploy(&self, slot: Environment, what: &DeploymentInfo) -> Result<(), String> {
        let _ = (slot, what);
        Ok(())
    }

    /// Gives all of the traffic to a slot, in one operation, and makes sure that it has it.
    fn route(&self, slot: Environment) -> Result<(), String> {
        let _ = slot;
        Ok(())
    }

    /// Empties a slot that has no traffic.
    fn clean(&self, slot: Environment) -> Result<(), String> {
        let _ = slot;
        Ok(())
    }
}
