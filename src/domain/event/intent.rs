//! What an operation is about to do.

use serde::{Deserialize, Serialize};

use super::super::ids::OperationId;
use super::super::names::{Commit, Service};
use super::super::policy::Strategy;
use super::super::slots::Slot;
use super::super::version::{Version, Versions};
use super::{CiRun, Kind, Trigger};

/// An operation's intent and plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// What kind of change is meant.
    pub kind: Kind,
    /// The commit on which its lines and tags lie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit>,
    /// The services in order, each from and to; empty where `begin` was told no version.
    pub plan: Vec<PlannedStep>,
    /// Who drives the services.
    #[serde(default)]
    pub act: Act,
    /// How the services are moved; as the environment's policy says where it is not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<Strategy>,
    /// What becomes of services that were moved when another could not be.
    #[serde(default, skip_serializing_if = "Unity::is_usual")]
    pub unity: Unity,
    /// The slot that the services are brought to, or that the traffic is moved to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<Slot>,
    /// Whether what the services run at the slot is stopped, and nothing brought; `to` is what they
    /// are believed to run there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub empties: bool,
    /// Who set it off.
    #[serde(default)]
    pub trigger: Trigger,
    /// The deployment that is fled from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<OperationId>,
    /// The deployment that is returned to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<OperationId>,
    /// What is to be quarantined when it is done.
    #[serde(default, skip_serializing_if = "Versions::is_empty")]
    pub quarantine: Versions,
    /// The request that it carries out; each is carried out once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<OperationId>,
    /// The checks that failed of what ran before it; they alone are no reason to go back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed_before: Vec<String>,
    /// Why, in the words of who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The CI run that wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci: Option<CiRun>,
}

impl Started {
    /// Returns an intent of which no more is known than its kind and what it moves.
    pub fn new(kind: Kind, plan: Vec<PlannedStep>) -> Self {
        Self {
            kind,
            commit: None,
            plan,
            act: Act::default(),
            strategy: None,
            unity: Unity::default(),
            slot: None,
            empties: false,
            trigger: Trigger::default(),
            from: None,
            target: None,
            quarantine: Versions::new(),
            request: None,
            failed_before: Vec::new(),
            reason: None,
            ci: None,
        }
    }
}

/// What becomes of services that were moved when another could not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unity {
    /// They stay where they are: on the way back, each that is back helps.
    #[default]
    Each,
    /// They are put back: all or nothing.
    AllOrNothing,
}

impl Unity {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
    fn is_usual(&self) -> bool {
        *self == Self::Each
    }
}

/// Who drives the services of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// lastgood's drivers.
    #[default]
    Driven,
    /// Other steps; `record` closes it.
    HandedOver,
}

/// One service of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedStep {
    /// The service.
    pub service: Service,
    /// What it is believed to run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Version>,
    /// What it is to run.
    pub to: Version,
}
