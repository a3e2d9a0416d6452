//! Obeys a plan: one of the two loops with effects.

use std::collections::BTreeMap;
use std::pin::pin;

use futures_util::future::{Either, join, join_all, select};
use tokio::sync::mpsc::{self, UnboundedReceiver};

use super::alive::TURN;
use super::commit::{Entry, Moment};
use super::desk::Desk;
use super::drive::Way;
use super::glance::Glance;
use super::halt::{Halt, Step};
use super::settle::{Closing, Results, draft};
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{Body, FinishOutcome, Finished, Kind, PlannedStep, ServiceDone, Unity};
use crate::domain::ids::OperationId;
use crate::domain::operation::Operation;
use crate::domain::plan::{self, Order};
use crate::domain::state::State;
use crate::ports::{Action, TagOrder};

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
        let fled = self.fled_tag(&state, operation).await;
        let results = if let Some(slot) = operation.slot() {
            self.carry_to_slot(operation, slot, action).await?
        } else {
            let left: Vec<PlannedStep> = operation.left().cloned().collect();
            self.drive_waves(operation, &left, action, on_failure).await?
        };
        if results.kept.is_some() {
            return Ok(results);
        }
        let unity = operation.started.as_ref().map(|started| started.unity).unwrap_or_default();
        if unity == Unity::AllOrNothing && !results.is_complete() {
            return self.put_all_back(operation, results).await;
        }
        let closed = self.close(id, &results, fled.as_ref()).await;
        closed.map_err(|halt| self.left_open(halt))?;
        Ok(results)
    }

    /// Drives what is left of a plan, wave after wave.
    pub(super) async fn drive_waves(
        &self,
        operation: &Operation,
        left: &[PlannedStep],
        action: Action,
        on_failure: OnFailure,
    ) -> Step<Results> {
        let mut results = Results::of_operation(operation);
        let order = self.order_of(operation);
        let mut stopped = false;
        for wave in self.roster.waves(left, order) {
            let may = |step: &PlannedStep| {
                !stopped && plan::may_move(step, order, &self.roster, operation, &results.failed())
            };
            let (wave, held): (Vec<_>, Vec<_>) = wave.into_iter().partition(may);
            let driven = results.by_service.len();
            results.skip(&held);
            let carried = self.carry_out(operation, action, &wave, &mut results).await;
            carried.map_err(|halt| if driven > 0 { self.left_open(halt) } else { halt })?;
            stopped |= on_failure == OnFailure::Stop && !results.failed().is_empty();
            if order == Order::OneByOne && !stopped {
                stopped = !self.is_sound((action, operation.slot()), &wave, &results).await;
            }
        }
        Ok(results)
    }

    pub(super) fn order_of(&self, operation: &Operation) -> Order {
        let told = operation.started.as_ref().and_then(|started| started.strategy);
        let usual = match operation.kind {
            Kind::Deploy | Kind::RollForward | Kind::Switch => self.policy.deploy.strategy,
            Kind::Rollback => self.policy.rollback.strategy,
        };
        Order::of(operation.kind, told.unwrap_or(usual))
    }

    /// Drives the services of one wave at the same time, and writes each result as it comes.
    async fn carry_out(
        &self,
        operation: &Operation,
        action: Action,
        wave: &[PlannedStep],
        results: &mut Results,
    ) -> Step<()> {
        let glance = Glance::default();
        let (tell, told) = mpsc::unbounded_channel();
        let drive = async move {
            let driven = join_all(wave.iter().map(async |step| {
                let own = glance.owned(self, operation.id).await?;
                let done = self.run_driver(&own, action, step, Way::There).await;
                // Who listens does so until the last of them is told.
                let _ = tell.send(done);
                Ok(())
            }));
            driven.await.into_iter().collect::<Step<()>>()
        };
        let (driven, written) =
            join(Box::pin(drive), Box::pin(self.write_as_they_come(operation, told, results)))
                .await;
        written.and(driven)
    }

    /// What came at the same time is one push; a push that fails keeps no other result from being told. While
    /// nothing comes, a line every few minutes says that this run is alive.
    async fn write_as_they_come(
        &self,
        operation: &Operation,
        mut told: UnboundedReceiver<ServiceDone>,
        results: &mut Results,
    ) -> Step<()> {
        let mut ended = Ok(());
        loop {
            let turn = pin!(self.ports.clock.sleep(TURN));
            let next = match select(pin!(told.recv()), turn).await {
                Either::Left((next, _)) => Some(next),
                Either::Right(_) => None,
            };
            let first = match next {
                Some(Some(first)) => first,
                Some(None) => return ended,
                None => {
                    Box::pin(self.say_alive(operation)).await;
                    continue;
                }
            };
            let mut done = vec![first];
            while let Ok(more) = told.try_recv() {
                done.push(more);
            }
            let outcomes = done.iter().map(|done| (done.service.clone(), done.outcome));
            results.by_service.extend(outcomes);
            let written = self.write_down(operation, done).await;
            ended = ended.and(written);
        }
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
    pub(super) async fn owned(&self, id: OperationId) -> Step<State> {
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
            let body =
                Body::Finished(Finished { message, ..Finished::plain(FinishOutcome::Failed) });
            drafts.push(draft(finished, operation, body));
            let summary = format!("Give up {} of {}", operation.n, self.environment);
            Ok(((), Some(Entry { drafts, summary, ..Entry::default() })))
        });
        written.await?;
        self.traffic_settles().await;
        Ok(())
    }

    /// Returns who else owns the operation now, or what is newer, told.
    pub(super) fn overtaken(&self, state: &State, operation: &Operation) -> Option<Ending> {
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

pub(super) fn operation_of(state: &State, id: OperationId) -> Step<&Operation> {
    state.operation(id).ok_or_else(|| {
        let message =
            format!("the operation {id} is no longer in the ledger of `{}`", state.environment);
        Ending::new(Reason::Overtaken, message).into()
    })
}
