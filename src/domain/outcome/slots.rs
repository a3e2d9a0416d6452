//! A slot, told.

use serde::Serialize;

use super::super::slots::Slot;
use super::super::slotted::Standing;
use super::super::version::Versions;
use super::shape;

/// One of the two slots of an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SlotTold {
    /// Its name.
    pub slot: Slot,
    /// How it stands, by the ledger.
    pub state: Standing,
    /// What it holds, by the ledger.
    #[serde(serialize_with = "shape::versions")]
    pub versions: Versions,
    /// The number of the deployment or operation that it has it from.
    pub deployment: Option<u64>,
    /// Its share of the traffic in percent, by the router's word; null where that could not be read.
    pub traffic: Option<u8>,
}
