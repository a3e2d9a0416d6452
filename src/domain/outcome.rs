//! What a command found and did, as values that the report tells.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::ending::Ending;
use super::event::{CheckNote, Decided, Kind, Quarantine};
use super::gate::{CheckResult, GateReport, Score};
use super::ids::OperationId;
use super::names::{Commit, Environment, PointName, Service};
use super::operation::{Operation, Status};
use super::verdict::Verdict;
use super::version::{Version, Versions};

mod examined;
mod requests;
mod rollback;
mod shape;
mod slots;

pub use examined::{Finding, Health};
pub use requests::{RequestStanding, RequestTold};
pub use slots::SlotTold;

pub use rollback::{
    PlanLine, RollbackStatus, RollbackTold, Safety, SafetyRule, Severity, Verification,
};

/// What a command found and did.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// How it ended.
    #[serde(skip)]
    pub ending: Ending,
    /// The deployment it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deployment: Option<DeploymentTold>,
    /// What the gate said.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub gate: Option<GateTold>,
    /// The rollback or roll-forward.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback: Option<RollbackTold>,
    /// What else a verb tells.
    #[serde(flatten)]
    pub more: More,
}

/// What else a verb tells.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum More {
    /// Nothing.
    Nothing {},
    /// `status`.
    Status(Box<StatusTold>),
    /// `history`.
    History {
        /// Newest first.
        deployments: Vec<DeploymentTold>,
    },
    /// `show N M`.
    Between {
        /// The other deployment.
        other: Box<DeploymentTold>,
        /// What differs, by service.
        differences: BTreeMap<Service, Difference>,
    },
    /// A deployment that is only shown.
    Planned {
        /// What would be run, in order.
        plan: Vec<PlanLine>,
    },
    /// What was asked for and is not done yet.
    Requested {
        /// The request.
        request: Box<RequestTold>,
    },
    /// `matrix`.
    Matrix {
        /// One job each.
        include: Vec<Job>,
    },
    /// `doctor`.
    Examined {
        /// What was looked at, and what was found.
        findings: Vec<Finding>,
    },
    /// `prune`.
    Pruned {
        /// How many lines moved to the archive.
        moved_lines: usize,
        /// The greatest number that moved.
        through: Option<u64>,
        /// The tags that were removed.
        removed_tags: Vec<String>,
    },
}

/// One job of a matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Job {
    /// The environment.
    pub environment: Environment,
    /// The service.
    pub service: Service,
}

impl From<(Environment, Service)> for Job {
    fn from((environment, service): (Environment, Service)) -> Self {
        Self { environment, service }
    }
}

impl Outcome {
    /// Returns an outcome that tells nothing but its ending.
    pub fn ended(ending: Ending) -> Self {
        Self { ending, deployment: None, gate: None, rollback: None, more: More::Nothing {} }
    }

    /// Returns an outcome that shows what would be run.
    pub fn planned(ending: Ending, plan: Vec<PlanLine>) -> Self {
        Self { more: More::Planned { plan }, ..Self::ended(ending) }
    }

    /// Adds the deployment it is about.
    #[must_use]
    pub fn about(self, deployment: DeploymentTold) -> Self {
        Self { deployment: Some(deployment), ..self }
    }
}

/// What the gate said of a deployment.
#[derive(Debug, Clone, Serialize)]
pub struct GateTold {
    /// The verdict.
    pub verdict: Verdict,
    /// Each check.
    pub checks: Vec<CheckResult>,
    /// Whether the deployment was marked stable for it.
    pub marked_stable: bool,
    /// The points, where the gate counts them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<Score>,
    /// What a policy of the user's own made of it, where it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
}

impl GateTold {
    /// Tells a verdict and its checks.
    pub fn of(verdict: Verdict, checks: Vec<CheckResult>) -> Self {
        Self { verdict, checks, marked_stable: false, score: None, decided: None }
    }

    /// Tells what a gate found.
    pub fn found(report: GateReport) -> Self {
        let (verdict, score) = (report.verdict(), report.score());
        Self { score, ..Self::of(verdict, report.checks) }
    }
}

