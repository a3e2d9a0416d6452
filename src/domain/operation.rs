//! One operation of an environment, as its counted events tell it.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::event::{
    Act, CiRun, Deployed, Event, FinishOutcome, Finished, Judge, Kind, PlannedStep, ServiceDone,
    Started, StepOutcome, Trigger, Verified,
};
use super::ids::{LineId, OperationId, RunId};
use super::names::{Commit, PointName, Service};
use super::slots::Slot;
use super::verdict::Verdict;
use super::version::Versions;

/// An operation whose last line is older than this may be taken over.
pub const TAKEOVER_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// The longest that whoever holds an open operation may look at something without a line of it.
pub const LONGEST_LOOK: Duration = Duration::from_secs(600);

/// A deploy, rollback or roll-forward, from its intent to the last verdict on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// Its identity.
    pub id: OperationId,
    /// Its number, for people.
    pub n: u64,
    /// What kind of change it is.
    pub kind: Kind,
    /// The line that opened it.
    pub opened: LineId,
    /// When it was opened, by the clock of who did.
    pub at: Timestamp,
    /// Who opened it.
    pub actor: String,
    /// The run that opened it.
    pub opener: RunId,
    /// The run whose lines count.
    pub owner: RunId,
    /// When its newest counted line was written.
    pub last_at: Timestamp,
    /// The intent, where it was written beforehand.
    pub started: Option<Started>,
    /// The services that are done, one way or another.
    pub done: BTreeMap<Service, ServiceDone>,
    /// The line that says so of each.
    pub told: BTreeMap<Service, LineId>,
    /// The services that an overtaken run touched.
    pub strayed: BTreeMap<Service, LineId>,
    /// How it ended.
    pub finished: Option<Finished>,
    /// What it made of the environment.
    pub deployed: Option<Deployment>,
    /// The newest verdict, and when.
    pub verified: Option<(Verified, Timestamp)>,
    /// Whether it is good, and how we know.
    pub stability: Stability,
    /// The names its restore point was given.
    pub points: Vec<PointName>,
    /// Whether this rollback was undone.
    pub cancelled: bool,
}

/// What an operation made of the environment.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    /// The line that says so.
    pub line: LineId,
    /// When, by the writer's clock.
    pub at: Timestamp,
    /// What the line says.
    pub what: Deployed,
}

/// Whether a deployment is good, and how we know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stability {
    /// Nobody has said so.
    Unproven,
    /// It was found or called good.
    Stable {
        /// By whom.
        by: Judge,
        /// Since when.
        since: Timestamp,
    },
    /// It was, or could have been, and is no longer.
    Ended(Ended),
}

/// Why a deployment is good no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was rolled back from.
    Fled,
    /// A person called it bad.
    MarkedBad,
    /// A later verdict was unhealthy; a healthy one restores it.
    Demoted,
}

/// How a deployment stands, in the contract's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Its intent is written, and it is under way.
    Started,
    /// It was made, and nothing is known of its health.
    Deployed,
    /// It is good.
    Stable,
    /// The newest verdict found it sick, or a person did.
    Unhealthy,
    /// It was rolled back from.
    RolledBack,
    /// It could not be made.
    Failed,
    /// Some of its services could not be moved.
    Partial,
    /// Who began it is gone.
    Interrupted,
    /// A newer deployment stood when it was written down.
    Superseded,
    /// It deployed nothing: it emptied a slot.
    Emptied,
}

impl Operation {
    /// Returns an operation that was just opened and of which nothing else is known.
    pub fn new(id: OperationId, n: u64, at: Timestamp, actor: &str) -> Self {
        Self {
            id,
            n,
            kind: Kind::Deploy,
            opened: LineId(ulid::Ulid::nil()),
            at,
            actor: actor.to_owned(),
            opener: RunId(ulid::Ulid::nil()),
            owner: RunId(ulid::Ulid::nil()),
            last_at: at,
            started: None,
            done: BTreeMap::new(),
            told: BTreeMap::new(),
            strayed: BTreeMap::new(),
            finished: None,
            deployed: None,
            verified: None,
            stability: Stability::Unproven,
            points: Vec::new(),
            cancelled: false,
        }
    }

    /// Returns the operation that an event opens.
    pub(super) fn opened_by(event: &Event, kind: Kind) -> Self {
        Self {
            kind,
            opened: event.id,
            opener: event.run,
            owner: event.run,
            last_at: event.at.max(event.id.time()),
            ..Self::new(event.op, event.n, event.at, &event.actor)
        }
    }

    /// Sets what it made of the environment.
    pub fn becomes(&mut self, what: Deployed, at: Timestamp) {
        self.deployed = Some(Deployment { line: self.opened, at, what });
    }

