//! Obeys a plan: one of the two loops with effects.

use std::collections::BTreeMap;

use super::commit::{Entry, Moment};
use super::desk::Desk;
use super::halt::{Halt, Step};
use super::outbox::Waiting;
use super::settle::{Closing, Results, draft};
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{Body, FinishOutcome, Finished, PlannedStep, ServiceDone, StepOutcome};
use crate::domain::ids::OperationId;
use crate::domain::operation::Operation;
use crate::domain::state::State;
use crate::domain::text;
use crate::ports::{Action, Drive, TagOrder};

/// What becomes of the rest when one service's driver fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// The others go on: on the way back, each service that is back helps.
    GoOn,
    /// The rest is skipped: on the way forward, what is broken is not built upon.
    Stop,
}

impl Desk {
    /// Drives each service of an operation that is not done, writes each result at once, and closes it.
    pub async fn execute(
        &self,
        id: OperationId,
        action: Action,
        on_failure: OnFailure,
    ) -> Step<Results> {
        let results = self.carry_through(id, action, on_failure).await;
        self.giving_way(id, results).await
    }

    async fn carry_through(
        &self,
        id: OperationId,
        action: Action,
        on_failure: OnFailure,
    ) -> Step<Results> {
        let state = self.owned(id).await?;
        let operation = operation_of(&state, id)?;
        let mut results = Results::of_operation(operation);
        let steps: Vec<PlannedStep> = operation.left().cloned().collect();
        let fled = self.fled_tag(&state, operation).await;
        let mut stopped = false;
        for step in &steps {
            let outcome = if stopped {
                StepOutcome::Skipped
            } else {
                let driven = results.by_service.len();
                let carried = self.carry_out(id, action, step).await;
                carried.map_err(|halt| if driven > 0 { self.left_open(halt) } else { halt })?
            };
            stopped |= outcome == StepOutcome::Failed && on_failure == OnFailure::Stop;
            results.by_service.insert(step.service.clone(), outcome);
        }
        let closed = self.close(id, &results, fled.as_ref()).await;
        closed.map_err(|halt| self.left_open(halt))?;
        Ok(results)
    }

    async fn carry_out(
        &self,
        id: OperationId,
        action: Action,
        step: &PlannedStep,
    ) -> Step<StepOutcome> {
        let (operation, done) = self.run_driver(id, action, step).await?;
        let outcome = done.outcome;
        self.write_down(&operation, done).await?;
        Ok(outcome)
    }

    /// Drives one service outside of a plan, to put it back, and writes down how it runs then.
    pub(super) async fn drive_once(
        &self,
        id: OperationId,
        action: Action,
        step: &PlannedStep,
    ) -> Step<Result<(), String>> {
        let (operation, mut done) = self.run_driver(id, action, step).await?;
        let ended = match done.outcome {
            StepOutcome::Done => {
                done.outcome = StepOutcome::Skipped;
                Ok(())
            }
            StepOutcome::Failed | StepOutcome::Skipped => Err(done.message.clone()),
        };
        self.write_down(&operation, done).await?;
        Ok(ended)
    }

    async fn run_driver(
        &self,
        id: OperationId,
        action: Action,
        step: &PlannedStep,
    ) -> Step<(Operation, ServiceDone)> {
        let state = self.owned(id).await?;
        let operation = operation_of(&state, id)?;
        let drive = self.drive(operation.label(), action, step);
        let began = self.ports.clock.monotonic();
        self.tell(format!("{}: {} to {}", action.told(), step.service, step.to.version));
        let (outcome, message) = match self.ports.driver_of(&step.service) {
            Some(driver) => match driver.apply(&drive).await {
                Ok(told) => (StepOutcome::Done, told.message),
                Err(error) => (StepOutcome::Failed, with_causes(&error)),
            },
            None => (StepOutcome::Failed, "it has no driver".to_owned()),
        };
        let took = self.ports.clock.monotonic().saturating_sub(began);
        if outcome == StepOutcome::Failed {
            self.tell(format!("{}: {message}", step.service));
        }
        let done = ServiceDone {
            service: step.service.clone(),
            outcome,
            message: text::message(&message),
            duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        };
        Ok((operation.clone(), done))
    }

    pub(super) fn drive(
        &self,
        (operation, n): (OperationId, u64),
        action: Action,
        step: &PlannedStep,
    ) -> Drive {
        Drive {
            action,
            environment: self.environment.clone(),
            service: step.service.clone(),
            slot: None,
            operation,
            deployment: n,
            to: step.to.clone(),
            from: step.from.clone(),
        }
    }

