//! Stops what a slot holds, and closes the cleanup.

use super::desk::Desk;
use super::drive::with_causes;
use super::execute::operation_of;
use super::halt::Step;
use super::settle::Results;
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{FinishOutcome, Finished, PlannedStep, ServiceDone, StepOutcome};
use crate::domain::ids::OperationId;
use crate::domain::names::Service;
use crate::domain::operation::Operation;
use crate::domain::outcome::Outcome;
use crate::domain::slots::Slot;
use crate::domain::state::State;
use crate::domain::text;
use crate::domain::version::Versions;
use crate::error::{Error, Result};
use crate::ports::{Action, Drive, Driver, Running};

impl Desk {
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
            let done = self.alive(operation, Box::pin(self.stop(operation, slot, step))).await;
            self.write_down(operation, vec![done]).await?;
        }
        let state = self.owned(id).await?;
        let finished = end_of(operation_of(&state, id)?);
        let written = self.finish_with(id, finished).await;
        written.map_err(|halt| self.left_open(halt))?;
        let page = self.read().await?;
        Ok(self.told_cleanup(&page.state, operation_of(&page.state, id)?, slot))
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
