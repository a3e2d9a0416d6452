//! State as a function of the set of lines.

use std::collections::{BTreeMap, BTreeSet};

use super::event::{Body, Event, Finished, Kind, LockScope, Pruned, StepOutcome};
use super::ids::{EventId, LineId, OperationId};
use super::line::{self, Foreign};
use super::names::{Environment, Service};
use super::operation::{Deployment, Ended, Operation, Stability};
use super::quarantine;
use super::request::Request;
use super::state::{Acted, Lock, State};

/// How much of an environment's history the lines are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The live ledger: what `pruned` says is heeded.
    Live,
    /// The live ledger and its archive together.
    Whole,
}

/// Computes the state of an environment from a set of lines, wherever they lie.
pub fn fold<'a>(
    env: &Environment,
    lines: impl IntoIterator<Item = &'a str>,
    reading: Reading,
) -> State {
    let mut events = BTreeMap::<EventId, (Event, &str)>::new();
    let mut foreign = BTreeSet::new();
    for line in lines {
        match line::read(line, env) {
            Ok(event) => keep_the_later(&mut events, event, line),
            Err(Foreign { excerpt, why }) => {
                foreign.insert((excerpt, why));
            }
        }
    }
    let mut events: Vec<Event> = events.into_values().map(|(event, _)| event).collect();
    events.sort_by_key(|event| (event.id, event.ev));
    let foreign = foreign.into_iter().map(|(excerpt, why)| Foreign { excerpt, why }).collect();
    apply_all(env, &events, foreign, reading)
}

/// Each comment with the first line that was written for it.
fn comments(events: &[Event]) -> BTreeMap<u64, Acted> {
    let mut comments = BTreeMap::new();
    for event in events {
        if let Some(comment) = event.comment {
            comments.entry(comment).or_insert(Acted { op: event.op, run: event.run });
        }
    }
    comments
}

/// Lines with one `ev` are one event: the one with the greatest id.
///
/// Two lines with one id are a hand's work; which of them counts must not hang on where they lie.
fn keep_the_later<'a>(
    events: &mut BTreeMap<EventId, (Event, &'a str)>,
    event: Event,
    line: &'a str,
) {
    match events.get(&event.ev) {
        Some((known, text)) if (known.id, *text) >= (event.id, line) => {}
        Some(_) | None => {
            events.insert(event.ev, (event, line));
        }
    }
}

fn apply_all(
    env: &Environment,
    events: &[Event],
    foreign: Vec<Foreign>,
    reading: Reading,
) -> State {
    let newest_pruned = newest_pruned(events);
    let mut state = State::empty(env.clone());
    state.foreign = foreign;
    state.known = events.iter().map(|event| (event.ev, event.id)).collect();
    state.comments = comments(events);
    state.newest = events.iter().map(|event| event.id).max();
    state.top = events.iter().map(|event| event.n.max(top_of(event))).max().unwrap_or(0);
    state.pruned = newest_pruned.map(|(_, pruned)| pruned.clone());
    state.newest_pruned = newest_pruned.map(|(id, _)| id);
    let mut fold = Fold { state, reading };
    if let (Reading::Live, Some((_, pruned))) = (reading, newest_pruned) {
        fold.state.quarantine = pruned.quarantined.iter().cloned().collect();
    }
    for event in events {
        if fold.counts(event) {
            fold.apply(event);
        } else {
            fold.state.ineffective.push(event.ev);
        }
    }
    fold.state
}

fn top_of(event: &Event) -> u64 {
    match &event.body {
        Body::Pruned(pruned) => pruned.top.min(line::GREATEST_NUMBER),
        _ => 0,
    }
}

fn newest_pruned(events: &[Event]) -> Option<(LineId, &Pruned)> {
    events.iter().rev().find_map(|event| match &event.body {
        Body::Pruned(pruned) => Some((event.id, pruned)),
        _ => None,
    })
}

struct Fold {
    state: State,
    reading: Reading,
}

impl Fold {
    /// A line of an operation that moved to the archive is without effect here.
    fn counts(&self, event: &Event) -> bool {
        let moved = match (&self.state.pruned, self.reading) {
            (Some(pruned), Reading::Live) => {
                event.n <= pruned.through && !pruned.kept.contains(&event.op)
            }
            (None, _) | (_, Reading::Whole) => false,
        };
        !moved || self.is_of_no_operation(event)
    }

