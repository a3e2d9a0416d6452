//! Writes down a deployment that other steps made.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::commit::{Decided, Entry, Moment};
use super::desk::{Desk, Page};
use super::halt::Step;
use super::outbox::Waiting;
use super::settle::draft;
use crate::domain::admission::{self, Insistence, Request};
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{Act, Body, Change, Deployed, FinishOutcome, Finished, Kind};
use crate::domain::ids::{EventId, OperationId};
use crate::domain::names::Commit;
use crate::domain::operation::Operation;
use crate::domain::outcome::Outcome;
use crate::domain::state::State;
use crate::domain::version::Versions;

/// What other steps have deployed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordOrder {
    /// The versions of the services that changed; empty where `begin` was told them.
    pub versions: Versions,
    /// The commit on which lines and tags lie.
    pub commit: Option<Commit>,
    /// Why.
    pub reason: Option<String>,
    /// The operation that it closes, where it was named.
    pub closes: Option<OperationId>,
    /// Whether a person insists.
    pub forced: bool,
    /// The identity of the operation, where it closes none.
    pub op: OperationId,
    /// The identities of its events where it closes an operation: resumed, deployed, finished.
    pub evs: [EventId; 3],
    /// The identity of its event where it closes none: an event belongs to one operation.
    pub alone: EventId,
}

pub(super) struct Made {
    pub(super) n: u64,
    op: OperationId,
    pub(super) barred: Option<Ending>,
}

impl Desk {
    /// Writes down what was deployed, also where `begin` would have refused it.
    pub async fn record(&self, order: &RecordOrder) -> Step<Outcome> {
        let written =
            self.commit(Moment::AfterTheAct, |page, now| self.recording(order, page, now));
        let keep = || Waiting::Record(Box::new(order.clone()));
        let written = written.await.map_err(|halt| self.keep(halt, [keep()]))?;
        let mut outcome = self.recorded(&written.state, &written.value)?;
        if let Some(deployment) = &mut outcome.deployment {
            deployment.tag_result = written.tag_result(&deployment.tag);
        }
        self.untag_fled(&written.state, written.value.op).await;
        self.archive_when_due(&written.state).await;
        Ok(outcome)
    }

    pub(super) fn recording(
        &self,
        order: &RecordOrder,
        page: &Page,
        now: Timestamp,
    ) -> Decided<Made> {
        let state = &page.state;
        let made = state.known.get(&order.evs[1]).or_else(|| state.known.get(&order.alone));
        if let Some(line) = made {
            let is_made = |op: &&Operation| op.deployed.as_ref().is_some_and(|d| d.line == *line);
            let made = state.operations.iter().find(is_made);
            let (n, op) = made.map_or((state.top, order.op), |made| (made.n, made.id));
            return Ok((Made { n, op, barred: None }, None));
        }
        let own = self.own_intent(state, order)?;
        let versions = named_versions(order, own)?;
        let request = Request {
            versions: &versions,
            actor: &self.who.actor,
            ci: self.who.ci.as_ref(),
            own: own.map(|operation| operation.id),
            insistence: if order.forced { Insistence::Forced } else { Insistence::None },
        };
        let barred = admission::objections(state, &request, now).into_iter().next();
        let deployed = self.deployed(state, order, own, versions, barred.as_ref());
        let op = own.map_or(order.op, |operation| operation.id);
        let n = own.map_or_else(|| state.next_number(), |operation| operation.n);
        let entry = self.recording_entry(order, own, op, n, deployed, now);
        Ok((Made { n, op, barred }, Some(entry)))
    }

