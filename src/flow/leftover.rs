//! Goes on with what a partial operation could not move.

use shell_words::quote;

use super::begin::BeginOrder;
use super::desk::Desk;
use super::halt::{Halt, Step};
use super::order::{Blame, Dependents, RollbackOrder};
use crate::domain::admission::Insistence;
use crate::domain::decision::CommonFailure;
use crate::domain::ending::{Outcome as End, Reason};
use crate::domain::event::{Act, Kind, Unity};
use crate::domain::ids::OperationId;
use crate::domain::names::Service;
use crate::domain::outcome::Outcome;
use crate::domain::remainder::{Remainder, remainder};
use crate::domain::state::State;
use crate::domain::target::{Scope, Wanted};
use crate::domain::version::{Version, Versions};

/// What a partial operation left.
pub(super) struct Leftover {
    /// The order that moves it.
    order: Order,
    /// What a person types who insists on it.
    by_hand: String,
}

enum Order {
    /// The services of a rollback that are not back.
    Back(RollbackOrder),
    /// The services of a deployment that are not there.
    Forth(BeginOrder),
}

impl Desk {
    /// Returns what a partial operation left, as what moves it; none where all was moved.
    pub(super) fn leftover(&self, state: &State) -> Option<Leftover> {
        let Remainder { course, steps } = remainder(state)?;
        let started = course.started.as_ref()?;
        let left: Versions =
            steps.into_values().map(|step| (step.service.clone(), step.to.clone())).collect();
        let reason = Some(format!("what deployment {} could not move", course.n));
        let by_hand = self.by_hand(state, started.target, &left);
        let order = match (course.kind, started.target) {
            (Kind::Rollback, Some(target)) => Order::Back(RollbackOrder {
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
            }),
            (Kind::Deploy | Kind::RollForward, _) => Order::Forth(BeginOrder {
                versions: left,
                commit: started.commit.clone(),
                reason,
                insistence: Insistence::None,
                act: Act::Driven,
                strategy: started.strategy,
                unity: Unity::Each,
            }),
            (Kind::Rollback, None) | (Kind::Switch, _) => return None,
        };
        Some(Leftover { order, by_hand })
    }

    /// Moves what was left of what was found running; what could not be moved this time either is left still.
    pub(super) async fn move_leftover(
        &self,
        leftover: &Leftover,
        found: &Versions,
    ) -> Step<Outcome> {
        let moved = match &leftover.order {
            Order::Back(order) => Box::pin(self.go_back(order, found)).await,
            Order::Forth(order) => Box::pin(self.bring(order, found)).await,
        };
        let mut outcome = moved.map_err(|halt| insisting(halt, leftover))?;
        if outcome.ending.reason.outcome() == End::NeedsHelp {
            let page = self.read().await?;
            if remainder(&page.state).is_some() {
                outcome.ending = outcome.ending.next(Reason::RollbackPartial.next());
            }
        }
        Ok(outcome)
    }

    pub(super) async fn plan_leftover(&self, leftover: &Leftover) -> Step<Outcome> {
        let planned = match &leftover.order {
            Order::Back(order) => self.plan_rollback(order).await,
            Order::Forth(order) => self.plan_deploy(order).await,
        };
        planned.map_err(|halt| insisting(halt, leftover))
    }

    fn by_hand(&self, state: &State, target: Option<OperationId>, left: &Versions) -> String {
        let environment = quote(self.environment.as_str());
        let target = target.and_then(|id| state.operation(id));
        let (verb, services) = if let Some(target) = target {
            let names = left.keys().map(|service| quote(service.as_str()).into_owned());
            (format!("rollback -e {environment} --to {}", target.n), named(names))
        } else {
            let word = |(service, to): (&Service, &Version)| {
                quote(&format!("{service}={}", to.version)).into_owned()
            };
            (format!("deploy -e {environment}"), named(left.iter().map(word)))
        };
        format!("lastgood {verb} {services} --force --reason TEXT")
    }
}

pub(super) fn named(services: impl Iterator<Item = String>) -> String {
    services.map(|service| format!("--service {service}")).collect::<Vec<_>>().join(" ")
}

/// What a rule refuses is moved by a person who insists, and not by `resume`.
fn insisting(halt: Halt, leftover: &Leftover) -> Halt {
    match halt {
        Halt::Ended(ending) if may_be_forced(ending.reason) => {
            ending.next(leftover.by_hand.clone()).into()
        }
        Halt::Ended(_) | Halt::Broke(_) => halt,
    }
}

fn may_be_forced(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::TargetNotStable
            | Reason::Quarantined
            | Reason::TargetNotReachable
            | Reason::TargetNotTagged
            | Reason::DependencyConflict
            | Reason::ArtifactMissing
    )
}

/// What was fled from stays what is blamed.
fn blame(fled: std::collections::BTreeSet<Service>) -> Blame {
    if fled.is_empty() { Blame::All } else { Blame::Failed(fled, CommonFailure::None) }
}
