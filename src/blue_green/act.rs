//! Deploys, looks, switches and goes back.

use std::time::{Duration, SystemTime};

use super::BlueGreenDeployer;
use super::health::{HealthCheckResult, HealthChecker, examine};
use super::slot::{DeploymentInfo, Environment, EnvironmentState, Held};
use super::told::{DeployError, DeploymentRecord, DeploymentStatus};
use crate::rollback::ask::{Deadline, ask};

impl<H: HealthChecker> BlueGreenDeployer<H> {
    /// Brings a version to the slot that has no traffic, over whatever it holds, and returns that
    /// slot; it is `Ready` then, and its health is not known.
    ///
    /// While something is under way there, or was left in the middle, it is
    /// [`EnvironmentBusy`](DeployError::EnvironmentBusy).
    pub fn deploy(
        &mut self,
        version: impl Into<String>,
        image: impl Into<String>,
        replicas: u32,
    ) -> Result<Environment, DeployError> {
        let (version, image) = (version.into(), image.into());
        let slot = self.free()?;
        if version.trim().is_empty() {
            return Err(DeployError::InvalidState("the version is empty".to_owned()));
        }
        self.be_sure_of_the_traffic()?;
        let what = self.begin_deployment(slot, version, image, replicas)?;
        let result = self.platform.as_ref().map_or(Ok(()), |platform| platform.deploy(slot, &what));
        self.end_deployment(slot, result)
    }

    fn begin_deployment(
        &mut self,
        slot: Environment,
        version: String,
        image: String,
        replicas: u32,
    ) -> Result<DeploymentInfo, DeployError> {
        let before = self.saved.clone();
        let started_at = SystemTime::now();
        self.saved.records.push(DeploymentRecord {
            id: format!("deployment-{}", self.saved.records.len() + 1),
            environment: slot,
            version: version.clone(),
            deployed_at: started_at,
            switched_at: None,
            rolled_back_at: None,
            status: DeploymentStatus::InProgress,
        });
        let (completed_at, health_check_passed) = (None, false);
        let info = DeploymentInfo {
            version,
            image,
            replicas,
            started_at,
            completed_at,
            health_check_passed,
        };
        *self.saved.slots.held_mut(slot) = Held {
            state: EnvironmentState::Deploying,
            info: Some(info.clone()),
            record: Some(self.saved.records.len() - 1),
            stands_by: false,
        };
        self.begin(before)?;
        Ok(info)
    }

    fn end_deployment(
        &mut self,
        slot: Environment,
        result: Result<(), String>,
    ) -> Result<Environment, DeployError> {
        let (state, status) = match result {
            Ok(()) => (EnvironmentState::Ready, DeploymentStatus::Ready),
            Err(_) => (EnvironmentState::Failed, DeploymentStatus::Failed),
        };
        let held = self.saved.slots.held_mut(slot);
        held.state = state;
        if let (Some(info), true) = (&mut held.info, result.is_ok()) {
            info.completed_at = Some(SystemTime::now());
        }
        self.record_of(slot, |record| record.status = status);
        self.end()?;
        let failed = |why| DeployError::InvalidState(format!("nothing came to `{slot}`: {why}"));
        result.map(|()| slot).map_err(failed)
    }

    /// Looks at what was deployed to the slot without traffic: only a passed look lets it get some.
    ///
    /// A slot that is found sick becomes `Failed`, and so does its record; it may be looked at again.
    /// If no look ends in time it is a [`Timeout`](DeployError::Timeout), and the slot `Failed` too.
    pub fn health_check(&mut self) -> Result<HealthCheckResult, DeployError> {
        let slot = self.free()?;
        let before = self.saved.clone();
        let held = self.saved.slots.held_mut(slot);
        if !matches!(held.state, EnvironmentState::Ready | EnvironmentState::Failed) {
            return Err(DeployError::InvalidState(format!("nothing was deployed to `{slot}`")));
        }
        if held.info.as_ref().is_none_or(|info| info.completed_at.is_none()) {
            return Err(DeployError::InvalidState(format!("nothing came to `{slot}`")));
        }
        held.state = EnvironmentState::Deploying;
        self.begin(before)?;
        let seen = examine(&self.checker, slot, &self.config);
        self.judge(slot, seen.as_ref().is_some_and(|seen| seen.healthy));
        self.end()?;
        let limit = self.config.health_check_timeout;
        seen.ok_or_else(|| {
            DeployError::Timeout(format!("the health of `{slot}`, within {limit:?}"))
        })
    }

    fn judge(&mut self, slot: Environment, passed: bool) {
        let (state, status) = if passed {
            (EnvironmentState::Ready, DeploymentStatus::Ready)
        } else {
            (EnvironmentState::Failed, DeploymentStatus::Failed)
        };
        let held = self.saved.slots.held_mut(slot);
        held.state = state;
        held.info.iter_mut().for_each(|info| info.health_check_passed = passed);
        self.record_of(slot, |record| record.status = status);
    }

