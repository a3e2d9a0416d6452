//! Undoes the last rollback.

use jiff::Timestamp;

use super::commit::{Decided, Entry, Moment};
use super::desk::{Desk, Page, Whole};
use super::execute::OnFailure;
use super::halt::Step;
use super::rollback::{Course, stands_against};
use super::settle::Results;
use super::told::number;
use super::vouch::Prepared;
use crate::domain::admission::Insistence;
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{Act, Kind, PlannedStep, Started, StepOutcome};
use crate::domain::ids::{EventId, OperationId};
use crate::domain::operation::Operation;
use crate::domain::outcome::{Outcome, RollbackStatus};
use crate::domain::plan::Plan;
use crate::domain::state::State;
use crate::domain::verdict::Verdict;
use crate::domain::vouch::{self, Evidence, TagSays};
use crate::ports::Action;

/// How a rollback is undone.
#[derive(Debug, Clone, Default)]
pub struct CancelOrder {
    /// Why.
    pub reason: Option<String>,
    /// Whether a person insists.
    pub insistence: Insistence,
}

/// What undoing the last rollback comes to.
struct Undoing<'a> {
    rollback: &'a Operation,
    /// The deployment that it fled.
    fled: Option<&'a Operation>,
    plan: Plan,
}

impl Desk {
    /// Rolls forward to what the last rollback had left, while that rollback is the current deployment.
    pub async fn cancel(&self, order: &CancelOrder) -> Step<Outcome> {
        let course = self.open_roll_forward(order).await?;
        let id = course.operation.id;
        let results = self.execute(id, Action::RollForward, OnFailure::GoOn).await?;
        self.rolled_forward(&course, &results).await
    }

    async fn open_roll_forward(&self, order: &CancelOrder) -> Step<Course> {
        let (op, ev) = (self.new_operation(), self.new_event());
        loop {
            let page = self.read().await?;
            let prepared = self.prepare_forward(&page).await?;
            let (course, _) = self.cancelling(order, (op, ev), &page, &prepared, self.now())?;
            self.may_be_driven(&page.state, &course.operation).await?;
            let written = self.commit(Moment::BeforeTheAct, |page, now| {
                if !self.is_prepared_forward(page, &prepared) {
                    return Ok((None, None));
                }
                let (course, entry) = self.cancelling(order, (op, ev), page, &prepared, now)?;
                Ok((Some(course), entry))
            });
            if let Some(course) = written.await?.value {
                return Ok(course);
            }
        }
    }

    /// Finds out who vouches for what would be brought: that a rollback says it ran here proves nothing.
    pub(super) async fn prepare_forward(&self, page: &Page) -> Step<Prepared> {
        let from = self.last_rollback(&page.state).ok().and_then(flown_from);
        let is_here = from.is_none_or(|id| page.state.operation(id).is_some());
        let whole = if is_here { Whole::default() } else { self.whole(page).await? };
        let state = self.with(page, &whole);
        let evidence = match self.undoing(&state) {
            Ok(undoing) => Some(self.evidence_forward(&undoing).await),
            Err(_) => None,
        };
        Ok(Prepared { whole, evidence, stock: None })
    }

    async fn evidence_forward(&self, undoing: &Undoing<'_>) -> Evidence {
        let steps = &undoing.plan.steps;
        let evidence = self.evidence(undoing.target(), vouch::brought_back(steps)).await;
        let is_same = |fled: &Operation| {
            let versions = fled.versions();
            let of = |step: &PlannedStep| versions.and_then(|all| all.get(&step.service));
            steps.iter().all(|step| of(step) == Some(&step.to))
        };
        let tag = match undoing.fled.map(is_same) {
            Some(true) => return evidence,
            // What the rollback says it fled is not what that deployment brought.
            Some(false) => TagSays::Otherwise,
            None => TagSays::Absent,
        };
        Evidence { tag, ..evidence }
    }

