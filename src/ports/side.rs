//! What each of two slots has of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{BoundCheck, Driver};
use crate::domain::event::Kind;
use crate::domain::names::Service;

/// What a slot has of its own.
#[derive(Clone, Default)]
pub struct Side {
    /// How each service is brought to a version there.
    pub drivers: BTreeMap<Service, Arc<dyn Driver>>,
    /// The gate, put to what runs there whether it serves or not.
    pub checks: Vec<BoundCheck>,
    /// What is asked besides in each stage, while the traffic moves there.
    pub stages: StageChecks,
}

/// What is asked in each stage of a gradual move, in the order of the stages.
#[derive(Clone, Default)]
pub struct StageChecks {
    /// On the way forward.
    pub deploy: Vec<Vec<BoundCheck>>,
    /// On the way back.
    pub rollback: Vec<Vec<BoundCheck>>,
}

impl StageChecks {
    /// Returns what is asked in each stage of such an operation.
    pub fn of(&self, kind: Kind) -> &[Vec<BoundCheck>] {
        match kind {
            Kind::Deploy | Kind::RollForward | Kind::Switch => &self.deploy,
            Kind::Rollback => &self.rollback,
        }
    }
}
