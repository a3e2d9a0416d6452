//! A rollback as a value: what moved and how it ended.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::super::event::Trigger;
use super::super::gate::CheckResult;
use super::super::ids::OperationId;
use super::super::names::Service;
use super::super::version::Version;
use super::shape;

/// How a rollback or roll-forward went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RollbackStatus {
    /// Everything was moved, and the gate found it healthy or there is no gate.
    Completed,
    /// Some services were moved.
    Partial,
    /// None was, or what was restored is not healthy.
    Failed,
    /// It was shown and not done, or left to the next steps.
    Planned,
    /// A rule stood against it.
    Refused,
}

/// A rollback or roll-forward, told.
#[derive(Debug, Clone, Serialize)]
pub struct RollbackTold {
    /// The operation; none while it is only planned.
    pub id: Option<OperationId>,
    /// How it went.
    pub status: RollbackStatus,
    /// The deployment that was fled from.
    pub from: Option<u64>,
    /// The deployment that was returned to.
    pub to: Option<u64>,
    /// The number of the deployment that came of it.
    pub deployment: Option<u64>,
    /// The strategy.
    pub strategy: &'static str,
    /// Who set it off.
    pub trigger: Trigger,
    /// The services that were moved.
    pub rolled_back_services: Vec<Service>,
    /// The services whose driver failed.
    pub failed_services: Vec<Service>,
    /// The services that were to move and were not touched, or that the target does not have.
    pub skipped_services: Vec<Service>,
    /// The services that were driven and put back, since one could not be moved.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub put_back_services: Vec<Service>,
    /// The services that already ran what they should.
    pub unchanged_services: Vec<Service>,
    /// The versions that the moved services had.
    #[serde(serialize_with = "shape::strings_before")]
    pub previous_versions: BTreeMap<Service, Option<Version>>,
    /// The versions that the moved services have.
    #[serde(serialize_with = "shape::strings")]
    pub new_versions: BTreeMap<Service, Version>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub completed_at: Option<Timestamp>,
    /// How long it took.
    pub duration_ms: Option<u64>,
    /// The safety checks before the act.
    pub safety: Vec<Safety>,
    /// What the gate said of what was restored.
    pub verification: Option<Verification>,
    /// The snapshot taken before it.
    pub snapshot: Option<String>,
    /// Whether data was left as it was.
    pub data_preserved: bool,
    /// What should be known besides.
    pub warnings: Vec<String>,
    /// What was or would be run, in order.
    pub plan: Vec<PlanLine>,
}

impl RollbackTold {
    /// Tells a rollback that a rule stood against before anything was decided.
    pub fn refused(trigger: Trigger) -> Self {
        Self {
            id: None,
            status: RollbackStatus::Refused,
            from: None,
            to: None,
            deployment: None,
            strategy: "immediate",
            trigger,
            rolled_back_services: Vec::new(),
            failed_services: Vec::new(),
            skipped_services: Vec::new(),
            put_back_services: Vec::new(),
            unchanged_services: Vec::new(),
            previous_versions: BTreeMap::new(),
            new_versions: BTreeMap::new(),
            started_at: None,
            completed_at: None,
            duration_ms: None,
            safety: Vec::new(),
            verification: None,
            snapshot: None,
            data_preserved: true,
            warnings: Vec::new(),
            plan: Vec::new(),
        }
    }
}

/// One service of a shown plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanLine {
    /// The service.
    pub service: Service,
    /// What it runs.
    #[serde(serialize_with = "shape::perhaps")]
    pub from: Option<Version>,
    /// What it is to run; nothing where it is stopped.
    #[serde(serialize_with = "shape::perhaps")]
    pub to: Option<Version>,
    /// The very commands, one line each.
    pub commands: Vec<String>,
}

/// One safety check before a rollback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Safety {
    /// The rule.
    pub name: SafetyRule,
    /// Whether it passed.
    pub passed: bool,
    /// Whether failing it stops the rollback.
    pub severity: Severity,
    /// What it found.
    pub message: String,
}

/// What must hold before a rollback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SafetyRule {
    /// The target was found good and is good still.
    TargetStable,
    /// No version of the target was rolled back from.
    TargetNotQuarantined,
    /// The target's commits are part of a branch that vouches for them.
    TargetReachable,
    /// The target's tag says what the ledger says.
    TargetTagged,
    /// Every service would run beside the versions that it needs.
    DependenciesSatisfied,
    /// What would be brought is there, as far as the drivers can tell.
    ArtifactsThere,
}

/// Whether failing a safety check stops a rollback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It does.
    Error,
    /// It is told.
    Warning,
}

/// What the gate said of what was restored.
#[derive(Debug, Clone, Serialize)]
pub struct Verification {
    /// Checks that passed.
    pub passed: usize,
    /// Checks that were made.
    pub total: usize,
    /// Whether what was restored was marked stable for it.
    pub marked_stable: bool,
    /// Each check.
    pub checks: Vec<CheckResult>,
}
