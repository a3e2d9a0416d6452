//! What is said of a deployment that is shown, in few words.

use super::super::event::{CheckNote, FinishOutcome, Judge, Kind};
use super::super::names::Service;
use super::super::operation::{Ended, Operation, Stability};
use super::super::slots::Slot;
use super::super::state::State;
use super::super::text;
use super::super::verdict::{Outcome, Verdict};
use super::super::version::Version;
use super::{Outlook, Showing};

/// The most that a forge takes, in characters.
const MOST: usize = 140;

/// Returns what an operation brings.
pub(super) fn title(state: &State, operation: &Operation) -> String {
    let n = operation.n;
    let to = operation.target().and_then(|id| state.operation(id)).map(|target| target.n);
    let back = to.map(|to| format!(" to {to}")).unwrap_or_default();
    let what = match operation.kind {
        Kind::Deploy => format!("deployment {n}"),
        Kind::Rollback => format!("rollback {n}{back}"),
        Kind::RollForward => format!("roll-forward {n}{back}"),
        Kind::Switch => format!("switch {n}"),
    };
    text::clean(&format!("{what}: {}", brings(operation)), MOST - 1)
}

fn brings(operation: &Operation) -> String {
    let one = |(service, to): (&Service, &Version)| format!("{service} {}", to.version);
    let made = operation.deployed.as_ref().map(|deployment| &deployment.what.changed);
    let made = made.into_iter().flatten().map(|(service, change)| one((service, &change.to)));
    let made: Vec<String> = made.collect();
    let meant = || operation.plan().iter().map(|step| one((&step.service, &step.to))).collect();
    let all: Vec<String> = if made.is_empty() { meant() } else { made };
    if all.is_empty() { "versions not known yet".to_owned() } else { all.join(", ") }
}

/// Returns why an operation is shown as it is; it begins with the number, by which it is known again.
pub(super) fn why(
    state: &State,
    operation: &Operation,
    showing: Showing,
    outlook: Outlook,
) -> String {
    let why = match showing {
        Showing::InProgress => unproven(operation, outlook),
        Showing::Error => "left in the middle; `lastgood resume` finishes it".to_owned(),
        Showing::Failure => failed(state, operation),
        Showing::Inactive => replaced(state, outlook),
        Showing::Success => proven(operation),
    };
    text::clean(&format!("{}{why}", mark(operation.n)), MOST - 1)
}

/// How what is said of a deployment begins.
const MARK: &str = "lastgood ";

fn mark(n: u64) -> String {
    format!("{MARK}{n}: ")
}

/// Returns the number of the deployment that a sentence of ours is about.
pub(super) fn marked(words: &str) -> Option<u64> {
    words.strip_prefix(MARK)?.split_once(':')?.0.parse().ok()
}

/// Returns how it is said that a deployment has some of the traffic.
pub(super) fn at_stage(n: u64, slot: &Slot, percent: u8) -> String {
    text::clean(&format!("{}under way; {percent} %{SHARED}{slot}", mark(n)), MOST - 1)
}

/// How it is said which slot a share of the traffic is at.
const SHARED: &str = " of the traffic at ";

/// Returns the part of a sentence of ours that says how much of the traffic a deployment has.
pub(super) fn share(words: &str) -> Option<&str> {
    let (_, share) = words.strip_prefix(MARK)?.split_once("; ")?;
    share.contains(SHARED).then_some(share)
}

/// Returns the part of a sentence of ours that says by what a deployment was rolled back from.
pub(super) fn flight(words: &str) -> Option<&str> {
    let (_, why) = words.strip_prefix(MARK)?.split_once(": ")?;
    why.split(';').next().filter(|what| what.starts_with(FLED))
}

/// How it is said that a deployment was rolled back from.
const FLED: &str = "rolled back";

fn unproven(operation: &Operation, outlook: Outlook) -> String {
    let verdict = operation.verified.as_ref().map(|(verified, _)| verified.verdict);
    match (operation.is_open(), verdict, outlook) {
        (true, _, _) => "under way".to_owned(),
        (false, Some(_), _) => "deployed; the gate could not tell whether it is good".to_owned(),
        (false, None, Outlook::Gate) => "deployed; the gate has not judged it yet".to_owned(),
        (false, None, Outlook::NoGate | Outlook::Closed) => "deployed".to_owned(),
    }
}

fn proven(operation: &Operation) -> String {
    let verified = operation.verified.as_ref().map(|(verified, _)| verified);
    let healthy = verified.filter(|verified| verified.verdict == Verdict::Healthy);
    let passed = healthy.map(|verified| passed(&verified.checks)).unwrap_or_default();
    match (&operation.stability, verified) {
        (Stability::Stable { by: Judge::Person, .. }, _) => "a person marked it good".to_owned(),
        (Stability::Stable { .. }, _) => format!("stable{passed}"),
        (_, Some(_)) => format!("healthy, not stable yet{passed}"),
        (_, None) => "deployed; no check could prove it".to_owned(),
    }
}

fn passed(notes: &[CheckNote]) -> String {
    let passed = notes.iter().filter(|note| note.outcome == Outcome::Pass).count();
    if notes.is_empty() {
        return String::new();
    }
    format!("; {passed} of {} checks passed", notes.len())
}

fn failed(state: &State, operation: &Operation) -> String {
    let evidence = evidence(operation).map(|what| format!("; {what}")).unwrap_or_default();
    match (&operation.stability, operation.finished.as_ref()) {
        (Stability::Ended(Ended::Fled), _) => {
            let by = by_whom(state, operation);
            format!("{FLED}{by}{evidence}")
        }
        (Stability::Ended(Ended::MarkedBad), _) => "a person marked it bad".to_owned(),
        (_, Some(finished)) if finished.outcome != FinishOutcome::Completed => {
            let what = match finished.outcome {
                FinishOutcome::Undone => "undone; what it had moved was put back",
                FinishOutcome::Partial => "only some services could be moved",
                FinishOutcome::Failed | FinishOutcome::Completed => "could not be made",
            };
            format!("{what}{evidence}")
        }
        (_, _) => format!("unhealthy{evidence}"),
    }
}

/// What decided against it: its worst check, or why its driver failed.
fn evidence(operation: &Operation) -> Option<String> {
    let checks = operation.verified.iter().flat_map(|(verified, _)| &verified.checks);
    let failed = checks.filter(|note| note.outcome == Outcome::Fail);
    let note = failed.map(|note| format!("{}: {}", note.name, note.message)).next();
    note.or_else(|| Some(operation.finished.as_ref()?.message.clone()))
        .filter(|text| !text.is_empty())
}

fn by_whom(state: &State, operation: &Operation) -> String {
    let fled = |other: &&Operation| {
        let from = other.started.as_ref().and_then(|started| started.from);
        other.kind == Kind::Rollback && from == Some(operation.id)
    };
    let by = state.operations.iter().rev().find(fled);
    by.map(|by| format!(" by {}", by.n)).unwrap_or_default()
}

fn replaced(state: &State, outlook: Outlook) -> String {
    match (state.current(), outlook) {
        (_, Outlook::Closed) => "the environment was closed".to_owned(),
        (Some(current), Outlook::Gate | Outlook::NoGate) => {
            format!("replaced; {} runs now", current.n)
        }
        (None, Outlook::Gate | Outlook::NoGate) => "it no longer runs".to_owned(),
    }
}
