//! Undoes the last rollback.

use jiff::Timestamp;

use super::commit::{Decided, Entry, Moment};
use super::desk::{Desk, Page};
use super::execute::OnFailure;
use super::halt::Step;
use super::rollback::Course;
use super::settle::{Results, draft};
use super::told::number;
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{Act, Body, Kind, PlannedStep, Started, StepOutcome};
use crate::domain::ids::{EventId, OperationId};
use crate::domain::operation::Operation;
use crate::domain::outcome::{Outcome, RollbackStatus};
use crate::domain::plan::Plan;
use crate::domain::state::State;
use crate::domain::verdict::Verdict;
use crate::domain::version::Versions;
use crate::ports::Action;

impl Desk {
    /// Rolls forward to what the last rollback had left, while that rollback is the current deployment.
    pub async fn cancel(&self, reason: Option<String>) -> Step<Outcome> {
        let (op, ev) = (self.new_operation(), self.new_event());
        let written = self.commit(Moment::BeforeTheAct, |page, now| {
            self.cancelling(reason.clone(), op, ev, page, now)
        });
        let course = written.await?.value;
        let results = self.execute(op, Action::RollForward, OnFailure::GoOn).await?;
        self.rolled_forward(&course, &results).await
    }

    pub(super) fn cancelling(
        &self,
        reason: Option<String>,
        op: OperationId,
        ev: EventId,
        page: &Page,
        now: Timestamp,
    ) -> Decided<Course> {
        self.may_begin(&page.state, now)?;
        let rollback = self.last_rollback(&page.state)?;
        let fled = rollback.started.as_ref().and_then(|started| started.from);
        let fled = fled.and_then(|id| page.state.operation(id));
        let plan = Plan { steps: reversed(rollback), ..Plan::default() };
        if plan.is_empty() {
            let message =
                format!("rollback {} of `{}` moved nothing", rollback.n, self.environment);
            return Err(Ending::new(Reason::NotCurrent, message).into());
        }
        self.can_drive(Act::Driven, &plan)?;
        let mut operation = Operation::new(op, page.state.next_number(), now, &self.who.actor);
        operation.kind = Kind::RollForward;
        let started = Started {
            kind: Kind::RollForward,
            commit: fled.and_then(Operation::commit).or(rollback.commit()).cloned(),
            plan: plan.steps.clone(),
            act: Act::Driven,
            trigger: self.who.trigger(),
            from: Some(rollback.id),
            target: fled.map(|operation| operation.id),
            quarantine: Versions::new(),
            failed_before: Vec::new(),
            request: None,
            reason,
            ci: self.who.ci.clone(),
        };
        operation.started = Some(started.clone());
        let entry = Entry {
            drafts: vec![draft(ev, &operation, Body::Started(started))],
            summary: format!("Begin roll-forward {} of {}", operation.n, self.environment),
            ..Entry::default()
        };
        let to = fled.map(|operation| operation.n);
        let course = Course { operation, from: Some(rollback.n), to, plan, safety: Vec::new() };
        Ok((course, Some(entry)))
    }

    fn last_rollback<'a>(&self, state: &'a State) -> Step<&'a Operation> {
        let current = state.current();
        let rollback = current.filter(|op| op.kind == Kind::Rollback && !op.cancelled);
        rollback.ok_or_else(|| {
            let message = match current {
                Some(operation) => {
                    format!("deployment {} of `{}` is no rollback", operation.n, self.environment)
                }
                None => format!("`{}` has no deployment", self.environment),
            };
            Ending::new(Reason::NotCurrent, message).into()
        })
    }

    /// Looks at what was rolled forward and tells it; it never rolls back by itself.
    pub(super) async fn rolled_forward(&self, course: &Course, results: &Results) -> Step<Outcome> {
        let moved = !results.of(StepOutcome::Done).is_empty();
        let proof =
            if moved { Some(self.prove_restored(course.operation.id).await?) } else { None };
        let verdict = proof.as_ref().and_then(super::proof::Proof::verdict);
        let mut outcome = self.rolled_back(self.who.trigger(), course, results, proof);
        let all = results.of(StepOutcome::Failed).is_empty();
        let what = format!("`{}` forward to {}", self.environment, number(course.to));
        outcome.ending = match (moved && all, verdict) {
            (true, Some(Verdict::Healthy)) => {
                Ending::new(Reason::Done, format!("rolled {what}; the gate found it healthy"))
            }
            (true, None) => {
                Ending::new(Reason::Unproven, format!("rolled {what}; no check could prove it"))
            }
            (true, Some(_)) => Ending::new(
                Reason::RollForwardSick,
                format!("rolled {what}; the gate did not find it healthy"),
            ),
            (false, _) => outcome.ending,
        };
        let sick = outcome.ending.reason == Reason::RollForwardSick;
        if let (true, Some(told)) = (sick, &mut outcome.rollback) {
            told.status = RollbackStatus::Failed;
        }
        Ok(outcome)
    }
}

/// What the rollback replaced, last first.
fn reversed(rollback: &Operation) -> Vec<PlannedStep> {
    let changed = rollback.deployed.as_ref().map(|deployment| &deployment.what.changed);
    let back =
        |(service, change): (&crate::domain::names::Service, &crate::domain::event::Change)| {
            let to = change.from.clone()?;
            Some(PlannedStep { service: service.clone(), from: Some(change.to.clone()), to })
        };
    changed.into_iter().flatten().rev().filter_map(back).collect()
}