    /// What is about no operation has the greatest number given, and moves with what came before;
    /// a run that strays may find its operation moved.
    fn is_of_no_operation(&self, event: &Event) -> bool {
        match event.body {
            Body::Pruned(_) => true,
            Body::Strayed { .. }
            | Body::Locked(_)
            | Body::Unlocked { .. }
            | Body::Requested(_)
            | Body::Approved { .. }
            | Body::Withdrawn { .. }
            | Body::Snapshot(_)
            | Body::Restored(_) => self.is_after_pruned(event),
            Body::Deployed(_)
            | Body::Started(_)
            | Body::ServiceDone(_)
            | Body::Finished(_)
            | Body::Resumed { .. }
            | Body::Cancelled { .. }
            | Body::Verified(_)
            | Body::Stable(_)
            | Body::Unstable(_)
            | Body::Point { .. } => false,
        }
    }

    fn apply(&mut self, event: &Event) {
        match &event.body {
            Body::Started(_) => self.open(event),
            Body::Deployed(_) => self.deployed(event),
            Body::ServiceDone(done) => self.of_owner(event, |operation| {
                operation.done.insert(done.service.clone(), done.clone());
                operation.told.insert(done.service.clone(), event.id);
            }),
            Body::Finished(finished) => self.finished(event, finished),
            Body::Resumed { .. } => self.of(event, |operation| operation.owner = event.run),
            Body::Strayed { service } => self.strayed(event, service),
            Body::Cancelled { rollback, .. } => self.cancelled(event, *rollback),
            Body::Verified(verified) => self.of(event, |operation| {
                operation.verified = Some((verified.clone(), event.at));
            }),
            Body::Stable(judged) => self.stable(event, judged),
            Body::Unstable(judged) => self.unstable(event, judged),
            Body::Point { name } => self.of(event, |operation| {
                operation.points.push(name.clone());
            }),
            Body::Locked(locked) => self.lock(event, locked.scope),
            Body::Unlocked { scope, .. } => {
                self.state.locks.remove(scope);
            }
            Body::Pruned(pruned) => self.pruned(event, pruned),
            Body::Requested(_) => self.requested(event),
            Body::Approved { request } => self.of_request(event, *request, |request| {
                request.approve(&event.actor);
            }),
            Body::Withdrawn { request, .. } => self.of_request(event, *request, |request| {
                request.withdrawn_by.get_or_insert_with(|| event.actor.clone());
            }),
            Body::Snapshot(_) | Body::Restored(_) => {}
        }
    }

    fn open(&mut self, event: &Event) {
        let known = self.state.operation(event.op).is_some();
        if let (false, Body::Started(started)) = (known, &event.body) {
            let mut operation = Operation::opened_by(event, started.kind);
            operation.started = Some(started.clone());
            self.state.operations.push(operation);
            if let Some(request) = started.request.and_then(|id| self.state.requests.get_mut(&id)) {
                request.carried_out.get_or_insert(event.op);
            }
        }
    }

    fn requested(&mut self, event: &Event) {
        if let Body::Requested(what) = &event.body {
            let request = Request::new(event.op, event.at, &event.actor, what.clone());
            self.state.requests.entry(event.op).or_insert(request);
        }
    }

    fn of_request(&mut self, event: &Event, id: OperationId, change: impl FnOnce(&mut Request)) {
        match self.state.requests.get_mut(&id) {
            Some(request) => change(request),
            // It may have moved to the archive before this was said of it.
            None if self.reading == Reading::Live && self.state.pruned.is_some() => {}
            None => self.state.orphans.push(event.ev),
        }
    }

    fn deployed(&mut self, event: &Event) {
        let Body::Deployed(what) = &event.body else { return };
        if self.state.operation(event.op).is_none() {
            self.state.operations.push(Operation::opened_by(event, what.kind));
        }
        let mut fled = None;
        let mut counted = false;
        self.of_owner(event, |operation| {
            if operation.deployed.is_none() {
                counted = true;
                operation.deployed =
                    Some(Deployment { line: event.id, at: event.at, what: what.clone() });
                // What was seen before it served says nothing of how it serves.
                operation.verified = None;
                fled = operation.started.as_ref().and_then(|started| started.from);
            }
        });
        if counted {
            self.settle_unknown(event, what);
            self.flee(event, what, fled);
        }
    }

