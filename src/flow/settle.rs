//! How an operation is closed, in one push.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::commit::{Draft, Entry};
use super::desk::Desk;
use super::stay::Kept;
use crate::domain::event::{
    Body, Change, Deployed, FinishOutcome, Finished, Kind, PlannedStep, StepOutcome,
};
use crate::domain::ids::{EventId, OperationId};
use crate::domain::names::Service;
use crate::domain::operation::Operation;
use crate::domain::slots::{Shares, Slot};
use crate::domain::state::State;
use crate::domain::tagging::TagText;
use crate::domain::version::Versions;
use crate::ports::{Place, TagOrder};

/// The identities of the events that close an operation.
#[derive(Debug, Clone, Copy)]
pub struct Closing {
    /// `deployed`.
    pub deployed: EventId,
    /// `cancelled`, where it rolled forward what a rollback had left.
    pub cancelled: EventId,
    /// `finished`.
    pub finished: EventId,
}

/// How the services of an operation ended.
#[derive(Debug, Clone, Default)]
pub struct Results {
    /// Each service that was attempted or skipped.
    pub by_service: BTreeMap<Service, StepOutcome>,
    /// Whether all that was driven was put back, since something could not be.
    pub put_back: bool,
    /// Where the traffic was moved, where there are slots.
    pub moved: Option<Moved>,
    /// Why the traffic stayed where it was, where there are slots and it did.
    pub kept: Option<Kept>,
}

/// Traffic that was moved to a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The slot that serves since.
    pub slot: Slot,
    /// How the traffic is shared, by the router's word.
    pub shares: Shares,
    /// What the slot holds.
    pub holds: Versions,
}

impl Results {
    /// Returns the services that ended so, in name order.
    pub fn of(&self, outcome: StepOutcome) -> Vec<Service> {
        let all = self.by_service.iter().filter(|(_, ended)| **ended == outcome);
        all.map(|(service, _)| service.clone()).collect()
    }

    /// Returns the services whose driver failed.
    pub fn failed(&self) -> BTreeSet<Service> {
        self.of(StepOutcome::Failed).into_iter().collect()
    }

    /// Says of services that they are not touched.
    pub fn skip(&mut self, steps: &[PlannedStep]) {
        let skipped = steps.iter().map(|step| (step.service.clone(), StepOutcome::Skipped));
        self.by_service.extend(skipped);
    }

    /// Returns whether every service was brought where it should be.
    pub fn is_complete(&self) -> bool {
        self.by_service.values().all(|ended| *ended == StepOutcome::Done)
    }

    /// Returns how the whole ended.
    pub fn outcome(&self) -> FinishOutcome {
        let done = self.of(StepOutcome::Done).len();
        if done == self.by_service.len() {
            FinishOutcome::Completed
        } else if done == 0 {
            FinishOutcome::Failed
        } else {
            FinishOutcome::Partial
        }
    }

    /// Reads the results that the ledger has of an operation.
    pub fn of_operation(operation: &Operation) -> Self {
        let done = operation.done.iter();
        let by_service = done.map(|(service, done)| (service.clone(), done.outcome)).collect();
        Self { by_service, ..Self::default() }
    }
}

impl Desk {
    /// Returns what closes an operation: `finished`, and `deployed` where a driver has run or traffic was moved.
    pub fn closing(
        &self,
        state: &State,
        operation: &Operation,
        results: &Results,
        evs: Closing,
        fled: Option<&TagOrder>,
    ) -> Entry {
        let outcome = results.outcome();
        let moved = results.moved.as_ref();
        let finished = Body::Finished(Finished {
            traffic: moved.map(|moved| moved.shares.clone()),
            holds: moved.map(|moved| moved.holds.clone()),
            ..Finished::plain(outcome)
        });
        let driven = results.by_service.values().any(|ended| *ended != StepOutcome::Skipped);
        let touched = driven || moved.is_some();
        let mut entry = Entry::default();
        if touched {
            let deployed = self.made(state, operation, results);
            entry.tags.extend(self.deploy_tag(operation, &deployed.versions));
            entry.tags.extend(fled.cloned());
            let cancelled = cancelled(operation, &deployed);
            entry.drafts.push(draft(evs.deployed, operation, Body::Deployed(deployed)));
            entry.drafts.extend(cancelled.map(|body| draft(evs.cancelled, operation, body)));
        }
        entry.drafts.push(draft(evs.finished, operation, finished));
        entry.summary = format!("Finish {} of {}", operation.n, self.environment);
        entry
    }

