//! A rollback that is asked for before it may be done.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::ids::OperationId;
use super::super::names::Service;
use super::{CiRun, Kind, PlannedStep, Trigger};

/// What was asked for, whole: an approval binds to this plan and to no other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requested {
    /// What kind of change is meant.
    pub kind: Kind,
    /// The deployment that was current; nothing is done once another is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<OperationId>,
    /// The deployment to return to.
    pub target: OperationId,
    /// The services that were named; all, where none was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Service>,
    /// The services in order, each from and to.
    pub plan: Vec<PlannedStep>,
    /// How many others must approve.
    #[serde(default)]
    pub approvals: u32,
    /// Not before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// Not after this moment.
    pub expires: Timestamp,
    /// Whether whoever asked insists on what a rule stands against.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forced: bool,
    /// Who set it off.
    #[serde(default)]
    pub trigger: Trigger,
    /// Why, in the words of who asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The CI run that wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci: Option<CiRun>,
}
