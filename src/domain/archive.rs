//! What moves out of the live ledger, and what stays.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::event::{Body, LockScope, Pruned};
use super::ids::{LineId, OperationId};
use super::line;
use super::names::Environment;
use super::remainder::remainder;
use super::slots::Slot;
use super::state::State;
use super::target::{self, Scope, TagNames, Wanted};

/// How many deployments the ledger may hold beyond `keep` before the next write moves them.
///
/// An archiving costs two pushes; a tenth of slack makes it one in fifty deployments.
pub fn slack(keep: usize) -> usize {
    (keep / 10).max(1)
}

/// Whether an environment goes on after its old lines have moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The newest this many deployments stay.
    Keep(usize),
    /// Everything moves: the environment is closed for good.
    Retire,
}

/// A move of old lines to the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archival {
    /// The event that the live ledger gets in their place.
    pub pruned: Pruned,
    newest_pruned: Option<LineId>,
    environment: Environment,
}

/// Returns what is to move; `None` where there is nothing.
pub fn plan(
    state: &State,
    extent: Extent,
    window: SignedDuration,
    tags: &TagNames,
    now: Timestamp,
) -> Option<Archival> {
    let before = state.pruned.as_ref().map_or(0, |pruned| pruned.through);
    let through = match extent {
        Extent::Retire => state.top,
        Extent::Keep(keep) => through(state, keep, before),
    };
    let brought_back = !state.ineffective.is_empty();
    let closed = state.pruned.as_ref().is_some_and(|pruned| pruned.retired);
    let changes = match extent {
        Extent::Keep(_) => through > before,
        Extent::Retire => through > before || !closed || !state.operations.is_empty(),
    };
    if !changes && !brought_back {
        return None;
    }
    let kept = match extent {
        Extent::Retire => locks(state, now).collect(),
        Extent::Keep(_) => kept(state, through, tags, now),
    };
    let pruned = Pruned {
        through,
        kept,
        stable: newest_stable(state),
        top: state.top,
        unknown: state.unknown.clone(),
        quarantined: state.quarantine.iter().cloned().collect(),
        limits: state.automatic_rollbacks(now, window),
        live: serving(state),
        retired: extent == Extent::Retire,
    };
    Some(Archival {
        pruned,
        newest_pruned: state.newest_pruned,
        environment: state.environment.clone(),
    })
}

/// The slot that serves, as the newest deployment says that was brought to one.
fn serving(state: &State) -> Option<Slot> {
    let made = state.operations.iter().rev().filter_map(|operation| operation.deployed.as_ref());
    let newest = made.into_iter().find_map(|deployed| deployed.what.live.clone());
    newest.or_else(|| state.pruned.as_ref()?.live.clone())
}

/// The greatest number that leaves `keep` deployments above it.
fn through(state: &State, keep: usize, before: u64) -> u64 {
    let mut numbers: Vec<u64> = state.deployments().iter().map(|operation| operation.n).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let moved = numbers.len().saturating_sub(keep.max(1));
    moved.checked_sub(1).map_or(before, |last| numbers[last].max(before))
}

fn newest_stable(state: &State) -> Option<OperationId> {
    let newest = state.last_stable().filter(|operation| state.hides_no_stable_above(operation));
    newest.map(|operation| operation.id)
}

fn kept(state: &State, through: u64, tags: &TagNames, now: Timestamp) -> Vec<OperationId> {
    let target = target::choose(state, &Wanted::LastStable, &Scope::All, tags).ok();
    // What is left of a partial operation is told by all that went on with it.
    let partial = remainder(state).map(|left| left.course.n);
    let left = state.operations.iter().filter(|operation| Some(operation.n) >= partial);
    let left = left.filter(|_| partial.is_some());
    let operations = state.open().chain(state.current()).chain(state.last_stable()).chain(target);
    let operations = operations.chain(left);
    let low: BTreeSet<OperationId> = operations
        .filter(|operation| operation.n <= through)
        .map(|operation| operation.id)
        .collect();
    let others = locks(state, now).chain(requests(state));
    low.into_iter().chain(others).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Returns the requests that may still be carried out, whoever's clock says that they are too old.
pub fn requests(state: &State) -> impl Iterator<Item = OperationId> {
    state.requests.values().filter(|request| request.is_alive(state)).map(|request| request.id)
}

fn locks(state: &State, now: Timestamp) -> impl Iterator<Item = OperationId> {
    let scopes = [LockScope::All, LockScope::Rollback].into_iter();
    scopes.filter_map(move |scope| state.lock(scope, now)).map(|lock| lock.op)
}

impl Archival {
    /// Returns whether a line of the live ledger moves; what is no event never does.
    pub fn moves(&self, text: &str) -> bool {
        let Ok(event) = line::read(text, &self.environment) else { return false };
        match event.body {
            Body::Pruned(_) => Some(event.id) <= self.newest_pruned,
            _ => event.n <= self.pruned.through && !self.pruned.kept.contains(&event.op),
        }
    }
}

#[cfg(test)]
mod tests;