    fn is_prepared_forward(&self, page: &Page, prepared: &Prepared) -> bool {
        let state = self.with(page, &prepared.whole);
        // What will be refused for what it is needs no evidence.
        self.undoing(&state).map_or(true, |undoing| {
            let brought = vouch::brought_back(&undoing.plan.steps);
            let known = prepared.evidence.as_ref();
            known.is_some_and(|known| known.covers(undoing.target().id, &brought))
        })
    }

    pub(super) fn cancelling(
        &self,
        order: &CancelOrder,
        ids: (OperationId, EventId),
        page: &Page,
        prepared: &Prepared,
        now: Timestamp,
    ) -> Decided<Course> {
        self.may_begin(&page.state, now)?;
        let state = self.with(page, &prepared.whole);
        let undoing = self.undoing(&state)?;
        let safety = self.vouched(undoing.target(), &undoing.plan, prepared).to_vec();
        stands_against(&safety, order.insistence)?;
        let Undoing { rollback, fled, plan } = undoing;
        let slot = self.slot_for(&page.state);
        let driven = self.driven_steps(&page.state, &plan.steps, slot.as_ref());
        self.can_drive(Act::Driven, &driven, slot.as_ref())?;
        let started = Started {
            commit: fled.and_then(Operation::commit).or(rollback.commit()).cloned(),
            slot,
            from: Some(rollback.id),
            target: fled.map(|operation| operation.id),
            ..self.intent(Kind::RollForward, plan.steps.clone(), order.reason.as_ref())
        };
        let (operation, entry) = self.opened(ids, started, &page.state, now);
        let summary = format!("Begin roll-forward {} of {}", operation.n, self.environment);
        let (from, to) = (Some(rollback.n), fled.map(|operation| operation.n));
        Ok((Course { operation, from, to, plan, safety }, Some(Entry { summary, ..entry })))
    }

    fn undoing<'a>(&self, state: &'a State) -> Step<Undoing<'a>> {
        let rollback = self.last_rollback(state)?;
        let plan = Plan { steps: reversed(state, rollback), ..Plan::default() };
        if plan.is_empty() {
            let message =
                format!("rollback {} of `{}` moved nothing", rollback.n, self.environment);
            return Err(Ending::new(Reason::NotCurrent, message).into());
        }
        let fled = flown_from(rollback).and_then(|id| state.operation(id));
        Ok(Undoing { rollback, fled, plan })
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
        let proof = self.proof_of(course, results).await?;
        let moved = proof.is_some();
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

impl Undoing<'_> {
    /// The deployment that is asked after.
    fn target(&self) -> &Operation {
        self.fled.unwrap_or(self.rollback)
    }
}

fn flown_from(rollback: &Operation) -> Option<OperationId> {
    rollback.started.as_ref().and_then(|started| started.from)
}

/// What the rollback replaced, last first, and what it may have touched and could not replace.
fn reversed(state: &State, rollback: &Operation) -> Vec<PlannedStep> {
    let changed = rollback.deployed.as_ref().map(|deployment| &deployment.what.changed);
    let back =
        |(service, change): (&crate::domain::names::Service, &crate::domain::event::Change)| {
            let to = change.from.clone()?;
            Some(PlannedStep { service: service.clone(), from: Some(change.to.clone()), to })
        };
    let mut steps: Vec<PlannedStep> =
        changed.into_iter().flatten().rev().filter_map(back).collect();
    // What moved nothing cannot be undone, whatever it may have touched.
    if steps.is_empty() {
        return steps;
    }
    let is_doubtful = |step: &&PlannedStep| {
        !rollback.has_done(&step.service) && state.unknown.contains_key(&step.service)
    };
    let touched = rollback.plan().iter().rev().filter(is_doubtful).filter_map(|step| {
        let to = step.from.clone()?;
        Some(PlannedStep { service: step.service.clone(), from: Some(step.to.clone()), to })
    });
    steps.extend(touched);
    steps
}
