//! Whether a change may begin now.

use jiff::Timestamp;

use super::ending::{Ending, Reason};
use super::event::{CiRun, Kind, LockScope};
use super::ids::OperationId;
use super::moment;
use super::operation::Operation;
use super::state::State;
use super::version::Versions;

/// A change that wants to begin.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The versions it brings.
    pub versions: &'a Versions,
    /// Who asks; a person's own lock keeps others out.
    pub actor: &'a str,
    /// The CI run that asks.
    pub ci: Option<&'a CiRun>,
    /// The operation that it belongs to, whose own intent does not stand in its way.
    pub own: Option<OperationId>,
    /// Whether a person insists.
    pub insistence: Insistence,
}

/// Whether a person insists on what a rule stands against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Insistence {
    /// The rules hold.
    #[default]
    None,
    /// A person gave a reason to go on all the same.
    Forced,
}

/// Returns what stands against a change, in the order in which it should be told.
///
/// Insistence overrides a quarantine and being superseded, never another's lock or open operation.
pub fn objections(state: &State, request: &Request<'_>, now: Timestamp) -> Vec<Ending> {
    let mut all = Vec::new();
    all.extend(locked(state, request.actor, now));
    all.extend(open(state, request.own, now));
    if request.insistence == Insistence::None {
        all.extend(quarantined(state, request.versions));
        all.extend(superseded(state, request));
    }
    all
}

/// Returns the lock of another person, told.
pub fn locked(state: &State, actor: &str, now: Timestamp) -> Option<Ending> {
    let lock = state.lock(LockScope::All, now).filter(|lock| lock.by != actor)?;
    let why = lock.reason.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
    let until = lock.until.map(|until| format!(" until {}", moment::told(until)));
    let until = until.unwrap_or_default();
    let message = format!("`{}` locked `{}`{until}{why}", lock.by, state.environment);
    Some(Ending::new(Reason::Locked, message))
}

/// Returns another's open operation, told.
pub fn open(state: &State, own: Option<OperationId>, now: Timestamp) -> Option<Ending> {
    let other = state.open().find(|operation| Some(operation.id) != own)?;
    let (reason, how) = if other.is_abandoned(now) {
        (Reason::RefusedInterrupted, "was left in the middle")
    } else {
        (Reason::RefusedBusy, "is under way")
    };
    let message = format!("{} {} of `{}` {how}", describe(other), other.n, state.environment);
    let ending = Ending::new(reason, message);
    let resume = format!("lastgood resume -e {}", shell_words::quote(state.environment.as_str()));
    // Whoever is at work must not be overtaken on a hint of ours.
    Some(if reason == Reason::RefusedInterrupted { ending.next(resume) } else { ending })
}

/// Returns an operation's kind and its author, for a sentence.
pub fn describe(operation: &Operation) -> String {
    let kind = match operation.kind {
        _ if operation.empties() => "cleanup",
        Kind::Deploy => "deployment",
        Kind::Rollback => "rollback",
        Kind::RollForward => "roll-forward",
        Kind::Switch => "switch",
    };
    format!("`{}`'s {kind}", operation.actor)
}

fn quarantined(state: &State, versions: &Versions) -> Option<Ending> {
    let running = state.versions();
    let (service, version, entry) = versions.iter().find_map(|(service, version)| {
        let entry = state.quarantined(service, version)?;
        // What already runs is not being deployed.
        (running.get(service) != Some(version)).then_some((service, version, entry))
    })?;
    let message = format!(
        "version `{}` of `{service}` was rolled back from in `{}` by {}",
        version.version, state.environment, entry.n
    );
    Some(Ending::new(Reason::Quarantined, message))
}

/// A re-run of an old CI run: it deployed here before, and another has since.
fn superseded(state: &State, request: &Request<'_>) -> Option<Ending> {
    let ci = request.ci?;
    let Some(before) = state.of_ci(ci) else { return passed(state, ci, request.own) };
    let mut since = state.operations.iter().rev().take_while(|operation| operation.id != before.id);
    let newer = since.find(|operation| {
        let of_another = operation.ci().is_some_and(|other| other.id != ci.id);
        // What empties a slot replaces nothing.
        of_another && !operation.empties() && Some(operation.id) != request.own
    })?;
    let message = format!(
        "this run deployed {} of `{}` before, and {} {} is newer",
        before.n,
        state.environment,
        describe(newer),
        newer.n
    );
    Some(Ending::new(Reason::RefusedSuperseded, message))
}

/// A run that is done again and never came to deploy is as old as its number.
fn passed(state: &State, ci: &CiRun, own: Option<OperationId>) -> Option<Ending> {
    ci.attempt.filter(|attempt| *attempt > 1)?;
    let number = |ci: &CiRun| ci.id.parse::<u64>().ok();
    let mine = number(ci)?;
    let is_newer = |operation: &&Operation| {
        let other = operation.ci().filter(|other| other.provider == ci.provider);
        let is_newer = other.and_then(number).is_some_and(|other| other > mine);
        is_newer && !operation.empties() && Some(operation.id) != own
    };
    let newer = state.operations.iter().rev().find(is_newer)?;
    let message = format!(
        "this run is done again, and {} {} of `{}` is of a newer one",
        describe(newer),
        newer.n,
        state.environment
    );
    Some(Ending::new(Reason::RefusedSuperseded, message))
}

#[cfg(test)]
mod tests;
