//! One line of a ledger: what happened, to what, by whom.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ids::{EventId, LineId, OperationId, RunId};
use super::names::{Commit, Environment, PointName, Service};
use super::slots::{Shares, Slot};
use super::version::{Version, Versions};

mod intent;
mod pruned;
mod requested;
mod verified;

pub use intent::{Act, PlannedStep, Started, Unity};
pub use pruned::{Pruned, Quarantine};
pub use requested::Requested;
pub use verified::{CheckNote, Decided, Verified};

/// Why a run writes `resumed` of an operation that is its own already.
pub const ALIVE: &str = "still at work";

/// Why a service that was moved counts as failed while its operation is undone.
pub const GOING_BACK: &str = "it is being put back";

/// The version of the line format that this program writes.
pub const FORMAT: u32 = 1;

/// One event of one environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The line's place in the order of writing; drawn anew with every attempt.
    pub id: LineId,
    /// The writer's own clock.
    pub at: Timestamp,
    /// The environment.
    pub env: Environment,
    /// The operation's number; for an event about no operation, the greatest number then given.
    pub n: u64,
    /// Who did it.
    pub actor: String,
    /// The comment that asked for it; each is acted on once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<u64>,
    /// What happened; what a person looks for in a line comes before what only a program needs.
    #[serde(flatten)]
    pub body: Body,
    /// The version of the line format.
    pub v: u32,
    /// The event, over all attempts to write it.
    pub ev: EventId,
    /// The operation it belongs to.
    pub op: OperationId,
    /// The process that wrote it.
    pub run: RunId,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Body {
    /// An environment's versions changed.
    Deployed(Deployed),
    /// An operation is about to touch the environment; this is the lock.
    Started(Started),
    /// One service of an open operation is done.
    ServiceDone(ServiceDone),
    /// An operation is over.
    Finished(Finished),
    /// A run took an operation over, or says that it is still at work on its own.
    Resumed {
        /// Why it might.
        why: String,
    },
    /// A run that was overtaken had driven a service since its last accepted line.
    Strayed {
        /// The service, whose version is unknown now.
        service: Service,
    },
    /// A rollback was undone.
    Cancelled {
        /// The rollback.
        rollback: OperationId,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The gate looked at a deployment.
    Verified(Verified),
    /// A deployment is good.
    Stable(Judged),
    /// A deployment is good no longer.
    Unstable(Judged),
    /// A restore point was given a name.
    Point {
        /// The name.
        name: PointName,
    },
    /// Somebody asked for a rollback that needs another's approval, or is for later.
    Requested(Requested),
    /// Somebody approved a request.
    Approved {
        /// The request.
        request: OperationId,
    },
    /// A request is not to be carried out any more.
    Withdrawn {
        /// The request.
        request: OperationId,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A person keeps others out.
    Locked(Locked),
    /// A person lets others in again.
    Unlocked {
        /// What is let in again.
        #[serde(default)]
        scope: LockScope,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// State was saved.
    Snapshot(BTreeMap<String, serde_json::Value>),
    /// State was put back.
    Restored(BTreeMap<String, serde_json::Value>),
    /// Old lines moved to the archive.
    Pruned(Pruned),
}

/// The kind of an operation and of the deployment that comes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something new.
    Deploy,
    /// Back to something that was good.
    Rollback,
    /// Forward to what a rollback had left.
    RollForward,
    /// Traffic moved to the other slot.
    Switch,
}

/// Who set an operation off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The gate.
    Automatic,
    /// A person, in a shell or a workflow.
    #[default]
    Manual,
    /// A person, in a comment.
    Comment,
    /// A program.
    Api,
}

/// The CI run that a process belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CiRun {
    /// The CI system: `github`, `gitlab`, `jenkins` …
    pub provider: String,
    /// The run's own id.
    pub id: String,
    /// Which attempt at the run it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u64>,
    /// Where a person can read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// The versions of an environment after a change, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deployed {
    /// What kind of change it was.
    pub kind: Kind,
    /// The commit on which its lines and tags lie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit>,
    /// The restore point: every service.
    pub versions: Versions,
    /// What the change was, by service.
    pub changed: BTreeMap<Service, Change>,
    /// The services of which it is not known what they run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<Service>,
    /// The slot that serves since, where there are slots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<Slot>,
    /// The versions that are quarantined by this rollback.
    #[serde(default, skip_serializing_if = "Versions::is_empty")]
    pub quarantined: Versions,
    /// Why it is no candidate for stable by itself, where it is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barred: Option<String>,
    /// The deployment that a rollback or roll-forward returned to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<OperationId>,
    /// Why, in the words of who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The CI run that wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci: Option<CiRun>,
}

/// One service's way from one version to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What ran before; none for a service that is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Version>,
    /// What runs after.
    pub to: Version,
}

/// One service's result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceDone {
    /// The service.
    pub service: Service,
    /// How it ended.
    pub outcome: StepOutcome,
    /// What there is to say about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// How long the driver took.
    #[serde(default)]
    pub duration_ms: u64,
}

/// How one service of an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// It was brought to its version.
    Done,
    /// It was not, and what it runs is unknown.
    Failed,
    /// It runs what it ran before: it was not touched, or it was put back.
    Skipped,
}

/// How an operation ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finished {
    /// How it ended.
    pub outcome: FinishOutcome,
    /// What there is to say about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// How the traffic is shared since, where there are slots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic: Option<Shares>,
    /// What the slot that was worked on holds since, whole, where there are slots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<Versions>,
}

impl Finished {
    /// Returns an end of which there is nothing more to say.
    pub fn plain(outcome: FinishOutcome) -> Self {
        Self { outcome, message: String::new(), traffic: None, holds: None }
    }
}

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishOutcome {
    /// Every service was brought to its version.
    Completed,
    /// Some were.
    Partial,
    /// None was.
    Failed,
    /// What had been moved was put back.
    Undone,
}

/// A deployment's stability, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// Who or what judged.
    pub by: Judge,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Who or what judged a deployment's stability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judge {
    /// The gate.
    Gate,
    /// A person.
    Person,
}

/// A person's lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Locked {
    /// What is kept out.
    #[serde(default)]
    pub scope: LockScope,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// What a lock keeps out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LockScope {
    /// Every change.
    #[default]
    All,
    /// Only automatic rollbacks.
    Rollback,
}