    /// Returns the restore point, once there is one.
    pub fn versions(&self) -> Option<&Versions> {
        self.deployed.as_ref().map(|deployment| &deployment.what.versions)
    }

    /// Returns whether it is under way, or was left so.
    pub fn is_open(&self) -> bool {
        self.started.is_some() && self.finished.is_none() && self.deployed.is_none()
    }

    /// Returns whether it is good now.
    pub fn is_stable(&self) -> bool {
        matches!(self.stability, Stability::Stable { .. })
    }

    /// Returns whether a gate or a person has said anything of it.
    pub fn is_judged(&self) -> bool {
        self.verified.is_some() || self.stability != Stability::Unproven
    }

    /// Returns whether it is open and its last line is old enough to be taken over.
    pub fn is_abandoned(&self, now: Timestamp) -> bool {
        self.is_open() && now.duration_since(self.last_at) > TAKEOVER_AFTER
    }

    /// Returns who drives its services.
    pub fn act(&self) -> Act {
        self.started.as_ref().map_or(Act::HandedOver, |started| started.act)
    }

    /// Returns who set it off.
    pub fn trigger(&self) -> Trigger {
        self.started.as_ref().map(|started| started.trigger).unwrap_or_default()
    }

    /// Returns what it is and how people call it.
    pub fn label(&self) -> (OperationId, u64) {
        (self.id, self.n)
    }

    /// Returns the plan; empty where no intent was written or it named no version.
    pub fn plan(&self) -> &[PlannedStep] {
        self.started.as_ref().map_or(&[], |started| &started.plan)
    }

    /// Returns the slot that it brings services to, or traffic.
    pub fn slot(&self) -> Option<&Slot> {
        self.started.as_ref()?.slot.as_ref()
    }

    /// Returns whether it empties its slot: it brings nothing, and moves no traffic.
    pub fn empties(&self) -> bool {
        self.started.as_ref().is_some_and(|started| started.empties)
    }

    /// Returns the services of the plan that no counted line calls done.
    pub fn left(&self) -> impl Iterator<Item = &PlannedStep> {
        self.plan().iter().filter(|step| !self.has_done(&step.service))
    }

    /// Returns whether a service was brought to its version.
    pub fn has_done(&self, service: &Service) -> bool {
        self.done.get(service).is_some_and(|done| done.outcome == StepOutcome::Done)
    }

    /// Returns the CI run that opened it.
    pub fn ci(&self) -> Option<&CiRun> {
        let started = self.started.as_ref().and_then(|started| started.ci.as_ref());
        started.or_else(|| self.deployed.as_ref()?.what.ci.as_ref())
    }

    /// Returns why it was done, in the words of who did it.
    pub fn reason(&self) -> Option<&str> {
        let started = self.started.as_ref().and_then(|started| started.reason.as_deref());
        started.or_else(|| self.deployed.as_ref()?.what.reason.as_deref())
    }

    /// Returns the deployment that it returned to.
    pub fn target(&self) -> Option<OperationId> {
        let started = self.started.as_ref().and_then(|started| started.target);
        started.or_else(|| self.deployed.as_ref()?.what.target)
    }

    /// Returns the commit on which its lines and tags lie.
    pub fn commit(&self) -> Option<&Commit> {
        let started = self.started.as_ref().and_then(|started| started.commit.as_ref());
        started.or_else(|| self.deployed.as_ref()?.what.commit.as_ref())
    }

    /// Returns how it stands at a moment.
    pub fn status(&self, now: Timestamp) -> Status {
        if self.is_open() {
            return if self.is_abandoned(now) { Status::Interrupted } else { Status::Started };
        }
        match self.finished.as_ref().map(|finished| finished.outcome) {
            Some(FinishOutcome::Failed | FinishOutcome::Undone) => return Status::Failed,
            Some(FinishOutcome::Partial) => return Status::Partial,
            Some(FinishOutcome::Completed) if self.empties() => return Status::Emptied,
            Some(FinishOutcome::Completed) | None => {}
        }
        match &self.stability {
            Stability::Stable { .. } => Status::Stable,
            Stability::Ended(Ended::Fled) => Status::RolledBack,
            Stability::Ended(Ended::MarkedBad | Ended::Demoted) => Status::Unhealthy,
            Stability::Unproven => self.unproven_status(),
        }
    }

    fn unproven_status(&self) -> Status {
        let verdict = self.verified.as_ref().map(|(verified, _)| verified.verdict);
        let barred = self.deployed.as_ref().and_then(|d| d.what.barred.as_deref());
        match (verdict, barred) {
            (Some(Verdict::Unhealthy), _) => Status::Unhealthy,
            (_, Some("superseded")) => Status::Superseded,
            (_, _) => Status::Deployed,
        }
    }
}

#[cfg(test)]
mod tests;
