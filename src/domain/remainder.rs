//! What a partial operation left, and nothing has moved since.

use std::collections::BTreeMap;

use super::event::{Act, FinishOutcome, Kind, PlannedStep};
use super::ids::OperationId;
use super::names::Service;
use super::operation::Operation;
use super::state::State;

/// The steps that are left of an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Remainder<'a> {
    /// The partial operation that set out to make them.
    pub course: &'a Operation,
    /// The steps that neither it nor one that went on with it has made.
    pub steps: BTreeMap<&'a Service, &'a PlannedStep>,
}

/// Returns what is left of the newest partial operation; none where all was moved, where something else was
/// deployed since, or where what came of it was found good.
pub fn remainder(state: &State) -> Option<Remainder<'_>> {
    let deployments = state.deployments();
    deployments.into_iter().rev().fold(None, after)
}

/// Tells what is left after one more deployment.
fn after<'a>(before: Option<Remainder<'a>>, next: &'a Operation) -> Option<Remainder<'a>> {
    let began = next.started.as_ref().filter(|started| started.act == Act::Driven);
    let outcome = next.finished.as_ref().filter(|_| began.is_some()).map(|end| end.outcome);
    let mut remainder = match (before.filter(|before| before.goes_on_in(next)), outcome?) {
        _ if next.is_stable() => return None,
        (
            Some(before),
            FinishOutcome::Partial | FinishOutcome::Failed | FinishOutcome::Completed,
        ) => before,
        (Some(before), FinishOutcome::Undone) => return Some(before),
        (None, FinishOutcome::Partial) => Remainder { course: next, steps: BTreeMap::new() },
        _ => return None,
    };
    for step in next.plan() {
        if next.has_done(&step.service) {
            remainder.steps.remove(&step.service);
        } else {
            remainder.steps.insert(&step.service, step);
        }
    }
    Some(remainder).filter(|remainder| !remainder.steps.is_empty())
}

impl Remainder<'_> {
    /// Returns whether an operation makes some of these steps and no other.
    fn goes_on_in(&self, next: &Operation) -> bool {
        let is_left = |step: &PlannedStep| {
            self.steps.get(&step.service).is_some_and(|left| left.to == step.to)
        };
        aim(self.course) == aim(next) && next.plan().iter().all(is_left)
    }
}

/// Returns what an operation returns to; none where it brings something.
fn aim(operation: &Operation) -> Option<OperationId> {
    operation.target().filter(|_| operation.kind == Kind::Rollback)
}

#[cfg(test)]
mod tests;
