//! What a person or the gate asks to go back.

use std::collections::BTreeSet;

use crate::domain::admission::Insistence;
use crate::domain::decision::CommonFailure;
use crate::domain::event::{Act, Trigger, Unity};
use crate::domain::names::Service;
use crate::domain::policy::Strategy;
use crate::domain::target::{Scope, Wanted};

/// What is to go back, and how.
#[derive(Debug, Clone)]
pub struct RollbackOrder {
    /// Where to.
    pub wanted: Wanted,
    /// Which services.
    pub scope: Scope,
    /// Who set it off.
    pub trigger: Trigger,
    /// Why.
    pub reason: Option<String>,
    /// Whether a person insists.
    pub insistence: Insistence,
    /// Who drives the services.
    pub act: Act,
    /// Whose fault it was.
    pub blame: Blame,
    /// How the services go back; as the environment's policy says where it is not told.
    pub strategy: Option<Strategy>,
    /// What becomes of those that are back when another cannot be.
    pub unity: Unity,
    /// What becomes of services that a service of the scope would leave beside a wrong version.
    pub dependents: Dependents,
}

/// What becomes of services that one would leave beside a version that they cannot use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dependents {
    /// The rollback is refused.
    #[default]
    Refuse,
    /// They go along.
    Include,
}

/// Which of the returned versions are quarantined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blame {
    /// A person goes back: all that are returned.
    All,
    /// The services whose own checks failed; all, where a failed check belongs to none.
    Failed(BTreeSet<Service>, CommonFailure),
}

impl Blame {
    pub(super) fn covers(&self, service: &Service) -> bool {
        match self {
            Self::All | Self::Failed(_, CommonFailure::Some) => true,
            Self::Failed(services, CommonFailure::None) => {
                services.is_empty() || services.contains(service)
            }
        }
    }
}