    /// Gives the traffic to the slot that has none, if its health check passed.
    ///
    /// The slot it is taken from becomes `Idle`, keeps what it holds, and can be
    /// [returned to](Self::rollback). Without a passed health check it is
    /// [`InvalidState`](DeployError::InvalidState), after a failed one
    /// [`HealthCheckFailed`](DeployError::HealthCheckFailed); the traffic stays where it is.
    pub fn switch(&mut self) -> Result<(), DeployError> {
        let slot = self.free()?;
        let held = self.saved.slots.held(slot);
        let passed = held.info.as_ref().is_some_and(|info| info.health_check_passed);
        match held.state {
            EnvironmentState::Ready if passed => {}
            EnvironmentState::Failed => {
                let told = format!("`{slot}` was not found healthy");
                return Err(DeployError::HealthCheckFailed(told));
            }
            EnvironmentState::Ready => return Err(unproven(slot)),
            EnvironmentState::Idle | EnvironmentState::Deploying | EnvironmentState::Live => {
                return Err(DeployError::InvalidState(format!("nothing was deployed to `{slot}`")));
            }
        }
        self.route(slot, DeployError::SwitchFailed)?;
        let left = slot.other();
        self.record_of(left, |record| record.status = DeploymentStatus::Ready);
        self.saved.slots.held_mut(left).stands_by = true;
        self.arrived(slot)
    }

    /// Gives the traffic back to the slot that the last switch took it from.
    ///
    /// Nobody is asked whether that is healthy: it is the way out, and must not hang on a check.
    /// Where nothing stands by it is [`RollbackFailed`](DeployError::RollbackFailed).
    pub fn rollback(&mut self) -> Result<(), DeployError> {
        let slot = self.free()?;
        if !self.saved.slots.held(slot).stands_by {
            let told = format!("`{slot}` holds nothing that had the traffic before");
            return Err(DeployError::RollbackFailed(told));
        }
        self.route(slot, DeployError::RollbackFailed)?;
        self.record_of(slot.other(), |record| {
            record.status = DeploymentStatus::RolledBack;
            record.rolled_back_at = Some(SystemTime::now());
        });
        self.arrived(slot)
    }

    /// Writes down that the traffic has come to a slot.
    fn arrived(&mut self, slot: Environment) -> Result<(), DeployError> {
        self.saved.slots.give_all_to(slot);
        let held = self.saved.slots.held_mut(slot);
        held.stands_by = false;
        held.state = EnvironmentState::Idle;
        self.saved.slots.held_mut(slot.other()).state = EnvironmentState::Idle;
        self.record_of(slot, |record| {
            record.status = DeploymentStatus::Live;
            record.switched_at = Some(SystemTime::now());
        });
        self.end()
    }

    /// Has the platform move the traffic; what it did is not known unless it says so in time.
    fn route(
        &mut self,
        slot: Environment,
        failed: fn(String) -> DeployError,
    ) -> Result<(), DeployError> {
        let before = self.saved.clone();
        self.saved.is_unsure = self.platform.is_some();
        self.begin(before)?;
        let result = self.routed(slot, self.config.switch_timeout, failed);
        self.saved.is_open = false;
        if result.is_ok() {
            self.saved.is_unsure = false;
        } else {
            // What went wrong with the traffic is what must be told, not what follows from it.
            let _ = self.end();
        }
        result
    }

    fn routed(
        &self,
        slot: Environment,
        limit: Duration,
        failed: fn(String) -> DeployError,
    ) -> Result<(), DeployError> {
        let Some(platform) = self.platform.clone() else { return Ok(()) };
        let late = || DeployError::Timeout(format!("the traffic to `{slot}`, within {limit:?}"));
        let routed = ask(Deadline::within(limit), move || platform.route(slot));
        routed.ok_or_else(late)?.map_err(failed)
    }

    /// Has the traffic given to the live slot once more, where it may have gone to the other.
    pub(super) fn be_sure_of_the_traffic(&mut self) -> Result<(), DeployError> {
        if self.saved.is_unsure {
            let limit = self.config.switch_timeout;
            self.routed(self.live_environment(), limit, DeployError::SwitchFailed)?;
            self.saved.is_unsure = false;
        }
        Ok(())
    }

    /// Returns the slot without traffic, if nothing is under way.
    pub(super) fn free(&self) -> Result<Environment, DeployError> {
        let slot = self.staging_environment();
        if self.saved.is_open { Err(DeployError::EnvironmentBusy(slot)) } else { Ok(slot) }
    }

    fn record_of(&mut self, slot: Environment, change: impl FnOnce(&mut DeploymentRecord)) {
        let at = self.saved.slots.held(slot).record;
        if let Some(record) = at.and_then(|at| self.saved.records.get_mut(at)) {
            change(record);
        }
    }
}

fn unproven(slot: Environment) -> DeployError {
    DeployError::InvalidState(format!("no health check of `{slot}` has passed"))
}
