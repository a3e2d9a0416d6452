//! Undoes the last rollback, or one left in the middle.

use std::collections::BTreeMap;
use std::time::Instant;

use super::RollbackManager;
use super::book::{Book, Draft};
use super::carry::{Course, Progress, done, result};
use super::driver::Move;
use super::health::HealthChecker;
use super::retain::last_change;
use super::settle::finished;
use super::told::{RollbackError, RollbackResult};
use crate::domain::event::{
    Body, FinishOutcome, Kind, PlannedStep, ServiceDone, Started, StepOutcome,
};
use crate::domain::ids::OperationId;
use crate::domain::operation::Operation;
use crate::domain::plan::Plan;
use crate::domain::state::State;
use crate::ports::Action;

impl<H: HealthChecker> RollbackManager<H> {
    /// Undoes the last rollback: what it had left runs again.
    ///
    /// It undoes exactly one, while nothing was deployed since; else it is
    /// [`InvalidState`](RollbackError::InvalidState). A rollback (or a cancel) that was left in the
    /// middle is put back to where it began, and the manager is free again.
    pub fn cancel_rollback(&mut self) -> Result<RollbackResult, RollbackError> {
        if let Some(op) = self.book.open() {
            return self.put_back(op);
        }
        let state = self.book.state();
        let course = self.way_forward(&state)?;
        let plan = Plan { steps: course.started.plan.clone(), ..Plan::default() };
        self.fits(&state, &plan)?;
        self.carry_out(&course)
    }

    fn way_forward(&self, state: &State) -> Result<Course, RollbackError> {
        let last = last_change(state).ok_or_else(nothing)?;
        let fled = match last.kind {
            Kind::Rollback => last.started.as_ref().and_then(|started| started.from),
            Kind::RollForward => return Err(invalid("the last rollback was cancelled already")),
            Kind::Deploy | Kind::Switch => return Err(nothing()),
        };
        let fled = fled.ok_or_else(nothing)?;
        let (op, n) = self.book.next();
        let started = Started {
            from: Some(last.id),
            target: Some(fled),
            ..Started::new(Kind::RollForward, reversed(last))
        };
        Ok(Course {
            op,
            n,
            action: Action::RollForward,
            started,
            to: self.versions_of(fled),
            watched: std::collections::BTreeSet::new(),
            description: format!("cancel of the rollback {}", last.id),
            confirmed: self.marked(fled),
            cancelled: Some(last.id),
        })
    }

    /// Brings every service that may have been touched back to what it ran, and closes the operation.
    fn put_back(&mut self, op: OperationId) -> Result<RollbackResult, RollbackError> {
        let began = Instant::now();
        let state = self.book.state();
        let operation = state.operation(op).ok_or_else(nothing)?;
        let touched: Vec<PlannedStep> = touched(operation);
        let moves: Vec<Move> =
            touched.iter().filter_map(|step| self.way_back(operation, step)).collect();
        let results = self.driver.bring_together(&moves);
        let told: BTreeMap<_, _> = moves.iter().map(|one| &one.service).zip(results).collect();
        let ended: Vec<ServiceDone> = touched
            .iter()
            .map(|step| {
                let untold = || Err("nothing is known that it ran before".to_owned());
                let result = told.get(&step.service.to_string()).cloned().unwrap_or_else(untold);
                was_put_back(done(&step.service, result))
            })
            .collect();
        let bodies = ended.iter().cloned().map(Body::ServiceDone);
        let draft = |body| Draft { op, n: operation.n, body, contents: None };
        let mut drafts = vec![Book::resumed(op, operation.n)];
        drafts.extend(bodies.chain([finished(FinishOutcome::Undone)]).map(draft));
        self.book.append(drafts)?;
        let health = self.health_of(touched.iter().map(|step| step.service.to_string()));
        let progress = progress(&ended, health);
        Ok(result(&reversed_steps(&touched), &progress, began.elapsed()))
    }

    fn way_back(&self, operation: &Operation, step: &PlannedStep) -> Option<Move> {
        let service = step.service.to_string();
        let to = self.current.get(&service)?.clone();
        let target = operation.target().map(|target| self.versions_of(target));
        let from = target.and_then(|versions| versions.get(&service).cloned());
        let action = match operation.kind {
            Kind::RollForward => Action::Rollback,
            Kind::Rollback | Kind::Deploy | Kind::Switch => Action::RollForward,
        };
        let (operation, deployment) = (operation.id, operation.n);
        Some(Move { service, from, to, action, operation, deployment })
    }
}

fn nothing() -> RollbackError {
    invalid("there is no rollback to cancel: nothing was rolled back since the last deployment")
}

fn invalid(why: &str) -> RollbackError {
    RollbackError::InvalidState(why.to_owned())
}

/// All but what is known not to have been touched: its process may have died before it could say.
fn touched(operation: &Operation) -> Vec<PlannedStep> {
    let is_left = |step: &&PlannedStep| {
        let told = operation.done.get(&step.service);
        told.is_none_or(|done| done.outcome != StepOutcome::Skipped)
    };
    operation.plan().iter().filter(is_left).cloned().collect()
}

/// A service that is back where it was runs what it ran before: that is what `skipped` means.
fn was_put_back(done: ServiceDone) -> ServiceDone {
    match done.outcome {
        StepOutcome::Done => ServiceDone { outcome: StepOutcome::Skipped, ..done },
        StepOutcome::Failed | StepOutcome::Skipped => done,
    }
}

fn progress(ended: &[ServiceDone], health: super::health::Health) -> Progress {
    let back = ended.iter().filter(|done| done.outcome == StepOutcome::Skipped);
    let moved = back.map(|done| done.service.clone()).collect();
    let failed = ended.iter().filter(|done| done.outcome == StepOutcome::Failed);
    let outcomes = failed.map(|done| (done.service.clone(), done.outcome)).collect();
    Progress { outcomes, moved, health }
}

fn reversed(rollback: &Operation) -> Vec<PlannedStep> {
    let changed = rollback.deployed.iter().flat_map(|made| &made.what.changed);
    let steps = changed.filter_map(|(service, change)| {
        let (service, to) = (service.clone(), change.from.clone()?);
        Some(PlannedStep { service, from: Some(change.to.clone()), to })
    });
    steps.collect()
}

fn reversed_steps(steps: &[PlannedStep]) -> Vec<PlannedStep> {
    let back = |step: &PlannedStep| {
        let (service, to) = (step.service.clone(), step.from.clone()?);
        Some(PlannedStep { service, from: Some(step.to.clone()), to })
    };
    steps.iter().filter_map(back).collect()
}
