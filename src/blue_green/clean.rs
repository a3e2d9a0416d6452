//! Empties a slot, and keeps the account.

use super::BlueGreenDeployer;
use super::health::HealthChecker;
use super::slot::Held;
use super::store::Saved;
use super::told::{DeployError, DeploymentStatus};

impl<H: HealthChecker> BlueGreenDeployer<H> {
    /// Empties the slot without traffic: there is nothing to return to then.
    ///
    /// It is also the way out of what was left in the middle: the traffic is given to the live slot
    /// once more where it may have gone elsewhere, and a deployment that was under way is `Failed`.
    pub fn cleanup_staging(&mut self) -> Result<(), DeployError> {
        let slot = self.staging_environment();
        self.be_sure_of_the_traffic()?;
        let before = self.saved.clone();
        self.begin(before)?;
        let cleaned = self.platform.as_ref().map_or(Ok(()), |platform| platform.clean(slot));
        if let Err(why) = cleaned {
            // It may be half empty: nothing goes there or back to it before it is cleaned again.
            let _ = self.keep();
            return Err(DeployError::InvalidState(format!("`{slot}` was not emptied: {why}")));
        }
        let record = self.saved.slots.held(slot).record;
        if let Some(record) = record.and_then(|at| self.saved.records.get_mut(at))
            && record.status == DeploymentStatus::InProgress
        {
            record.status = DeploymentStatus::Failed;
        }
        *self.saved.slots.held_mut(slot) = Held::nothing();
        self.end()
    }

    /// Writes down that something begins; where that is not kept, nothing has changed.
    pub(super) fn begin(&mut self, before: Saved) -> Result<(), DeployError> {
        self.saved.is_open = true;
        self.keep().inspect_err(|_| self.saved = before)
    }

    /// Writes down that it is over.
    pub(super) fn end(&mut self) -> Result<(), DeployError> {
        self.saved.is_open = false;
        self.keep()
    }

    fn keep(&self) -> Result<(), DeployError> {
        let kept = self.store.as_ref().map_or(Ok(()), |store| store.keep(&self.saved));
        kept.map_err(|why| {
            DeployError::InvalidState(format!("the store did not keep the account: {why}"))
        })
    }
}
