//! Empties the slot that does not serve.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::commit::{Decided, Entry, Moment};
use super::desk::{Desk, Page};
use super::drive::with_causes;
use super::halt::Step;
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{Kind, PlannedStep, Started};
use crate::domain::ids::{EventId, OperationId};
use crate::domain::names::Service;
use crate::domain::operation::Operation;
use crate::domain::outcome::{Outcome, PlanLine};
use crate::domain::plan::Order;
use crate::domain::slots::Slot;
use crate::domain::slotted::Slots;
use crate::domain::state::State;
use crate::domain::version::Version;
use crate::error::{Error, Result};
use crate::ports::Action;

/// That the slot is to be emptied.
#[derive(Debug, Clone, Default)]
pub struct CleanOrder {
    /// Why.
    pub reason: Option<String>,
}

/// What there is to do at a slot.
enum Cleanup {
    /// It holds nothing.
    Nothing(Slot),
    /// This.
    Of(Box<Operation>, Slot),
}

impl Desk {
    /// Stops all that runs at the slot that does not serve: the way back to it takes a deployment then.
    pub async fn clean(&self, order: &CleanOrder) -> Step<Outcome> {
        let ids = (self.new_operation(), self.new_event());
        let page = self.read().await?;
        if let (Cleanup::Of(_, slot), _) = self.cleaning(order, ids, &page, self.now())? {
            self.gets_no_traffic(&slot).await?;
        }
        let written =
            self.commit(Moment::BeforeTheAct, |page, now| self.cleaning(order, ids, page, now));
        match written.await?.value {
            Cleanup::Nothing(slot) => Ok(self.holds_nothing(&slot)),
            Cleanup::Of(operation, _) => self.empty(operation.id).await,
        }
    }

    /// Shows what a cleanup would stop.
    pub async fn plan_clean(&self, order: &CleanOrder) -> Step<Outcome> {
        let ids = (self.new_operation(), self.new_event());
        let page = self.read().await?;
        let (operation, slot) = match self.cleaning(order, ids, &page, self.now())? {
            (Cleanup::Nothing(slot), _) => return Ok(self.holds_nothing(&slot)),
            (Cleanup::Of(operation, slot), _) => (operation, slot),
        };
        self.gets_no_traffic(&slot).await?;
        let lines = operation.plan().iter().map(|step| self.removal_line(&operation, step));
        let message = format!("`{slot}` of `{}` would be emptied", self.environment);
        Ok(Outcome::planned(Ending::new(Reason::Planned, message), lines.collect()))
    }

    /// Shows what would stop one service.
    pub(super) fn removal_line(&self, operation: &Operation, step: &PlannedStep) -> PlanLine {
        let commands = self.removal(operation, step).unwrap_or_default();
        PlanLine { service: step.service.clone(), from: step.from.clone(), to: None, commands }
    }

    fn removal(&self, operation: &Operation, step: &PlannedStep) -> Result<Vec<String>> {
        let drive = self.drive(operation, Action::Deploy, step);
        match self.ports.driver_at(&step.service, drive.slot.as_ref()) {
            Some(driver) => driver.plan_removal(&drive),
            None => Err(Error::failed("it has no driver")),
        }
    }

    fn holds_nothing(&self, slot: &Slot) -> Outcome {
        let message =
            format!("`{slot}` of `{}` holds nothing; nothing was written", self.environment);
        Outcome::ended(Ending::new(Reason::AlreadyThere, message))
    }

    fn cleaning(
        &self,
        order: &CleanOrder,
        ids: (OperationId, EventId),
        page: &Page,
        now: Timestamp,
    ) -> Decided<Cleanup> {
        let state = &page.state;
        self.may_begin(state, now)?;
        let slots = self.two_slots(state)?;
        let slot = slots.idle().clone();
        let plan = self.stops(state, &slots, &slot);
        if plan.is_empty() {
            return Ok((Cleanup::Nothing(slot), None));
        }
        let started = Started {
            // Nothing of a commit is deployed, so that its lines lie on no commit.
            commit: None,
            slot: Some(slot.clone()),
            empties: true,
            from: state.current().map(|current| current.id),
            ..self.intent(Kind::Switch, plan, order.reason.as_ref())
        };
        let (operation, entry) = self.opened(ids, started, state, now);
        self.can_stop(&operation, &slot)?;
        let summary = format!("Begin to empty {slot} of {}", self.environment);
        Ok((Cleanup::Of(Box::new(operation), slot), Some(Entry { summary, ..entry })))
    }

    /// Returns what is stopped, in order: what needs another goes before it.
    ///
    /// Where nobody knows what the slot holds, that is all that could be there.
    fn stops(&self, state: &State, slots: &Slots, slot: &Slot) -> Vec<PlannedStep> {
        let held = slots.holds(slot);
        let mut there: BTreeMap<Service, Version> = held.clone();
        if !slots.is_sure(slot) {
            let newest = state.operations.iter().rev().find(|made| made.slot() == Some(slot));
            let meant = newest.into_iter().flat_map(Operation::plan);
            let meant = meant.map(|step| (step.service.clone(), step.to.clone()));
            for (service, version) in meant.chain(state.versions()) {
                if self.ports.driver_at(&service, Some(slot)).is_some() {
                    there.entry(service).or_insert(version);
                }
            }
        }
        let step = |(service, to): (Service, Version)| {
            let from = held.get(&service).cloned();
            PlannedStep { service, from, to }
        };
        let steps: Vec<PlannedStep> = there.into_iter().map(step).collect();
        self.roster.waves(&steps, Order::NeedingFirst).into_iter().flatten().collect()
    }

    /// Refuses, before anything is touched, where something could not be stopped.
    fn can_stop(&self, operation: &Operation, slot: &Slot) -> Step<()> {
        let (mut told, mut hints) = (Vec::new(), Vec::new());
        for step in operation.plan() {
            if let Err(error) = self.removal(operation, step) {
                told.push(format!("`{}`: {}", step.service, with_causes(&error)));
                hints.extend(error.hints().iter().map(ToString::to_string));
            }
        }
        if told.is_empty() {
            return self.are_ready(operation.act(), operation.plan(), Some(slot));
        }
        hints.dedup();
        let message =
            format!("`{slot}` of `{}` cannot be emptied: {}", self.environment, told.join("; "));
        let ending = Ending::new(Reason::NoCleanup, message);
        Err(if hints.is_empty() { ending } else { ending.next(hints.join("; ")) }.into())
    }

    /// Refuses what may serve, by the router's own word.
    pub(super) async fn gets_no_traffic(&self, slot: &Slot) -> Result<(), Ending> {
        let Some(router) = &self.ports.router else {
            let message = format!("no router is configured for `{}` any more", self.environment);
            return Err(Ending::new(Reason::RefusedInterrupted, message));
        };
        let why = match router.read().await {
            Ok(shares) if shares.share(slot) == 0 => return Ok(()),
            Ok(shares) => format!("the router gives {shares}"),
            Err(error) => format!("how traffic is shared could not be read: {error}"),
        };
        let message = format!("`{slot}` of `{}` is not emptied: {why}", self.environment);
        Err(Ending::new(Reason::MayServe, message))
    }
}
