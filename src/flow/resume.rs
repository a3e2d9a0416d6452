//! Finishes what an interrupted run left, or puts back what it moved.

use std::collections::BTreeMap;

use shell_words::quote;

use super::advice;
use super::commit::{Entry, Moment};
use super::desk::Desk;
use super::execute::OnFailure;
use super::halt::Step;
use super::rollback::Course;
use super::settle::draft;
use super::undo::{being_put_back, told};
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{
    Act, Body, FinishOutcome, Finished, Kind, PlannedStep, ServiceDone, StepOutcome,
};
use crate::domain::ids::{EventId, OperationId};
use crate::domain::names::Service;
use crate::domain::operation::Operation;
use crate::domain::outcome::Outcome;
use crate::domain::plan::Plan;
use crate::domain::state::State;
use crate::ports::Action;

/// What is to become of an operation that was left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ways {
    /// It is finished.
    Finish,
    /// What it moved is put back.
    Undo,
}

impl Desk {
    /// Writes down what waits, then finishes or undoes the open operation; where none is open and the
    /// newest is partial, moves what it left.
    pub async fn resume(&self, ways: Ways) -> Step<Outcome> {
        let delivered = self.deliver().await?;
        let page = self.read().await?;
        let Some(open) = page.state.open().next() else {
            if let Some(outcome) = self.realigned(&page.state).await? {
                return Ok(outcome);
            }
            return match self.leftover(&page.state).filter(|_| ways == Ways::Finish) {
                Some(leftover) => self.move_leftover(&leftover, &page.state.versions()).await,
                None => Ok(self.nothing_left(&page.state, delivered)),
            };
        };
        let (id, act) = (open.id, open.act());
        match (ways, act) {
            (Ways::Finish, Act::Driven) => Box::pin(self.resume_left(id, "a person asked")).await,
            (Ways::Finish, Act::HandedOver) => Err(self.only_record_closes(open).into()),
            (Ways::Undo, Act::Driven) if open.empties() => {
                self.drop_cleanup(id, "a person asked to undo it").await
            }
            (Ways::Undo, Act::Driven) => self.undo_left(id).await,
            (Ways::Undo, Act::HandedOver) => self.give_up(id).await,
        }
    }

    pub(super) fn nothing_left(&self, state: &State, delivered: usize) -> Outcome {
        let environment = &self.environment;
        let (reason, message) = if delivered > 0 {
            (Reason::Done, format!("wrote down what waited for `{environment}`: {delivered}"))
        } else {
            (Reason::NothingToResume, format!("no operation of `{environment}` is open"))
        };
        // A run that dies between its last line and its last look leaves nothing open.
        let ending = match state.current().filter(|current| !current.is_judged()) {
            None => Ending::new(reason, message),
            Some(current) => {
                let message = format!("{message}; {} was never judged", current.n);
                let verify = format!("lastgood verify -e {}", quote(environment.as_str()));
                Ending::new(reason, message).next(verify)
            }
        };
        Outcome::ended(ending)
    }

    pub(super) fn only_record_closes(&self, open: &Operation) -> Ending {
        let message = format!(
            "{} of `{}` was handed to other steps, which lastgood cannot repeat",
            open.n, self.environment
        );
        let next = "lastgood record, if they are done; lastgood resume --undo, if they never ran";
        Ending::new(Reason::RefusedInterrupted, message).next(next)
    }

    /// Takes an operation over and carries it to its end.
    pub(super) async fn resume_left(&self, id: OperationId, why: &str) -> Step<Outcome> {
        self.can_go_on(id, Ways::Finish).await?;
        let operation = self.take_over(id, why, Ways::Finish).await?;
        if let Some(newer) = self.newer_than(&operation).await? {
            return self.close_overtaken(&operation, newer).await;
        }
        match operation.kind {
            _ if operation.empties() => self.empty(id).await,
            Kind::Deploy | Kind::Switch => self.see_through(id).await,
            Kind::Rollback => self.carry_back(&operation, Action::Rollback).await,
            Kind::RollForward => self.carry_back(&operation, Action::RollForward).await,
        }
    }