    pub(super) async fn write_down(&self, own: &Operation, done: ServiceDone) -> Step<()> {
        let (ev, strayed) = (self.new_event(), self.new_event());
        let service = done.service.clone();
        let written = self.commit(Moment::AfterTheAct, |page, _| {
            // Where it moved to the archive meanwhile, it was closed before: by another.
            let (operation, ending) = match page.state.operation(own.id) {
                Some(operation) => (operation, self.overtaken(&page.state, operation)),
                None => (own, operation_of(&page.state, own.id).err().and_then(Halt::ending)),
            };
            let (ev, body) = match ending {
                None => (ev, Body::ServiceDone(done.clone())),
                Some(_) => (strayed, Body::Strayed { service: service.clone() }),
            };
            let summary = format!("{} of {}: {}", operation.n, self.environment, service);
            let drafts = vec![draft(ev, operation, body)];
            Ok((ending, Some(Entry { drafts, summary, ..Entry::default() })))
        });
        let waiting = || Waiting::Done { op: own.id, ev, run: self.who.run, done: done.clone() };
        let written = written.await.map_err(|halt| self.keep(halt, waiting()))?;
        written.value.map_or(Ok(()), |ending| Err(ending.into()))
    }

    async fn close(&self, id: OperationId, results: &Results, fled: Option<&TagOrder>) -> Step<()> {
        let [deployed, cancelled, finished] = [(); 3].map(|()| self.new_event());
        let evs = Closing { deployed, cancelled, finished };
        let written = self.commit(Moment::AfterTheAct, |page, _| {
            let operation = operation_of(&page.state, id)?;
            if let Some(ending) = self.overtaken(&page.state, operation) {
                return Err(ending.into());
            }
            Ok(((), Some(self.closing(&page.state, operation, results, evs, fled))))
        });
        written.await.map(|_| ())
    }

    /// Reads the ledger and makes sure that this run still owns the operation.
    async fn owned(&self, id: OperationId) -> Step<State> {
        let committed = self.commit(Moment::AfterTheAct, |page, _| {
            let operation = operation_of(&page.state, id)?;
            match self.overtaken(&page.state, operation) {
                Some(ending) => Err(ending.into()),
                None => Ok(((), None)),
            }
        });
        Ok(committed.await?.state)
    }

    /// Closes an operation that something newer has overtaken while nobody else owns it: left open,
    /// it would keep everyone out, and no run could ever finish it.
    pub(super) async fn giving_way<T>(&self, id: OperationId, ended: Step<T>) -> Step<T> {
        let is_overtaken = |halt: &Halt| match halt {
            Halt::Ended(ending) => ending.reason == Reason::Overtaken,
            Halt::Broke(_) => false,
        };
        if ended.as_ref().err().is_some_and(is_overtaken)
            && let Err(also) = self.give_way(id).await
        {
            self.tell(format!("the operation stays open for now: {also}"));
        }
        ended
    }

    async fn give_way(&self, id: OperationId) -> Step<()> {
        let finished = self.new_event();
        let mut evs = BTreeMap::new();
        let written = self.commit(Moment::AfterTheAct, |page, _| {
            let own = page.state.operation(id).filter(|op| op.owner == self.who.run);
            let Some(operation) = own.filter(|op| op.is_open()) else { return Ok(((), None)) };
            let mut drafts = Vec::new();
            // What is newer was computed without these: nobody knows which of the two came last.
            for service in page.state.uncovered(operation) {
                let ev = *evs.entry(service.clone()).or_insert_with(|| self.new_event());
                drafts.push(draft(ev, operation, Body::Strayed { service }));
            }
            let message = "something newer was deployed".to_owned();
            let body = Body::Finished(Finished { outcome: FinishOutcome::Failed, message });
            drafts.push(draft(finished, operation, body));
            let summary = format!("Give up {} of {}", operation.n, self.environment);
            Ok(((), Some(Entry { drafts, summary, ..Entry::default() })))
        });
        written.await.map(|_| ())
    }

    /// Returns who else owns the operation now, or what is newer, told.
    fn overtaken(&self, state: &State, operation: &Operation) -> Option<Ending> {
        let newer = state.operations.iter().map(|other| other.n).max().unwrap_or(0);
        let message = if operation.owner != self.who.run {
            format!("another run took over {} of `{}`", operation.n, self.environment)
        } else if newer > operation.n {
            format!("{newer} of `{}` is newer than {}", self.environment, operation.n)
        } else if !operation.is_open() {
            format!("{} of `{}` was closed by another run", operation.n, self.environment)
        } else {
            return None;
        };
        Some(Ending::new(Reason::Overtaken, message))
    }
}

fn operation_of(state: &State, id: OperationId) -> Step<&Operation> {
    state.operation(id).ok_or_else(|| {
        let message =
            format!("the operation {id} is no longer in the ledger of `{}`", state.environment);
        Ending::new(Reason::Overtaken, message).into()
    })
}

fn with_causes(error: &crate::error::Error) -> String {
    let causes = error.causes();
    if causes.is_empty() {
        error.message().to_owned()
    } else {
        format!("{}: {}", error.message(), causes.join(": "))
    }
}
