//! What the ledger says of an environment, and questions to it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::event::{CiRun, Kind, LockScope, Pruned, Quarantine, StepOutcome, Trigger};
use super::ids::{EventId, LineId, OperationId, RunId};
use super::line::Foreign;
use super::names::{Environment, Service};
use super::operation::Operation;
use super::request::Request;
use super::version::{Version, Versions};

/// What the ledger says of one environment.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The environment.
    pub environment: Environment,
    /// Its operations, in the order in which they were opened.
    pub operations: Vec<Operation>,
    /// The services of which it is not known what they run, each since a line.
    pub unknown: BTreeMap<Service, LineId>,
    /// The versions that were rolled back from.
    pub quarantine: BTreeSet<Quarantine>,
    /// The locks of people, by what they keep out; an ended one may still be among them.
    pub locks: BTreeMap<LockScope, Lock>,
    /// What was asked for, by its identity.
    pub requests: BTreeMap<OperationId, Request>,
    /// Every event that was read, with the line that counts for it.
    pub known: BTreeMap<EventId, LineId>,
    /// The comments that were acted on, each with the first line that was written for it.
    pub comments: BTreeMap<u64, Acted>,
    /// The greatest line id.
    pub newest: Option<LineId>,
    /// The greatest number ever given.
    pub top: u64,
    /// What moved to the archive.
    pub pruned: Option<Pruned>,
    /// The line that says what moved.
    pub newest_pruned: Option<LineId>,
    /// Lines that are no events.
    pub foreign: Vec<Foreign>,
    /// Events of operations that moved to the archive: without effect here.
    pub ineffective: Vec<EventId>,
    /// Events of runs that had lost their operation: without effect.
    pub disowned: Vec<EventId>,
    /// Events of operations that nothing opened: without effect.
    pub orphans: Vec<EventId>,
}

/// What was first done for a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acted {
    /// In which operation.
    pub op: OperationId,
    /// By which process.
    pub run: RunId,
}

/// A person's lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// The line's operation, which retention keeps while the lock holds.
    pub op: OperationId,
    /// Who.
    pub by: String,
    /// Since when.
    pub at: Timestamp,
    /// Until when; for good where none.
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: Option<String>,
}

impl PartialOrd for LockScope {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for LockScope {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (*self as u8).cmp(&(*other as u8))
    }
}

impl State {
    /// Returns the state of an environment in which nothing has happened.
    pub fn empty(environment: Environment) -> Self {
        Self {
            environment,
            operations: Vec::new(),
            unknown: BTreeMap::new(),
            quarantine: BTreeSet::new(),
            locks: BTreeMap::new(),
            requests: BTreeMap::new(),
            known: BTreeMap::new(),
            comments: BTreeMap::new(),
            newest: None,
            top: 0,
            pruned: None,
            newest_pruned: None,
            foreign: Vec::new(),
            ineffective: Vec::new(),
            disowned: Vec::new(),
            orphans: Vec::new(),
        }
    }

    /// Returns an operation by its identity.
    pub fn operation(&self, id: OperationId) -> Option<&Operation> {
        self.operations.iter().rev().find(|operation| operation.id == id)
    }

    pub(super) fn operation_mut(&mut self, id: OperationId) -> Option<&mut Operation> {
        self.operations.iter_mut().rev().find(|operation| operation.id == id)
    }

    /// Returns all operations that bear a number; more than one where ledgers were joined.
    pub fn numbered(&self, n: u64) -> Vec<&Operation> {
        self.operations.iter().filter(|operation| operation.n == n).collect()
    }

    /// Returns the deployments, newest first.
    pub fn deployments(&self) -> Vec<&Operation> {
        let mut made: Vec<&Operation> =
            self.operations.iter().filter(|operation| operation.deployed.is_some()).collect();
        made.sort_by_key(|operation| operation.deployed.as_ref().map(|d| d.line));
        made.reverse();
        made
    }

    /// Returns the deployment that made the environment what it is.
    pub fn current(&self) -> Option<&Operation> {
        self.operations
            .iter()
            .filter(|operation| operation.deployed.is_some())
            .max_by_key(|operation| operation.deployed.as_ref().map(|d| d.line))
    }

    /// Returns what runs, by the ledger.
    pub fn versions(&self) -> Versions {
        self.current().and_then(Operation::versions).cloned().unwrap_or_default()
    }

    /// Returns whether it was closed for good, and nothing was deployed since.
    pub fn is_retired(&self) -> bool {
        self.pruned.as_ref().is_some_and(|pruned| pruned.retired) && self.current().is_none()
    }

    /// Returns the newest deployment that is stable, be it the current one or not.
    pub fn last_stable(&self) -> Option<&Operation> {
        self.deployments().into_iter().find(|operation| operation.is_stable())
    }

    /// Returns whether no stable deployment that is newer than this one moved to the archive.
    ///
    /// What stays of the old is not always the newest that was good: it may be fled from later, and
    /// between it and the next that stayed others may lie in the archive.
    pub fn hides_no_stable_above(&self, operation: &Operation) -> bool {
        self.pruned.as_ref().is_none_or(|pruned| {
            operation.n > pruned.through || pruned.stable == Some(operation.id)
        })
    }

