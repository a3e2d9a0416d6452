//! Holds a share of the traffic, and judges what it does.

use std::time::Duration;

use super::alive::TURN;
use super::desk::Desk;
use super::halt::Step;
use super::look::Look;
use crate::domain::event::Kind;
use crate::domain::gate::GateReport;
use crate::domain::operation::Operation;
use crate::domain::policy::{Stage, Strategy};
use crate::domain::slots::{Shares, Slot, WHOLE};
use crate::domain::verdict::Verdict;
use crate::domain::version::Versions;
use crate::ports::BoundCheck;

/// A stage, with what is asked in it alone.
pub(super) struct Held {
    pub(super) stage: Stage,
    checks: Vec<BoundCheck>,
}

impl Held {
    /// All of the traffic comes after the stages anyway; a stage of all of it is one where it is looked at.
    fn is_one(&self) -> bool {
        self.stage.traffic < WHOLE || !self.stage.hold.is_zero() || !self.checks.is_empty()
    }
}

impl Desk {
    /// Returns the stages that an operation moves the traffic in; none where it moves at once.
    pub(super) fn stages(&self, operation: &Operation, slot: &Slot) -> Vec<Held> {
        let told = operation.started.as_ref().and_then(|started| started.strategy);
        let (usual, stages) = match operation.kind {
            Kind::Deploy | Kind::RollForward | Kind::Switch => {
                (self.policy.deploy.strategy, &self.policy.deploy.stages)
            }
            Kind::Rollback => (self.policy.rollback.strategy, &self.policy.rollback.stages),
        };
        if told.unwrap_or(usual) != Strategy::Gradual {
            return Vec::new();
        }
        let own = self.ports.sides.get(slot).map(|side| side.stages.of(operation.kind));
        let checks = |at| own.and_then(|own| own.get(at)).cloned().unwrap_or_default();
        let each = stages.iter().enumerate();
        let held = each.map(|(at, stage)| Held { stage: stage.clone(), checks: checks(at) });
        held.filter(Held::is_one).collect()
    }

    /// Holds a stage, and judges it by the gate and by its own checks; none where nothing is held or asked.
    ///
    /// What was healthy is written down; what was not is for the caller to write, once the traffic is safe.
    pub(super) async fn hold(
        &self,
        operation: &Operation,
        slot: &Slot,
        held: &Held,
        shares: &Shares,
    ) -> Step<Option<GateReport>> {
        let began = self.ports.clock.monotonic();
        let seen = self.look_on(operation, slot, held.stage.hold, shares).await?;
        let was_healthy = seen.as_ref().is_none_or(|it| it.verdict() == Verdict::Healthy);
        if held.checks.is_empty() || !was_healthy {
            return Ok(seen);
        }
        let took = self.ports.clock.monotonic().saturating_sub(began);
        let none = Versions::new();
        let within = Some(held.stage.max.saturating_sub(took));
        let look = Look { checks: Some(&held.checks), within, ..Look::all(&none) };
        let report = self.look(look).await;
        if report.verdict() == Verdict::Healthy {
            self.write_look(operation, &none, &report, Some(shares.clone())).await?;
        }
        Ok(Some(report))
    }

    /// Keeps asking the checks of what serves.
    ///
    /// A line every few minutes says that this run is alive: it is not to be taken over meanwhile.
    async fn look_on(
        &self,
        operation: &Operation,
        slot: &Slot,
        hold: Duration,
        shares: &Shares,
    ) -> Step<Option<GateReport>> {
        let checks = self.checks_of_stage(slot);
        if checks.is_empty() {
            self.ports.clock.sleep(hold).await;
            return Ok(None);
        }
        // Two versions answer meanwhile, so that no check is told which one should.
        let none = Versions::new();
        let mut left = hold;
        let mut seen = None;
        while !left.is_zero() {
            let turn = left.min(TURN);
            left -= turn;
            let look = Look { checks: Some(&checks), watch: Some(turn), ..Look::all(&none) };
            let report = self.look(look).await;
            if report.verdict() != Verdict::Healthy {
                return Ok(Some(report));
            }
            self.write_look(operation, &none, &report, Some(shares.clone())).await?;
            seen = Some(report);
        }
        Ok(seen)
    }

    /// Returns the checks of what serves; those that ask a slot itself ask the one that traffic goes to.
    fn checks_of_stage(&self, slot: &Slot) -> Vec<BoundCheck> {
        let own = self.ports.sides.get(slot).map(|side| side.checks.clone()).unwrap_or_default();
        let is_own = |bound: &&BoundCheck| own.iter().any(|own| own.check.name == bound.check.name);
        let others = self.ports.checks.iter().filter(|bound| !is_own(bound));
        others.chain(&own).cloned().collect()
    }
}
