//! Runs one service's driver, and writes down what came of it.

use super::commit::{Entry, Moment};
use super::desk::Desk;
use super::execute::operation_of;
use super::halt::{Halt, Step};
use super::outbox::Waiting;
use super::settle::draft;
use crate::domain::event::{Body, PlannedStep, ServiceDone, StepOutcome};
use crate::domain::ids::{EventId, OperationId};
use crate::domain::operation::Operation;
use crate::domain::text;
use crate::error::{Error, Result};
use crate::ports::{Action, Drive, Driver, Running};

/// Which of a driver's two ways is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// To the version of the plan.
    There,
    /// To what ran before.
    Back,
}

impl Desk {
    /// Runs the driver of one step, and makes sure that it did what it says.
    pub(super) async fn run_driver(
        &self,
        operation: &Operation,
        action: Action,
        step: &PlannedStep,
        way: Way,
    ) -> ServiceDone {
        let drive = self.drive(operation, action, step);
        let began = self.ports.clock.monotonic();
        let to = if way == Way::Back { step.from.as_ref() } else { Some(&step.to) };
        let version = to.map_or("what ran before", |to| to.version.as_str());
        let told = if way == Way::Back { "back" } else { action.told() };
        self.tell(format!("{told}: {} to {version}", step.service));
        let (outcome, message) = match self.ports.driver_at(&step.service, drive.slot.as_ref()) {
            Some(driver) => match self.driven(&**driver, &drive, way).await {
                Ok(message) => (StepOutcome::Done, message),
                Err(error) => (StepOutcome::Failed, with_causes(&error)),
            },
            None => (StepOutcome::Failed, "it has no driver".to_owned()),
        };
        let took = self.ports.clock.monotonic().saturating_sub(began);
        if outcome == StepOutcome::Failed {
            self.tell(format!("{}: {message}", step.service));
        }
        ServiceDone {
            service: step.service.clone(),
            outcome,
            message: text::message(&message),
            duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        }
    }

    async fn driven(&self, driver: &dyn Driver, drive: &Drive, way: Way) -> Result<String> {
        let (driven, reversed) = match way {
            Way::There => (driver.apply(drive).await?, None),
            Way::Back => (driver.undo(drive).await?, drive.reversed()),
        };
        let meant = reversed.as_ref().unwrap_or(drive);
        match driver.current(&meant.site()).await {
            Ok(Running::Seen(seen)) => match seen.differs_from(&meant.to).first() {
                Some(difference) => {
                    let error = Error::failed("the driver ended well and changed nothing");
                    Err(error.because(difference.to_string()))
                }
                None => Ok(driven.message),
            },
            Ok(Running::Nothing) => {
                let error = Error::failed("the driver ended well and nothing runs");
                Err(error.because(format!("`{}` is not there", meant.service)))
            }
            Ok(Running::Untold) => Ok(driven.message),
            Err(error) => {
                self.tell(format!("{}: what runs could not be seen: {error}", meant.service));
                Ok(driven.message)
            }
        }
    }

    pub(super) fn drive(&self, operation: &Operation, action: Action, step: &PlannedStep) -> Drive {
        Drive {
            action,
            environment: self.environment.clone(),
            service: step.service.clone(),
            slot: operation.started.as_ref().and_then(|started| started.slot.clone()),
            operation: operation.id,
            deployment: operation.n,
            to: step.to.clone(),
            from: step.from.clone(),
        }
    }

    /// Drives one service back, outside of a plan, and writes down how it runs then.
    pub(super) async fn drive_back(
        &self,
        id: OperationId,
        step: &PlannedStep,
    ) -> Step<Result<(), String>> {
        let state = self.owned(id).await?;
        let operation = operation_of(&state, id)?;
        let way_back = Box::pin(self.run_driver(operation, Action::Rollback, step, Way::Back));
        let mut done = self.alive(operation, way_back).await;
        let ended = match done.outcome {
            StepOutcome::Done => {
                done.outcome = StepOutcome::Skipped;
                Ok(())
            }
            StepOutcome::Failed | StepOutcome::Skipped => Err(done.message.clone()),
        };
        self.write_down(operation, vec![done]).await?;
        Ok(ended)
    }

    /// Writes results down in one push; where the operation is another's by now, that they strayed.
    pub(super) async fn write_down(&self, own: &Operation, done: Vec<ServiceDone>) -> Step<()> {
        let evs: Vec<[EventId; 2]> =
            done.iter().map(|_| [self.new_event(), self.new_event()]).collect();
        let names: Vec<&str> = done.iter().map(|done| done.service.as_str()).collect();
        let written = self.commit(Moment::AfterTheAct, |page, _| {
            // Where it moved to the archive meanwhile, it was closed before: by another.
            let (operation, ending) = match page.state.operation(own.id) {
                Some(operation) => (operation, self.overtaken(&page.state, operation)),
                None => (own, operation_of(&page.state, own.id).err().and_then(Halt::ending)),
            };
            let body = |done: &ServiceDone, [ev, strayed]: &[EventId; 2]| {
                if ending.is_some() {
                    let body = Body::Strayed { service: done.service.clone() };
                    return draft(*strayed, operation, body);
                }
                draft(*ev, operation, Body::ServiceDone(done.clone()))
            };
            let drafts = done.iter().zip(&evs).map(|(done, evs)| body(done, evs)).collect();
            let summary = format!("{} of {}: {}", operation.n, self.environment, names.join(", "));
            Ok((ending, Some(Entry { drafts, summary, ..Entry::default() })))
        });
        let written = written.await.map_err(|halt| {
            let letter = |(done, [ev, _]): (&ServiceDone, &[EventId; 2])| {
                let (ev, run, done) = (*ev, self.who.run, done.clone());
                Waiting::Done { op: own.id, ev, run, done }
            };
            self.keep(halt, done.iter().zip(&evs).map(letter))
        })?;
        written.value.map_or(Ok(()), |ending| Err(ending.into()))
    }
}

pub(super) fn with_causes(error: &crate::error::Error) -> String {
    let causes = error.causes();
    if causes.is_empty() {
        error.message().to_owned()
    } else {
        format!("{}: {}", error.message(), causes.join(": "))
    }
}