    /// Returns the open operation that this closes: the one named, else the one of the same CI run or person.
    fn own_intent<'a>(&self, state: &'a State, order: &RecordOrder) -> Step<Option<&'a Operation>> {
        let mut handed_over = state.open().filter(|operation| operation.act() == Act::HandedOver);
        match order.closes {
            Some(id) => {
                let found = handed_over.find(|operation| operation.id == id);
                let gone = || {
                    let message = format!("no open operation of `{}` is {id}", self.environment);
                    Ending::new(Reason::TargetUnknown, message)
                };
                Ok(Some(found.ok_or_else(gone)?))
            }
            None => Ok(handed_over.find(|operation| self.is_ours(operation))),
        }
    }

    /// Returns whether this process and an operation belong together.
    pub fn is_ours(&self, operation: &Operation) -> bool {
        match (operation.ci(), &self.who.ci) {
            (Some(theirs), Some(ours)) => theirs.provider == ours.provider && theirs.id == ours.id,
            (None, None) => operation.actor == self.who.actor,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    fn deployed(
        &self,
        state: &State,
        order: &RecordOrder,
        own: Option<&Operation>,
        versions: Versions,
        barred: Option<&Ending>,
    ) -> Deployed {
        let before = state.versions();
        let change = |(service, to): (_, &_)| {
            let from = before.get(service).cloned();
            (Clone::clone(service), Change { from, to: Clone::clone(to) })
        };
        let changed: BTreeMap<_, _> = versions.iter().map(change).collect();
        let started = own.and_then(|operation| operation.started.as_ref());
        let mut quarantined = started.map(|s| s.quarantine.clone()).unwrap_or_default();
        quarantined.retain(|service, _| changed.contains_key(service));
        let unknown = state.unknown.keys().filter(|service| !changed.contains_key(*service));
        let unknown = unknown.cloned().collect();
        let mut all = before;
        all.extend(versions);
        Deployed {
            kind: own.map_or(Kind::Deploy, |operation| operation.kind),
            commit: commit_of(order, own),
            versions: all,
            changed,
            unknown,
            live: self.slots(state).map(|slots| slots.live().clone()),
            quarantined,
            barred: barred.map(|ending| ending.reason.code().to_owned()),
            target: started.and_then(|started| started.target),
            reason: order.reason.clone(),
            ci: self.who.ci.clone(),
        }
    }

    fn recording_entry(
        &self,
        order: &RecordOrder,
        own: Option<&Operation>,
        op: OperationId,
        n: u64,
        deployed: Deployed,
        now: Timestamp,
    ) -> Entry {
        let [resumed_ev, deployed_ev, finished_ev] = order.evs;
        let mut bodies = Vec::new();
        if own.is_some_and(|operation| operation.owner != self.who.run) {
            bodies.push((resumed_ev, Body::Resumed { why: "recorded".to_owned() }));
        }
        let deployed_ev = if own.is_some() { deployed_ev } else { order.alone };
        bodies.push((deployed_ev, Body::Deployed(deployed)));
        if own.is_some() {
            let outcome = FinishOutcome::Completed;
            let finished = Finished::plain(outcome);
            bodies.push((finished_ev, Body::Finished(finished)));
        }
        let made = self.preview(own, op, n, &bodies, now);
        let versions = made.versions().cloned().unwrap_or_default();
        Entry {
            tags: self.deploy_tag(&made, &versions).into_iter().collect(),
            drafts: bodies.into_iter().map(|(ev, body)| draft(ev, &made, body)).collect(),
            summary: format!("Record deployment {n} of {}", self.environment),
            ..Entry::default()
        }
    }

    fn recorded(&self, state: &State, made: &Made) -> Step<Outcome> {
        let operation = state.operation(made.op).ok_or_else(|| {
            Ending::new(Reason::Failed, format!("deployment {} is not in the ledger", made.n))
        })?;
        let n = operation.n;
        let ending = match &made.barred {
            None => {
                let message = format!("recorded deployment {n} of `{}`", self.environment);
                Ending::new(Reason::Recorded, message)
            }
            Some(barred) => {
                let message = format!(
                    "recorded deployment {n} of `{}`, although {}",
                    self.environment, barred.message
                );
                Ending { message, ..barred.clone() }
            }
        };
        Ok(Outcome::ended(ending).about(self.told(state, operation)))
    }

    /// Returns an operation as it will be once its new events are written.
    fn preview(
        &self,
        own: Option<&Operation>,
        op: OperationId,
        n: u64,
        bodies: &[(EventId, Body)],
        now: Timestamp,
    ) -> Operation {
        let mut made = own.cloned().unwrap_or_else(|| Operation::new(op, n, now, &self.who.actor));
        for (_, body) in bodies {
            if let Body::Deployed(what) = body {
                made.kind = what.kind;
                made.becomes(what.clone(), now);
            }
        }
        made
    }

    /// Returns an order with fresh identities.
    pub fn record_order(&self, versions: Versions, commit: Option<Commit>) -> RecordOrder {
        RecordOrder {
            versions,
            commit,
            reason: None,
            closes: None,
            forced: false,
            op: self.new_operation(),
            evs: [self.new_event(), self.new_event(), self.new_event()],
            alone: self.new_event(),
        }
    }
}

/// Lines of an operation lie where it was begun.
fn commit_of(order: &RecordOrder, own: Option<&Operation>) -> Option<Commit> {
    match own {
        Some(operation) => operation.commit().cloned(),
        None => order.commit.clone(),
    }
}

fn named_versions(order: &RecordOrder, own: Option<&Operation>) -> Step<Versions> {
    if !order.versions.is_empty() {
        return Ok(order.versions.clone());
    }
    let planned: Versions = own
        .into_iter()
        .flat_map(Operation::plan)
        .map(|step| (step.service.clone(), step.to.clone()))
        .collect();
    if planned.is_empty() {
        let message = "no version was given, and no `begin` of this run was told one";
        let ending = Ending::new(Reason::Invalid, message);
        return Err(ending.next("lastgood record --version V, or --service NAME=V").into());
    }
    Ok(planned)
}