/// One deployment.
#[derive(Debug, Clone, Serialize)]
pub struct DeploymentTold {
    /// Its number.
    pub n: u64,
    /// Its identity.
    pub id: OperationId,
    /// Its tag.
    pub tag: String,
    /// What became of the tag just now; null where none was to be made.
    pub tag_result: Option<String>,
    /// What kind of change it was.
    pub kind: Kind,
    /// Whether it emptied a slot: it brought nothing, and moved no traffic.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub empties: bool,
    /// The commit on which its lines and tags lie.
    pub commit: Option<Commit>,
    /// When it was opened.
    pub at: Timestamp,
    /// Who did it.
    pub actor: String,
    /// How it stands.
    pub status: Status,
    /// The restore point.
    #[serde(serialize_with = "shape::versions")]
    pub versions: Versions,
    /// The versions it changed, by service: what ran before and after.
    pub changed: BTreeMap<Service, Difference>,
    /// Why, in the words of who did it.
    pub reason: Option<String>,
    /// The number of the deployment that it returned to.
    pub target: Option<u64>,
    /// The names of its restore point.
    pub points: Vec<PointName>,
    /// The newest verdict.
    pub verdict: Option<Verdict>,
    /// The checks of the newest verdict.
    pub evidence: Vec<CheckNote>,
    /// Its events, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<serde_json::Value>>,
}

/// A service's version on either side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// On the one side.
    #[serde(serialize_with = "shape::perhaps")]
    pub from: Option<Version>,
    /// On the other.
    #[serde(serialize_with = "shape::perhaps")]
    pub to: Option<Version>,
}

impl DeploymentTold {
    /// Tells a deployment as it stands at a moment.
    pub fn new(operation: &Operation, tag: String, target: Option<u64>, now: Timestamp) -> Self {
        let deployed = operation.deployed.as_ref();
        let changed =
            deployed.into_iter().flat_map(|d| &d.what.changed).map(|(service, change)| {
                let difference =
                    Difference { from: change.from.clone(), to: Some(change.to.clone()) };
                (service.clone(), difference)
            });
        let newest = operation.verified.as_ref().map(|(verified, _)| verified);
        Self {
            n: operation.n,
            id: operation.id,
            tag,
            tag_result: None,
            kind: operation.kind,
            empties: operation.empties(),
            commit: operation.commit().cloned(),
            at: operation.at,
            actor: operation.actor.clone(),
            status: operation.status(now),
            versions: operation.versions().cloned().unwrap_or_else(|| planned(operation)),
            changed: changed.collect(),
            reason: operation.reason().map(ToOwned::to_owned),
            target,
            points: operation.points.clone(),
            verdict: newest.map(|verified| verified.verdict),
            evidence: newest.map(|verified| verified.checks.clone()).unwrap_or_default(),
            events: None,
        }
    }
}

fn planned(operation: &Operation) -> Versions {
    let steps = operation.plan().iter();
    steps.map(|step| (step.service.clone(), step.to.clone())).collect()
}

/// What is good now, and how we know.
#[derive(Debug, Clone, Serialize)]
pub struct StatusTold {
    /// What runs.
    pub current: Option<DeploymentTold>,
    /// The newest deployment that is good.
    pub last_stable: Option<DeploymentTold>,
    /// How many deployments lie between them.
    pub stable_behind: Option<usize>,
    /// What is under way, or was left so.
    pub in_progress: Option<DeploymentTold>,
    /// The locks that hold.
    pub locks: Vec<LockTold>,
    /// What was asked for and can still be carried out.
    pub requests: Vec<RequestTold>,
    /// The versions that were rolled back from.
    #[serde(serialize_with = "shape::quarantined")]
    pub quarantined: Vec<Quarantine>,
    /// The services of which it is not known what they run.
    pub unknown: Vec<Service>,
    /// The number that two deployments share, where it is the newest.
    pub ambiguous: Option<u64>,
    /// The two slots, where there are slots.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<SlotTold>,
    /// Where what runs is not what the ledger says, by the word of platforms and routers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub drift: Vec<String>,
    /// Where the ledger lies.
    pub ledger: String,
}

/// A lock that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LockTold {
    /// What it keeps out.
    pub scope: super::event::LockScope,
    /// Who holds it.
    pub by: String,
    /// Since when.
    pub at: Timestamp,
    /// Until when; for good where none.
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: Option<String>,
}

/// The environment and command around an outcome.
#[derive(Debug, Clone)]
pub struct Context {
    /// The verb.
    pub command: Cow<'static, str>,
    /// The environment; none where a verb is about all or none.
    pub environment: Option<Environment>,
}

#[cfg(test)]
mod tests;
