//! Goes on with what a partial operation could not move.

use super::begin::BeginOrder;
use super::desk::Desk;
use super::halt::Step;
use super::order::{Blame, Dependents, RollbackOrder};
use crate::domain::admission::Insistence;
use crate::domain::decision::CommonFailure;
use crate::domain::ending::Reason;
use crate::domain::event::{Act, Kind, Unity};
use crate::domain::names::Service;
use crate::domain::outcome::Outcome;
use crate::domain::remainder::{Remainder, remainder};
use crate::domain::state::State;
use crate::domain::target::{Scope, Wanted};
use crate::domain::version::Versions;

/// What a partial operation left, as the order that moves it.
pub(super) enum Leftover {
    /// The services of a rollback that are not back.
    Back(RollbackOrder),
    /// The services of a deployment that are not there.
    Forth(BeginOrder),
}

impl Desk {
    /// Returns the order that moves what a partial operation left; none where all was moved.
    pub(super) fn leftover(&self, state: &State) -> Option<Leftover> {
        let Remainder { course, steps } = remainder(state)?;
        let started = course.started.as_ref()?;
        let left: Versions =
            steps.into_values().map(|step| (step.service.clone(), step.to.clone())).collect();
        let reason = Some(format!("what deployment {} could not move", course.n));
        match (course.kind, started.target) {
            (Kind::Rollback, Some(target)) => Some(Leftover::Back(RollbackOrder {
                wanted: Wanted::Chosen(target),
                scope: Scope::Only(left.into_keys().collect()),
                trigger: self.who.trigger(),
                reason,
                insistence: Insistence::None,
                act: Act::Driven,
                blame: blame(started.quarantine.keys().cloned().collect()),
                strategy: started.strategy,
                unity: Unity::Each,
                dependents: Dependents::Refuse,
            })),
            (Kind::Deploy | Kind::RollForward, _) => Some(Leftover::Forth(BeginOrder {
                versions: left,
                commit: started.commit.clone(),
                reason,
                insistence: Insistence::None,
                act: Act::Driven,
                strategy: started.strategy,
                unity: Unity::Each,
            })),
            (Kind::Rollback, None) | (Kind::Switch, _) => None,
        }
    }

    /// Moves what was left; what could not be moved this time either is left still.
    pub(super) async fn move_leftover(&self, leftover: &Leftover) -> Step<Outcome> {
        let mut outcome = match leftover {
            Leftover::Back(order) => Box::pin(self.rollback(order)).await?,
            Leftover::Forth(order) => Box::pin(self.deploy(order)).await?,
        };
        if matches!(outcome.ending.reason, Reason::RollbackFailed | Reason::DeployFailed) {
            outcome.ending = outcome.ending.next(Reason::RollbackPartial.next());
        }
        Ok(outcome)
    }

    pub(super) async fn plan_leftover(&self, leftover: &Leftover) -> Step<Outcome> {
        match leftover {
            Leftover::Back(order) => self.plan_rollback(order).await,
            Leftover::Forth(order) => self.plan_deploy(order).await,
        }
    }
}

/// What was fled from stays what is blamed.
fn blame(fled: std::collections::BTreeSet<Service>) -> Blame {
    if fled.is_empty() { Blame::All } else { Blame::Failed(fled, CommonFailure::None) }
}
