//! Empties the slot that does not serve.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::commit::{Decided, Entry, Moment};
use super::desk::{Desk, Page};
use super::drive::with_causes;
use super::execute::operation_of;
use super::halt::Step;
use super::settle::Results;
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{
    FinishOutcome, Finished, Kind, PlannedStep, ServiceDone, Started, StepOutcome,
};
use crate::domain::ids::{EventId, OperationId};
use crate::domain::names::Service;
use crate::domain::operation::Operation;
use crate::domain::outcome::{Outcome, PlanLine};
use crate::domain::plan::Order;
use crate::domain::slots::Slot;
use crate::domain::slotted::Slots;
use crate::domain::state::State;
use crate::domain::text;
use crate::domain::version::{Version, Versions};
use crate::error::{Error, Result};
use crate::ports::{Action, Drive, Driver, Running};

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
    async fn gets_no_traffic(&self, slot: &Slot) -> Result<(), Ending> {
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

    /// Closes a cleanup whose slot may serve by now: a person may have moved the traffic since it was
    /// begun, or while something was being stopped.
    async fn still_gets_none(&self, operation: &Operation, slot: &Slot) -> Step<()> {
        let Err(mut ending) = self.gets_no_traffic(slot).await else { return Ok(()) };
        let left: Vec<&Service> = operation.left().map(|step| &step.service).collect();
        let is_done = |step: &&PlannedStep| !left.contains(&&step.service);
        let done: Vec<PlannedStep> = operation.plan().iter().filter(is_done).cloned().collect();
        if !done.is_empty() {
            ending.message = format!("{}; {} stopped already", ending.message, stopped(&done));
        }
        let message = text::message(&ending.message);
        let finished = Finished { message, ..Finished::plain(FinishOutcome::Undone) };
        let written = self.finish_with(operation.id, finished).await;
        written.map_err(|halt| self.left_open(halt))?;
        Err(ending.into())
    }

    /// Stops what is left of an open cleanup, and closes it.
    pub(super) async fn empty(&self, id: OperationId) -> Step<Outcome> {
        let emptied = self.emptied(id).await;
        self.giving_way(id, emptied).await
    }

    async fn emptied(&self, id: OperationId) -> Step<Outcome> {
        let state = self.owned(id).await?;
        let operation = operation_of(&state, id)?;
        let Some(slot) = operation.slot() else { return Ok(self.nothing_left(&state, 0)) };
        for step in operation.left() {
            let state = self.owned(id).await?;
            self.still_gets_none(operation_of(&state, id)?, slot).await?;
            let done = self.stop(operation, slot, step).await;
            self.write_down(operation, vec![done]).await?;
        }
        let state = self.owned(id).await?;
        let finished = end_of(operation_of(&state, id)?);
        let written = self.finish_with(id, finished).await;
        written.map_err(|halt| self.left_open(halt))?;
        let page = self.read().await?;
        Ok(self.told_cleanup(&page.state, operation_of(&page.state, id)?, slot))
    }

    async fn stop(&self, operation: &Operation, slot: &Slot, step: &PlannedStep) -> ServiceDone {
        let drive = self.drive(operation, Action::Deploy, step);
        self.tell(format!("cleanup: {} at {slot}", step.service));
        let began = self.ports.clock.monotonic();
        let stopped = match self.ports.driver_at(&step.service, Some(slot)) {
            Some(driver) => self.stopped(&**driver, &drive).await,
            None => Err(Error::failed("it has no driver")),
        };
        let took = self.ports.clock.monotonic().saturating_sub(began);
        let (outcome, message) = match stopped {
            Ok(message) => (StepOutcome::Done, message),
            Err(error) => {
                let why = with_causes(&error);
                self.tell(format!("{}: {why}", step.service));
                (StepOutcome::Failed, why)
            }
        };
        ServiceDone {
            service: step.service.clone(),
            outcome,
            message: text::message(&message),
            duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// A driver that says it is done and stopped nothing has failed, where it can see what runs.
    async fn stopped(&self, driver: &dyn Driver, drive: &Drive) -> Result<String> {
        let driven = driver.remove(drive).await?;
        match driver.current(&drive.site()).await {
            Ok(Running::Nothing | Running::Untold) => Ok(driven.message),
            Ok(Running::Seen(_)) => {
                let error = Error::failed("the driver ended well and stopped nothing");
                Err(error.because(format!("`{}` still runs", drive.service)))
            }
            Err(error) => {
                self.tell(format!("{}: what runs could not be seen: {error}", drive.service));
                Ok(driven.message)
            }
        }
    }

    fn told_cleanup(&self, state: &State, operation: &Operation, slot: &Slot) -> Outcome {
        let environment = &self.environment;
        let failed = operation.left().map(|step| {
            let why = operation.done.get(&step.service).map(|done| done.message.as_str());
            format!("`{}`: {}", step.service, why.unwrap_or_default())
        });
        let failed: Vec<String> = failed.collect();
        let ending = if failed.is_empty() {
            let message = format!(
                "emptied `{slot}` of `{environment}`: {} stopped; the way back to it takes a deployment now",
                stopped(operation.plan())
            );
            Ending::new(Reason::Done, message)
        } else {
            let failed = failed.join("; ");
            let message = format!("`{slot}` of `{environment}` was not emptied: {failed}");
            Ending::new(Reason::NotEmptied, message).next(self.next_at_slot())
        };
        Outcome::ended(ending).about(self.told(state, operation))
    }

    /// Closes a cleanup that a person gives up: what was stopped stays so.
    pub(super) async fn give_up_cleanup(&self, operation: &Operation) -> Step<Outcome> {
        let given_up = Finished::plain(FinishOutcome::Undone);
        self.finish_with(operation.id, given_up).await?;
        let slot = operation.slot().map(Slot::as_str).unwrap_or_default();
        let message = format!(
            "gave up cleanup {} of `{}`; what it had stopped at `{slot}` stays so",
            operation.n, self.environment
        );
        Ok(Outcome::ended(Ending::new(Reason::Done, message).next(self.next_at_slot())))
    }

    fn next_at_slot(&self) -> String {
        let environment = shell_words::quote(self.environment.as_str());
        format!("lastgood switch --cleanup -e {environment}, or deploy over it")
    }
}

/// What a cleanup could not stop leaves nobody sure of what the slot holds.
fn end_of(operation: &Operation) -> Finished {
    let results = Results::of_operation(operation);
    let outcome = results.outcome();
    let holds = (outcome == FinishOutcome::Completed).then(Versions::new);
    Finished { holds, ..Finished::plain(outcome) }
}

fn stopped(plan: &[PlannedStep]) -> String {
    let one = |step: &PlannedStep| match &step.from {
        Some(version) => format!("`{}` {}", step.service, version.version),
        None => format!("`{}`", step.service),
    };
    let all = plan.iter().map(one).collect::<Vec<_>>().join(", ");
    if plan.len() == 1 { format!("{all} is") } else { format!("{all} are") }
}
