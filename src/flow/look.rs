//! Runs the gate, and tells who looks on.

use std::time::Duration;

use super::desk::Desk;
use super::observe::{Gate, Progress, observe};
use super::settle::Results;
use crate::domain::check::Check;
use crate::domain::event::{PlannedStep, StepOutcome};
use crate::domain::gate::GateReport;
use crate::domain::operation::LONGEST_LOOK;
use crate::domain::slots::Slot;
use crate::domain::target::Scope;
use crate::domain::verdict::Verdict;
use crate::domain::version::Versions;
use crate::domain::watch::Aim;
use crate::ports::{Action, BoundCheck, Glimpse};

/// What the gate is to look at.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    /// Other checks than the environment's own.
    pub(super) checks: Option<&'a [BoundCheck]>,
    /// The versions that should answer.
    pub(super) versions: &'a Versions,
    /// The services that are looked at.
    pub(super) scope: &'a Scope,
    /// How long to keep looking.
    pub(super) watch: Option<Duration>,
    /// The longest to look, where it is not kept up; as the policy says unless told.
    pub(super) within: Option<Duration>,
}

impl<'a> Look<'a> {
    /// Looks at every service, by the environment's own checks.
    pub(super) fn all(versions: &'a Versions) -> Self {
        Self { checks: None, versions, scope: &Scope::All, watch: None, within: None }
    }
}

impl Desk {
    /// Runs the gate; every check is told the version that should answer.
    pub(super) async fn look(&self, look: Look<'_>) -> GateReport {
        let is_meant = |check: &Check| check.service.as_ref().is_none_or(|s| look.scope.covers(s));
        let checks = look.checks.unwrap_or(&self.ports.checks).iter();
        let checks: Vec<BoundCheck> = checks.filter(|b| is_meant(&b.check)).cloned().collect();
        let aim = if look.watch.is_some() { Aim::Keep } else { Aim::Decide };
        let gate = Gate {
            checks: &checks,
            expected: look.versions,
            control: self.ports.control.as_ref(),
            time: look.watch.or(look.within).unwrap_or(self.policy.verify.timeout),
            rule: self.policy.verify.rule,
            aim,
        };
        let mut listener = |progress: Progress<'_>| self.tell_progress(&progress);
        observe(&*self.ports.clock, gate, &self.halt, &mut listener).await
    }

    /// Asks the checks of the services that were just moved, before the next one is.
    pub(super) async fn is_sound(
        &self,
        (action, slot): (Action, Option<&Slot>),
        moved: &[PlannedStep],
        results: &Results,
    ) -> bool {
        let done = moved
            .iter()
            .filter(|step| results.by_service.get(&step.service) == Some(&StepOutcome::Done));
        let versions: Versions = done.map(|step| (step.service.clone(), step.to.clone())).collect();
        let own = |check: &Check| check.service.as_ref().is_some_and(|s| versions.contains_key(s));
        // At a slot that does not serve, only what asks that slot can tell.
        let asked = match slot.and_then(|slot| self.ports.sides.get(slot)) {
            Some(side) => &side.checks,
            None => &self.ports.checks,
        };
        let checks: Vec<BoundCheck> =
            asked.iter().filter(|bound| own(&bound.check)).cloned().collect();
        if checks.is_empty() {
            return true;
        }
        let within = Some(self.policy.verify.timeout.min(LONGEST_LOOK));
        let look = Look { checks: Some(&checks), within, ..Look::all(&versions) };
        match (self.look(look).await.verdict(), action) {
            // On the way back each that is back helps, though it could not be told.
            (Verdict::Healthy, _) | (Verdict::Inconclusive | Verdict::Error, Action::Rollback) => {
                true
            }
            (Verdict::Unhealthy, _)
            | (Verdict::Inconclusive | Verdict::Error, Action::Deploy | Action::RollForward) => {
                false
            }
        }
    }

    fn tell_progress(&self, progress: &Progress<'_>) {
        show(progress, &*self.ports.progress);
        match progress {
            Progress::Measured { .. } => {}
            Progress::Controlled { check, measurement } => {
                self.tell(format!(
                    "{}: the control probe says {}",
                    check.name, measurement.message
                ));
            }
            Progress::Ended(result) => {
                self.tell(format!("{}: {}", result.name, result.message));
            }
        }
    }
}

/// Shows to who looks at a terminal how the checks go on.
pub fn show(progress: &Progress<'_>, to: &dyn crate::ports::Progress) {
    match progress {
        Progress::Measured { check, measurement, tally } => {
            to.glimpse(&Glimpse::Looked { check, measurement, looks: tally.attempts() });
        }
        Progress::Controlled { .. } => {}
        Progress::Ended(result) => to.glimpse(&Glimpse::Ended(result)),
    }
}
