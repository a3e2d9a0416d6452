//! What the live ledger still says of lines that moved away.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::ids::{LineId, OperationId};
use super::super::names::Service;
use super::super::slots::Slot;
use super::super::version::Version;

/// What moved to the archive, and what a reader of the rest must still know.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pruned {
    /// The greatest number moved: lines of operations up to it are without effect here.
    pub through: u64,
    /// The operations up to it that stay all the same.
    #[serde(default)]
    pub kept: Vec<OperationId>,
    /// The newest deployment that was stable then; an older one may have newer ones in the archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stable: Option<OperationId>,
    /// The greatest number ever given.
    pub top: u64,
    /// What is quarantined.
    #[serde(default)]
    pub quarantined: Vec<Quarantine>,
    /// The services of which it is not known what they run, each since a line.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unknown: BTreeMap<Service, LineId>,
    /// When automatic rollbacks were started, within the longest window.
    #[serde(default)]
    pub limits: Vec<Timestamp>,
    /// The slot that served then, where there were slots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<Slot>,
    /// Whether the environment was closed for good.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
}

/// A version that was rolled back from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Quarantine {
    /// The service.
    pub service: Service,
    /// The version.
    pub version: Version,
    /// The operation that set it.
    pub by: OperationId,
    /// That operation's number.
    pub n: u64,
}