    fn made(&self, state: &State, operation: &Operation, results: &Results) -> Deployed {
        let mut versions = state.versions();
        let mut changed = BTreeMap::new();
        for step in operation.plan() {
            match results.by_service.get(&step.service) {
                Some(StepOutcome::Done) => {
                    versions.insert(step.service.clone(), step.to.clone());
                    changed.insert(step.service.clone(), change(step));
                }
                Some(StepOutcome::Failed) => {
                    // Something may run of it now: the name must not be missing from the restore point.
                    let believed = step.from.clone().unwrap_or_else(|| step.to.clone());
                    versions.entry(step.service.clone()).or_insert(believed);
                }
                Some(StepOutcome::Skipped) | None => {}
            }
        }
        let failed = results.of(StepOutcome::Failed);
        let settled =
            |service: &Service| changed.contains_key(service) && state.settles(operation, service);
        let still = state.unknown.keys().filter(|service| !settled(service));
        let unknown: BTreeSet<Service> = still.chain(&failed).cloned().collect();
        let started = operation.started.as_ref();
        let fled = started.map(|started| started.quarantine.clone()).unwrap_or_default();
        let moved = |service: &Service| changed.contains_key(service) || failed.contains(service);
        Deployed {
            kind: operation.kind,
            commit: operation.commit().cloned(),
            quarantined: fled.into_iter().filter(|(service, _)| moved(service)).collect(),
            versions,
            changed,
            unknown: unknown.into_iter().collect(),
            live: results.moved.as_ref().map(|moved| moved.slot.clone()),
            barred: None,
            target: started.and_then(|started| started.target),
            reason: started.and_then(|started| started.reason.clone()),
            ci: self.who.ci.clone(),
        }
    }

    /// Returns the order that takes the `stable` tag from what a rollback flees, where it has one.
    pub(super) async fn fled_tag(&self, state: &State, operation: &Operation) -> Option<TagOrder> {
        let started = operation.started.as_ref().filter(|_| operation.kind == Kind::Rollback)?;
        let name = self.tags.stable(state.operation(started.from?)?.n);
        // A tag never blocks the ledger.
        let found = self.ports.ledger.tags(&name).await.unwrap_or_default();
        let tag = found.into_iter().find(|tag| tag.name == name)?;
        Some(TagOrder::Remove { name, object: tag.object })
    }

    /// Takes the `stable` tag from what a rollback has fled, where that was not known beforehand.
    pub(super) async fn untag_fled(&self, state: &State, made: OperationId) {
        let Some(operation) = state.operation(made) else { return };
        if let Some(order) = self.fled_tag(state, operation).await
            && let Err(error) = self.ports.ledger.tag(&[order]).await
        {
            self.tell(format!("a `stable` tag stays for now: {error}"));
        }
    }

    /// Returns the order for a deployment's `deploy` tag; none where it has no commit.
    pub fn deploy_tag(&self, operation: &Operation, versions: &Versions) -> Option<TagOrder> {
        self.tag(operation, versions, self.tags.deploy(operation.n), "deploy")
    }

    /// Returns the order for a deployment's `stable` tag; none where it has no commit.
    pub fn stable_tag(&self, operation: &Operation) -> Option<TagOrder> {
        let versions = operation.versions()?;
        self.tag(operation, versions, self.tags.stable(operation.n), "stable")
    }

    fn tag(
        &self,
        operation: &Operation,
        versions: &Versions,
        name: String,
        word: &str,
    ) -> Option<TagOrder> {
        let text = TagText {
            environment: &self.environment,
            n: operation.n,
            operation: operation.id,
            kind: operation.kind,
            at: operation.at,
            versions,
        };
        let target = operation.commit()?.clone();
        Some(TagOrder::Create {
            name,
            target,
            message: text.message(word),
            at: whole(operation.at),
        })
    }
}

/// A roll-forward that moved something undid the rollback, which lifts the quarantine it had set.
fn cancelled(operation: &Operation, deployed: &Deployed) -> Option<Body> {
    let started = operation.started.as_ref().filter(|_| operation.kind == Kind::RollForward)?;
    let rollback = started.from.filter(|_| !deployed.changed.is_empty())?;
    Some(Body::Cancelled { rollback, reason: started.reason.clone() })
}

/// git keeps whole seconds.
fn whole(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

fn change(step: &PlannedStep) -> Change {
    Change { from: step.from.clone(), to: step.to.clone() }
}

/// Returns an event of an operation, on the operation's own note.
pub fn draft(ev: EventId, operation: &Operation, body: Body) -> Draft {
    Draft { ev, op: operation.id, n: operation.n, body, place: place(operation) }
}

/// Returns where all lines of an operation lie.
pub fn place(operation: &Operation) -> Place {
    operation.commit().map_or(Place::Anchor, |commit| Place::Commit(commit.clone()))
}
