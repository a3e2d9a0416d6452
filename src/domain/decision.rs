//! What a verdict leads to.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::admission;
use super::ending::{Ending, Reason};
use super::names::Service;
use super::operation::{Ended, Operation, Stability};
use super::policy::{Policy, Reaction};
use super::state::State;
use super::target::TagNames;
use super::verdict::Verdict;
use super::version::Versions;

mod against;

pub use against::against_rollback;

/// What the gate has seen of a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The verdict.
    pub verdict: Verdict,
    /// The versions that were judged.
    pub versions: Versions,
    /// The required checks that failed, by name.
    pub fails: BTreeSet<String>,
    /// The services whose own checks failed.
    pub failed: BTreeSet<Service>,
    /// Whether a failed check belongs to no service.
    pub common_failure: CommonFailure,
    /// The version that answered instead, where that is all that is wrong.
    pub drift: Option<String>,
    /// What a policy of the user's own made of it, where it was asked.
    pub decided: Option<Reaction>,
}

/// Whether a failed check belongs to no service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommonFailure {
    /// Every failed check belongs to a service.
    None,
    /// One is of the whole environment.
    Some,
}

/// What may be done about a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// Nothing: tell it.
    Report,
    /// Go back, where the policy allows it.
    Automatic,
}

/// Whether something knows how to bring a service to a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// Every service has a driver.
    Driver,
    /// Some service has none.
    Missing,
}

/// The rules under which a verdict is weighed.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// What the team decided beforehand.
    pub policy: &'a Policy,
    /// What may be done.
    pub recovery: Recovery,
    /// Whether it could be done.
    pub means: Means,
    /// How tags are called.
    pub tags: &'a TagNames,
    /// The moment.
    pub now: Timestamp,
}

/// What a verdict leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What becomes of the deployment's stability.
    pub stability: StabilityChange,
    /// What is done next.
    pub next: Next,
}

/// What becomes of a deployment's stability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StabilityChange {
    /// Nothing.
    None,
    /// It is good from now on.
    Mark,
    /// It is good no longer.
    Demote,
}

/// What is done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Nothing more.
    End(Ending),
    /// Go back to the last stable deployment.
    RollBack,
}

/// Weighs what was seen of a deployment against the ledger as it is now.
pub fn weigh(state: &State, subject: &Operation, seen: &Seen, rules: &Rules<'_>) -> Decision {
    if let Some(ending) = moved_on(state, &seen.versions).or_else(|| busy(state, rules.now)) {
        return hold(ending);
    }
    match (seen.decided, seen.verdict) {
        (Some(answer), _) => by_policy(answer, state, subject, seen, rules),
        (None, _) => by_verdict(state, subject, seen, rules),
    }
}

/// The policy of the user's own has the last word; the rules of rolling back hold all the same.
fn by_policy(
    answer: Reaction,
    state: &State,
    subject: &Operation,
    seen: &Seen,
    rules: &Rules<'_>,
) -> Decision {
    let (n, verdict) = (subject.n, seen.verdict);
    match (answer, verdict) {
        (Reaction::Pass, Verdict::Healthy) => healthy(state, subject, seen, rules),
        (Reaction::Hold, Verdict::Healthy) => {
            let message = format!("deployment {n} is healthy, and the policy says to hold");
            hold(Ending::new(Reason::HeldBack, message))
        }
        (Reaction::Pass | Reaction::Hold | Reaction::Rollback, _) => {
            let words = match verdict {
                Verdict::Healthy => "healthy",
                Verdict::Unhealthy => "unhealthy",
                Verdict::Error => "not to be judged: the instruments are broken",
                Verdict::Inconclusive => "not to be judged: the checks could not tell",
            };
            let held = match verdict {
                Verdict::Unhealthy => Reason::Held,
                Verdict::Healthy | Verdict::Error | Verdict::Inconclusive => Reason::HeldBack,
            };
            let message = format!("deployment {n} is {words}; the policy says to {answer}");
            if let (Reaction::Rollback, Some(ending)) = (answer, drifted(subject, seen)) {
                return hold(ending);
            }
            let stability = match (answer, verdict) {
                (Reaction::Hold | Reaction::Rollback, Verdict::Unhealthy) => {
                    demotion(subject, rules)
                }
                _ => StabilityChange::None,
            };
            let next = reacting(answer, Ending::new(held, message), state, subject, rules).next;
            Decision { stability, next }
        }
    }
}

fn by_verdict(state: &State, subject: &Operation, seen: &Seen, rules: &Rules<'_>) -> Decision {
    match seen.verdict {
        Verdict::Healthy => healthy(state, subject, seen, rules),
        Verdict::Unhealthy => unhealthy(state, subject, seen, rules),
        Verdict::Error => {
            let broken = Ending::new(Reason::ChecksBroken, "the checks could not be carried out");
            reacting(rules.policy.verify.on.error, broken, state, subject, rules)
        }
        Verdict::Inconclusive => {
            let unsure = Ending::new(Reason::NoData, "the checks could not tell");
            reacting(rules.policy.verify.on.inconclusive, unsure, state, subject, rules)
        }
    }
}

fn hold(ending: Ending) -> Decision {
    Decision { stability: StabilityChange::None, next: Next::End(ending) }
}

/// Returns that a service runs another version than was judged, told.
pub fn moved_on(state: &State, judged: &Versions) -> Option<Ending> {
    let running = state.versions();
    let (service, judged) =
        judged.iter().find(|(service, version)| running.get(*service) != Some(*version))?;
    let now = running.get(service).map_or("nothing", |version| version.version.as_str());
    let message = format!("`{service}` was judged at `{}` and runs `{now}` now", judged.version);
    Some(Ending::new(Reason::Superseded, message))
}