    /// What was put back is known again, what failed is not; what was done is told by `deployed`.
    fn finished(&mut self, event: &Event, finished: &Finished) {
        let mut done = BTreeMap::new();
        self.of_owner(event, |operation| {
            if operation.finished.is_none() {
                operation.finished = Some(finished.clone());
                // What failed at a slot that does not serve leaves what serves alone.
                if operation.slot().is_none() {
                    done.clone_from(&operation.done);
                }
            }
        });
        for (service, done) in done {
            match done.outcome {
                StepOutcome::Done => {}
                StepOutcome::Skipped => self.settle(event.op, &service),
                StepOutcome::Failed => self.unsettle(event, service),
            }
        }
    }

    fn settle(&mut self, by: OperationId, service: &Service) {
        let operation = self.state.operation(by);
        if operation.is_none_or(|operation| self.state.settles(operation, service)) {
            self.state.unknown.remove(service);
        }
    }

    fn unsettle(&mut self, event: &Event, service: Service) {
        self.state.unknown.entry(service).or_insert(event.id);
    }

    fn settle_unknown(&mut self, event: &Event, what: &super::event::Deployed) {
        for service in what.changed.keys() {
            self.settle(event.op, service);
        }
        for service in &what.unknown {
            self.unsettle(event, service.clone());
        }
    }

    fn flee(&mut self, event: &Event, what: &super::event::Deployed, fled: Option<OperationId>) {
        if what.kind != Kind::Rollback {
            return;
        }
        if let Some(operation) = fled.and_then(|id| self.state.operation_mut(id)) {
            operation.stability = Stability::Ended(Ended::Fled);
        }
        if self.is_after_pruned(event) {
            quarantine::hold(&mut self.state.quarantine, event.op, event.n, &what.quarantined);
        }
    }

    fn cancelled(&mut self, event: &Event, rollback: OperationId) {
        if let Some(operation) = self.state.operation_mut(rollback) {
            operation.cancelled = true;
        }
        if self.is_after_pruned(event) {
            self.state.quarantine.retain(|entry| entry.by != rollback);
        }
    }

    fn strayed(&mut self, event: &Event, service: &Service) {
        self.of(event, |operation| {
            operation.strayed.insert(service.clone(), event.id);
        });
        let operation = self.state.operation(event.op);
        // What was stopped at a slot that does not serve leaves what serves alone.
        if !operation.is_some_and(|operation| self.state.empties_a_spare_slot(operation)) {
            self.state.unknown.insert(service.clone(), event.id);
        }
    }

    /// What moved may have left a service unknown: from here on, only newer lines can settle it.
    fn pruned(&mut self, event: &Event, pruned: &Pruned) {
        if self.reading == Reading::Live && self.state.newest_pruned == Some(event.id) {
            self.state.unknown.clone_from(&pruned.unknown);
        }
    }

    fn lock(&mut self, event: &Event, scope: LockScope) {
        if let Body::Locked(locked) = &event.body {
            let lock = Lock {
                op: event.op,
                by: event.actor.clone(),
                at: event.at,
                until: locked.until,
                reason: locked.reason.clone(),
            };
            self.state.locks.insert(scope, lock);
        }
    }

    /// Quarantine is taken from the newest `pruned` on.
    fn is_after_pruned(&self, event: &Event) -> bool {
        match self.reading {
            Reading::Whole => true,
            Reading::Live => self.state.newest_pruned.is_none_or(|pruned| event.id > pruned),
        }
    }

    fn of(&mut self, event: &Event, change: impl FnOnce(&mut Operation)) {
        if let Some(operation) = self.state.operation_mut(event.op) {
            operation.last_at = operation.last_at.max(event.at).max(event.id.time());
            change(operation);
        } else {
            self.state.orphans.push(event.ev);
        }
    }

    /// The run that wrote `started`, or later `resumed`, owns the operation: lines of others do not count.
    fn of_owner(&mut self, event: &Event, change: impl FnOnce(&mut Operation)) {
        let owned = self.state.operation(event.op).is_none_or(|op| op.owner == event.run);
        if owned {
            self.of(event, change);
        } else {
            self.state.disowned.push(event.ev);
        }
    }
}

mod stability;

#[cfg(test)]
mod tests;