    /// Takes a cleanup over and gives it up; nothing is driven, so that nothing has to be ready for it.
    pub(super) async fn drop_cleanup(&self, id: OperationId, why: &str) -> Step<Outcome> {
        let operation = self.take_over(id, why, Ways::Undo).await?;
        match self.newer_than(&operation).await? {
            Some(newer) => self.close_overtaken(&operation, newer).await,
            None => self.give_up_cleanup(&operation).await,
        }
    }

    /// Refuses what no driver here could go on with; what something newer has passed is not driven.
    async fn can_go_on(&self, id: OperationId, ways: Ways) -> Step<()> {
        let page = self.read().await?;
        match page.state.operation(id) {
            Some(open) if !drives(open, ways) => Ok(()),
            Some(open) if self.newer_than(open).await?.is_none() => {
                self.are_ready(open.act(), open.plan(), open.slot())
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Makes this run the owner; who undoes first says so of each service that was done, so that
    /// whoever follows does not count on it.
    async fn take_over(&self, id: OperationId, why: &str, ways: Ways) -> Step<Operation> {
        let ev = self.new_event();
        let mut evs = BTreeMap::new();
        let written = self.commit(Moment::BeforeTheAct, |page, _| {
            let operation = still_open(&page.state, id)?;
            let body = Body::Resumed { why: why.to_owned() };
            let summary = format!("Resume {} of {}", operation.n, self.environment);
            let mut drafts = vec![draft(ev, operation, body)];
            for done in being_undone(operation, ways) {
                let ev = evs.entry(done.service.clone()).or_insert_with(|| self.new_event());
                drafts.push(draft(*ev, operation, Body::ServiceDone(done)));
            }
            Ok((operation.clone(), Some(Entry { drafts, summary, ..Entry::default() })))
        });
        Ok(written.await?.value)
    }

    /// Returns the number of what is newer than an operation that was left open.
    async fn newer_than(&self, operation: &Operation) -> Step<Option<u64>> {
        let page = self.read().await?;
        let newest = page.state.operations.iter().map(|other| other.n).max();
        Ok(newest.filter(|newest| *newest > operation.n))
    }

    /// Closes what something newer has passed: to drive it now would undo the newer one.
    ///
    /// A service that may have been touched, and that nothing newer has set since, is unknown.
    async fn close_overtaken(&self, operation: &Operation, newer: u64) -> Step<Outcome> {
        let evs: Vec<EventId> = operation.plan().iter().map(|_| self.new_event()).collect();
        let (id, finished) = (operation.id, self.new_event());
        let written = self.commit(Moment::AfterTheAct, |page, _| {
            let operation = self.still_ours(&page.state, id)?;
            let uncovered = page.state.uncovered(operation);
            let strayed = |(service, ev): (&Service, &EventId)| {
                draft(*ev, operation, Body::Strayed { service: service.clone() })
            };
            let mut drafts: Vec<_> = uncovered.iter().zip(&evs).map(strayed).collect();
            let message = format!("{newer} is newer");
            let body = Finished { message, ..Finished::plain(FinishOutcome::Failed) };
            drafts.push(draft(finished, operation, Body::Finished(body)));
            let summary = format!("Finish {} of {}", operation.n, self.environment);
            Ok((uncovered, Some(Entry { drafts, summary, ..Entry::default() })))
        });
        let uncovered = written.await?.value;
        self.traffic_settles().await;
        let n = operation.n;
        let closed = format!("closed {n} of `{}` without driving", self.environment);
        if uncovered.is_empty() {
            let message = format!("{closed}: {newer} is newer");
            return Ok(Outcome::ended(Ending::new(Reason::Done, message)));
        }
        let names: Vec<String> = uncovered.iter().map(|service| format!("`{service}`")).collect();
        let names = names.join(", ");
        let message = format!("{closed}: {newer} is newer, and it is not known what {names} runs");
        Ok(Outcome::ended(Ending::new(Reason::Overtaken, message)))
    }

    async fn carry_back(&self, operation: &Operation, action: Action) -> Step<Outcome> {
        let results = self.execute(operation.id, action, OnFailure::GoOn).await?;
        let page = self.read().await?;
        let course = Self::course_of(&page.state, operation);
        match action {
            Action::Rollback => self.prove(operation.trigger(), &course, &results).await,
            Action::RollForward | Action::Deploy => self.rolled_forward(&course, &results).await,
        }
    }

    /// Tells again what was decided when the operation was begun.
    pub(super) fn course_of(state: &State, operation: &Operation) -> Course {
        let number = |id: Option<OperationId>| id.and_then(|id| state.operation(id)).map(|op| op.n);
        let from = operation.started.as_ref().and_then(|started| started.from);
        let to = number(operation.target());
        let steps = operation.plan().to_vec();
        let plan = Plan { steps, ..Plan::default() };
        Course { operation: operation.clone(), from: number(from), to, plan, safety: Vec::new() }
    }

    /// Drives every service that may have been touched back to what it ran before.
    async fn undo_left(&self, id: OperationId) -> Step<Outcome> {
        self.can_go_on(id, Ways::Undo).await?;
        let operation = self.take_over(id, "a person asked to undo it", Ways::Undo).await?;
        if let Some(newer) = self.newer_than(&operation).await? {
            return self.close_overtaken(&operation, newer).await;
        }
        if operation.slot().is_some() {
            return self.undo_at_slot(&operation).await;
        }
        let steps: Vec<PlannedStep> = operation.plan().iter().rev().cloned().collect();
        let undone = self.put_back(&operation, &steps).await;
        let undone = self.giving_way(id, undone).await?;
        let outcome = if undone.is_empty() { FinishOutcome::Undone } else { FinishOutcome::Failed };
        self.finish(id, outcome, &undone).await?;
        let n = operation.n;
        if undone.is_empty() {
            let message =
                format!("undid {n} of `{}`: everything runs what it ran before", self.environment);
            return Ok(Outcome::ended(Ending::new(Reason::Done, message)));
        }
        let message = format!("could not undo {n} of `{}`: {}", self.environment, told(&undone));
        let page = self.read().await?;
        let next = format!("Mend the driver. {}", advice::where_it_was(&page.state));
        Ok(Outcome::ended(Ending::new(Reason::RollbackFailed, message).next(next)))
    }

    /// Closes an operation that other steps never carried out.
    async fn give_up(&self, id: OperationId) -> Step<Outcome> {
        let operation = self.take_over(id, "a person gave it up", Ways::Undo).await?;
        self.finish(id, FinishOutcome::Undone, &BTreeMap::new()).await?;
        let message =
            format!("gave up {} of `{}`; nothing was driven", operation.n, self.environment);
        Ok(Outcome::ended(Ending::new(Reason::Done, message)))
    }

    /// Returns the operation while it is open and nobody else took it over.
    pub(super) fn still_ours<'a>(&self, state: &'a State, id: OperationId) -> Step<&'a Operation> {
        let operation = still_open(state, id)?;
        if operation.owner == self.who.run {
            return Ok(operation);
        }
        let message = format!("another run took over {} of `{}`", operation.n, self.environment);
        Err(Ending::new(Reason::Overtaken, message).into())
    }
}

/// Returns whether a driver is needed: to undo what is at a slot only moves the traffic, and what was stopped stays so.
pub(super) fn drives(open: &Operation, ways: Ways) -> bool {
    match ways {
        Ways::Finish => true,
        Ways::Undo => open.slot().is_none(),
    }
}

fn being_undone(operation: &Operation, ways: Ways) -> Vec<ServiceDone> {
    let done = operation.done.values().filter(|done| done.outcome == StepOutcome::Done);
    match ways {
        Ways::Finish => Vec::new(),
        // What was stopped stays so.
        Ways::Undo if operation.empties() => Vec::new(),
        Ways::Undo => done.map(|done| being_put_back(&done.service)).collect(),
    }
}

fn still_open(state: &State, id: OperationId) -> Step<&Operation> {
    state.operation(id).filter(|operation| operation.is_open()).ok_or_else(|| {
        let message = format!("another run closed the operation of `{}`", state.environment);
        Ending::new(Reason::Overtaken, message).into()
    })
}