    /// Returns whether the newest stable deployment is known without the archive.
    pub fn knows_last_stable(&self) -> bool {
        self.is_retired()
            || self.last_stable().is_some_and(|operation| self.hides_no_stable_above(operation))
    }

    /// Returns the operations that are open, oldest first.
    pub fn open(&self) -> impl Iterator<Item = &Operation> {
        self.operations.iter().filter(|operation| operation.is_open())
    }

    /// Returns the number that the next operation is given.
    pub fn next_number(&self) -> u64 {
        self.top + 1
    }

    /// Returns whether a version of a service was rolled back from.
    pub fn quarantined(&self, service: &Service, version: &Version) -> Option<&Quarantine> {
        self.quarantine.iter().find(|entry| entry.service == *service && entry.version == *version)
    }

    /// Returns the version that a service of which nothing certain is known may run: what the newest
    /// operation that touched it meant to bring.
    pub fn suspected(&self, service: &Service) -> Option<&Version> {
        if !self.unknown.contains_key(service) {
            return None;
        }
        let mut newest_first = self.operations.iter().rev();
        let touched = newest_first.find(|operation| {
            let done = operation.done.get(service);
            let failed = done.is_some_and(|done| done.outcome == StepOutcome::Failed);
            !operation.empties() && (failed || operation.strayed.contains_key(service))
        })?;
        let meant = touched.plan().iter().find(|step| step.service == *service)?;
        Some(&meant.to)
    }

    /// Returns the lock of a scope that holds at a moment.
    pub fn lock(&self, scope: LockScope, now: Timestamp) -> Option<&Lock> {
        self.locks.get(&scope).filter(|lock| lock.until.is_none_or(|until| until > now))
    }

    /// Returns the operations that share the greatest number, where more than one does.
    pub fn ambiguous(&self) -> Option<u64> {
        let greatest = self.operations.iter().map(|operation| operation.n).max()?;
        let shared = self.numbered(greatest).len() > 1 && greatest == self.top;
        shared.then_some(greatest)
    }

    /// Returns when automatic rollbacks were started within a time before a moment, oldest first.
    pub fn automatic_rollbacks(&self, now: Timestamp, within: SignedDuration) -> Vec<Timestamp> {
        let own = self.operations.iter().filter(|operation| {
            operation.kind == Kind::Rollback && operation.trigger() == Trigger::Automatic
        });
        let archived = self.pruned.iter().flat_map(|pruned| pruned.limits.iter().copied());
        let all: BTreeSet<Timestamp> = own.map(|operation| operation.at).chain(archived).collect();
        all.into_iter().filter(|at| now.duration_since(*at) <= within).collect()
    }

    /// Returns the services that an operation may have touched and that nothing newer has set since.
    ///
    /// Of another's operation that is every service without a result: its run can have been killed
    /// between the driver and the line. What empties a slot touches nothing that serves.
    pub fn uncovered(&self, operation: &Operation) -> Vec<Service> {
        if operation.empties() {
            return Vec::new();
        }
        let may_be = |service: &Service| match operation.done.get(service) {
            Some(done) => done.outcome != StepOutcome::Skipped,
            None => operation.opener != operation.owner,
        };
        let services = operation.plan().iter().map(|step| &step.service);
        let told = services.filter(|service| !operation.strayed.contains_key(*service));
        told.filter(|service| may_be(service) && !self.is_covered(operation, service))
            .cloned()
            .collect()
    }

    /// Returns whether an operation empties a slot, and the traffic did not go there since.
    pub(super) fn empties_a_spare_slot(&self, operation: &Operation) -> bool {
        let moved = self.operations.iter().filter_map(|made| made.deployed.as_ref());
        let moved = moved.filter(|deployed| deployed.what.live.is_some());
        let serves = moved.max_by_key(|deployed| deployed.line);
        let serves = serves.and_then(|deployed| deployed.what.live.as_ref());
        let archived = self.pruned.as_ref().and_then(|pruned| pruned.live.as_ref());
        let serves = serves.or(archived);
        operation.empties() && (serves.is_none() || serves != operation.slot())
    }

    /// Returns whether what an operation says of a service was said after it became unknown: a driver
    /// that had run before tells nothing of what came in between.
    pub fn settles(&self, operation: &Operation, service: &Service) -> bool {
        match (self.unknown.get(service), operation.told.get(service)) {
            (Some(since), Some(told)) => told > since,
            (None, _) | (_, None) => true,
        }
    }

    fn is_covered(&self, operation: &Operation, service: &Service) -> bool {
        let told = operation.told.get(service).copied();
        self.operations.iter().filter(|other| other.n > operation.n).any(|other| {
            other.deployed.as_ref().is_some_and(|newer| {
                newer.what.changed.contains_key(service) && Some(newer.line) > told
            })
        })
    }

    /// Returns the newest operation that a CI run opened to bring something.
    pub fn of_ci(&self, ci: &CiRun) -> Option<&Operation> {
        let of_it = |known: &CiRun| known.provider == ci.provider && known.id == ci.id;
        let mut newest_first = self.operations.iter().rev();
        newest_first.find(|operation| !operation.empties() && operation.ci().is_some_and(of_it))
    }
}

#[cfg(test)]
mod tests;
