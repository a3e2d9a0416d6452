//! What stands against a rollback that nobody asked for.

use jiff::Timestamp;

use super::super::ending::{Ending, Reason};
use super::super::event::{Kind, LockScope, StepOutcome};
use super::super::moment;
use super::super::names::Service;
use super::super::operation::Operation;
use super::super::state::State;
use super::super::target::{self, Scope, Wanted};
use super::{Means, Recovery, Rules, age, signed};

/// Returns the first rule that stands against an automatic rollback, in the order of the documentation.
pub fn against_rollback(state: &State, subject: &Operation, rules: &Rules<'_>) -> Option<Ending> {
    let n = subject.n;
    let sick = |reason, why: &str| {
        Some(Ending::new(reason, format!("deployment {n} is unhealthy; {why}")))
    };
    if rules.recovery == Recovery::Report {
        return sick(Reason::NotAsked, "no rollback was asked for");
    }
    match subject.kind {
        Kind::Rollback => return sick(Reason::RolledBackSick, "it is itself a rollback"),
        Kind::RollForward => return sick(Reason::RollForwardSick, "it was rolled forward"),
        Kind::Deploy | Kind::Switch => {}
    }
    if changed_nothing_good(state, subject) {
        return sick(Reason::Unchanged, "it changed no version, and the one before was stable");
    }
    if age(subject, rules.now) > signed(rules.policy.rollback.within) {
        return sick(Reason::OutsideWindow, "it is older than `rollback.within`");
    }
    if let Some(lock) = lock(state, rules.now) {
        return sick(Reason::LockedRollback, &lock);
    }
    if state.ambiguous().is_some() || unknown_by_others(state, subject) {
        return sick(Reason::Unsettled, "two histories met, or a service's version is unknown");
    }
    too_often(state, n, rules).or_else(|| no_way_back(state, n, rules))
}

/// What the deployment's own driver left unknown is what the rollback is there to mend.
fn unknown_by_others(state: &State, subject: &Operation) -> bool {
    state.unknown.keys().any(|service| !failed(subject, service))
}

fn failed(subject: &Operation, service: &Service) -> bool {
    subject.done.get(service).is_some_and(|done| done.outcome == StepOutcome::Failed)
}

fn lock(state: &State, now: Timestamp) -> Option<String> {
    let lock = state.lock(LockScope::All, now).or_else(|| state.lock(LockScope::Rollback, now))?;
    Some(format!("`{}` keeps lastgood from rolling back", lock.by))
}

fn changed_nothing_good(state: &State, subject: &Operation) -> bool {
    let Some(deployment) = &subject.deployed else { return false };
    let changes = deployment.what.changed.values();
    let same = !subject.done.keys().any(|service| failed(subject, service))
        && changes.into_iter().all(|change| change.from.as_ref() == Some(&change.to));
    let before = state.deployments().into_iter().skip_while(|op| op.id != subject.id).nth(1);
    same && before.is_some_and(Operation::is_stable)
}

fn too_often(state: &State, n: u64, rules: &Rules<'_>) -> Option<Ending> {
    let policy = &rules.policy.rollback;
    let made = state.automatic_rollbacks(rules.now, signed(policy.limit.per));
    if made.len() >= policy.limit.count as usize {
        let message = format!(
            "deployment {n} is unhealthy; {} automatic rollbacks were made already within `rollback.limit`",
            made.len()
        );
        return Some(Ending::new(Reason::Flapping, message));
    }
    state.automatic_rollbacks(rules.now, signed(policy.cooldown)).last().map(|at| {
        let at = moment::told(*at);
        let message = format!(
            "deployment {n} is unhealthy; the last automatic rollback was at {at}, within `rollback.cooldown`"
        );
        Ending::new(Reason::Cooldown, message)
    })
}

fn no_way_back(state: &State, n: u64, rules: &Rules<'_>) -> Option<Ending> {
    match target::choose(state, &Wanted::LastStable, &Scope::All, rules.tags) {
        Err(none) => {
            let reason = match none.reason {
                Reason::Quarantined => Reason::QuarantinedTarget,
                _ => Reason::NoTarget,
            };
            let message = format!("deployment {n} is unhealthy; {}", none.message);
            Some(Ending { reason, message, next: none.next })
        }
        Ok(_) if rules.means == Means::Missing => {
            let message =
                format!("deployment {n} is unhealthy; no driver can bring a version back");
            Some(Ending::new(Reason::NoDriver, message))
        }
        Ok(_) => None,
    }
}