/// Returns what keeps the gate from judging at all: an operation under way, or left in the middle.
pub fn busy(state: &State, now: Timestamp) -> Option<Ending> {
    let open = admission::open(state, None, now)?;
    let reason = match open.reason {
        Reason::RefusedInterrupted => Reason::Interrupted,
        _ => Reason::Busy,
    };
    Some(Ending { reason, ..open })
}

fn healthy(state: &State, subject: &Operation, seen: &Seen, rules: &Rules<'_>) -> Decision {
    let n = subject.n;
    let end = |stability, reason, message: String| Decision {
        stability,
        next: Next::End(Ending::new(reason, message)),
    };
    if subject.is_stable() {
        let message = format!("deployment {n} is healthy, and was stable before");
        return end(StabilityChange::None, Reason::Healthy, message);
    }
    if let Some(bar) = bar(state, subject, seen) {
        let message = format!("deployment {n} is healthy, and not marked stable: {bar}");
        return end(StabilityChange::None, Reason::NotMarked, message);
    }
    let age = age(subject, rules.now);
    let soak = signed(rules.policy.verify.stable_after);
    if age < soak {
        let message =
            format!("deployment {n} is healthy; it is {age:#} old and stable at {soak:#}");
        return end(StabilityChange::None, Reason::Soaking, message);
    }
    let message = format!("deployment {n} is healthy and marked stable");
    end(StabilityChange::Mark, Reason::Healthy, message)
}

/// Returns what keeps a healthy deployment from being marked stable by the gate.
fn bar(state: &State, subject: &Operation, seen: &Seen) -> Option<String> {
    if let Some(barred) = subject.deployed.as_ref().and_then(|d| d.what.barred.clone()) {
        return Some(format!("it was recorded although `begin` would have refused it ({barred})"));
    }
    if subject.stability == Stability::Ended(Ended::MarkedBad) {
        return Some("a person marked it bad".to_owned());
    }
    if state.ambiguous() == Some(subject.n) {
        return Some("two deployments bear its number".to_owned());
    }
    let all = subject.versions().into_iter().flat_map(|versions| versions.keys());
    if let Some(service) = all.into_iter().find(|service| !seen.versions.contains_key(*service)) {
        return Some(format!("`{service}` was not judged"));
    }
    if let Some(service) = seen.versions.keys().find(|service| state.unknown.contains_key(*service))
    {
        return Some(format!("it is not known what `{service}` runs"));
    }
    let held = |(service, version)| state.quarantined(service, version);
    let entry = seen.versions.iter().find_map(held)?;
    Some(format!("version `{}` of `{}` is quarantined", entry.version.version, entry.service))
}

fn unhealthy(state: &State, subject: &Operation, seen: &Seen, rules: &Rules<'_>) -> Decision {
    if let Some(ending) = drifted(subject, seen) {
        return hold(ending);
    }
    let stability = demotion(subject, rules);
    let held = Ending::new(Reason::Held, format!("deployment {} is unhealthy", subject.n));
    let reaction = rules.policy.verify.on.fail;
    let next = match failed_before(subject, seen).filter(|_| reaction == Reaction::Rollback) {
        Some(ending) => Next::End(ending),
        None => reacting(reaction, held, state, subject, rules).next,
    };
    Decision { stability, next }
}

/// Another version than a stable deployment's answers: told, and never undone by lastgood itself.
fn drifted(subject: &Operation, seen: &Seen) -> Option<Ending> {
    let other = seen.drift.as_ref().filter(|_| subject.is_stable())?;
    let recorded: Vec<&str> = seen.versions.values().map(|v| v.version.as_str()).collect();
    let recorded = recorded.join(", ");
    let message =
        format!("deployment {} is stable at `{recorded}`, and `{other}` answers", subject.n);
    Some(Ending::new(Reason::Drift, message))
}

/// An outage long after the deployment is no fault of its.
fn demotion(subject: &Operation, rules: &Rules<'_>) -> StabilityChange {
    let recent = age(subject, rules.now) <= signed(rules.policy.rollback.within);
    if subject.is_stable() && recent { StabilityChange::Demote } else { StabilityChange::None }
}

/// What failed before the deployment too is not what the deployment broke.
fn failed_before(subject: &Operation, seen: &Seen) -> Option<Ending> {
    let before = &subject.started.as_ref()?.failed_before;
    let names = || seen.fails.iter();
    if seen.fails.is_empty() || !names().all(|name| before.contains(name)) {
        return None;
    }
    let names: Vec<String> = names().map(|name| format!("`{name}`")).collect();
    let message = format!(
        "deployment {} is unhealthy; all that fails failed before it too: {}",
        subject.n,
        names.join(", ")
    );
    Some(Ending::new(Reason::FailedBefore, message))
}

fn reacting(
    reaction: Reaction,
    held: Ending,
    state: &State,
    subject: &Operation,
    rules: &Rules<'_>,
) -> Decision {
    match reaction {
        Reaction::Hold => hold(held),
        Reaction::Pass => {
            let message = format!("{}; the configuration says to pass", held.message);
            hold(Ending::new(Reason::NotMarked, message))
        }
        Reaction::Rollback => match against_rollback(state, subject, rules) {
            Some(ending) => hold(ending),
            None => Decision { stability: StabilityChange::None, next: Next::RollBack },
        },
    }
}

fn age(subject: &Operation, now: Timestamp) -> SignedDuration {
    let made = subject.deployed.as_ref().map_or(subject.at, |deployment| deployment.at);
    // The writer's clock may be ahead of ours.
    now.duration_since(made).max(SignedDuration::ZERO)
}

fn signed(time: std::time::Duration) -> SignedDuration {
    SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX)
}

#[cfg(test)]
mod tests;
