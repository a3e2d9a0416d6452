//! The outputs that the next steps read.

use std::collections::BTreeSet;

use super::super::words;
use super::{Ended, commands};
use crate::domain::ending::Reason;
use crate::domain::event::Kind;
use crate::domain::names::Commit;
use crate::domain::operation::Status;
use crate::domain::outcome::{
    Context, DeploymentTold, More, Outcome, RollbackStatus, RollbackTold,
};
use crate::domain::text;
use crate::domain::version::{Version, Versions};
use crate::error::Result;

/// The longest line of an output, in characters; a path is the longest there is.
const LONGEST: usize = 4_096;

/// Returns the outputs of the Action, in the order of its list; `json` is where the document lies.
pub fn outputs(_: &Context, ended: Ended<'_>, json: &str) -> Vec<(String, String)> {
    let (result, reason) = match ended {
        Ok(outcome) => {
            let reason = outcome.ending.reason;
            (reason.outcome().as_str(), reason.code())
        }
        Err(error) => (words::result_of(error.kind()).as_str(), error.reason()),
    };
    let told = ended.map(Told::of).unwrap_or_default();
    let number = |n: Option<u64>| n.map(|n| n.to_string()).unwrap_or_default();
    let pairs = [
        ("result", result.to_owned()),
        ("reason", reason.to_owned()),
        ("verdict", told.verdict.to_owned()),
        ("deployment", number(told.deployment)),
        ("version", version(&told.running)),
        ("commit", told.commit.map(|commit| commit.to_string()).unwrap_or_default()),
        ("rolled-back", told.returned_to.is_some().to_string()),
        ("rolled-back-to", number(told.returned_to)),
        ("last-stable", number(told.last_stable)),
        ("json", json.to_owned()),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What an outcome says, as far as outputs go.
#[derive(Default)]
struct Told {
    verdict: &'static str,
    deployment: Option<u64>,
    running: Versions,
    commit: Option<Commit>,
    returned_to: Option<u64>,
    last_stable: Option<u64>,
}

impl Told {
    fn of(outcome: &Outcome) -> Self {
        let rollback = outcome.rollback.as_ref();
        let about = about(outcome);
        let returned_to = returned_to(outcome);
        let running = running(outcome, about);
        let verdict = outcome.gate.as_ref().map(|gate| gate.verdict);
        Self {
            verdict: verdict.map_or("", |verdict| words::verdict(verdict).0),
            deployment: about.map(|told| told.n).or(rollback.and_then(|told| told.deployment)),
            commit: commit(&running, about.filter(|_| rollback.is_none())),
            running,
            last_stable: last_stable(outcome, about, returned_to),
            returned_to,
        }
    }
}

fn about(outcome: &Outcome) -> Option<&DeploymentTold> {
    match &outcome.more {
        More::Status(status) => status.current.as_ref(),
        More::Nothing {}
        | More::History { .. }
        | More::Between { .. }
        | More::Planned { .. }
        | More::Requested { .. }
        | More::Matrix { .. }
        | More::Examined { .. }
        | More::Pruned { .. } => outcome.deployment.as_ref(),
    }
}

/// What runs after it all: the deployment's versions, and over them what was brought back.
pub(super) fn running(outcome: &Outcome, about: Option<&DeploymentTold>) -> Versions {
    let mut running = about.map(|told| told.versions.clone()).unwrap_or_default();
    let is_shown_only = outcome.ending.reason == Reason::Planned;
    if let Some(told) = outcome.rollback.as_ref().filter(|_| !is_shown_only) {
        running.extend(told.new_versions.clone());
    }
    running
}

/// The deployment that was returned to; none where it was not, or not proven although it could be.
fn returned_to(outcome: &Outcome) -> Option<u64> {
    let completed = |told: &&RollbackTold| told.status == RollbackStatus::Completed;
    let told = outcome.rollback.as_ref().filter(completed)?;
    let reason = outcome.ending.reason;
    let made = outcome.deployment.as_ref().map(|deployment| deployment.kind);
    let unproven_back = reason == Reason::Unproven && made != Some(Kind::RollForward);
    let is_back = matches!(reason, Reason::RolledBack | Reason::Returned) || unproven_back;
    told.to.filter(|_| is_back)
}

fn last_stable(
    outcome: &Outcome,
    about: Option<&DeploymentTold>,
    returned_to: Option<u64>,
) -> Option<u64> {
    if let More::Status(status) = &outcome.more {
        return status.last_stable.as_ref().map(|told| told.n);
    }
    let stable = about.filter(|told| told.status == Status::Stable).map(|told| told.n);
    stable.or(made_stable(outcome)).or(returned_to)
}

/// The deployment that a rollback made, where it was marked stable.
fn made_stable(outcome: &Outcome) -> Option<u64> {
    let rollback = outcome.rollback.as_ref()?;
    let proof = rollback.verification.as_ref()?;
    rollback.deployment.filter(|_| proof.marked_stable)
}

/// One version where all services run the same, else one `NAME=VERSION` a line.
fn version(versions: &Versions) -> String {
    let distinct: BTreeSet<String> = versions.values().map(string).collect();
    if distinct.len() == 1 {
        return distinct.into_iter().next().unwrap_or_default();
    }
    let line = |(service, version)| format!("{}={}", words::name(service), string(version));
    versions.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn string(version: &Version) -> String {
    words::shown(&version.version)
}

/// The commit of what runs: all services' one, else the deployment's own.
fn commit(versions: &Versions, about: Option<&DeploymentTold>) -> Option<Commit> {
    let distinct: BTreeSet<&Commit> = versions.values().filter_map(|v| v.commit.as_ref()).collect();
    match distinct.len() {
        1 => distinct.into_iter().next().cloned(),
        _ => about.and_then(|told| told.commit.clone()),
    }
}

/// Returns outputs as GitHub's output file takes them, each between two delimiters.
pub fn write_outputs(outputs: &[(String, String)], delimiter: &str) -> Result<String> {
    let is_drawn = !delimiter.is_empty() && delimiter.chars().all(|c| c.is_ascii_alphanumeric());
    if !is_drawn || outputs.iter().any(|(_, value)| value.contains(delimiter)) {
        return Err(commands::spoken("delimiter of outputs"));
    }
    let told = |(name, value): &(String, String)| {
        let lines: Vec<String> = value.lines().map(|line| text::clean(line, LONGEST)).collect();
        format!("{name}<<{delimiter}\n{}\n{delimiter}\n", lines.join("\n"))
    };
    Ok(outputs.iter().map(told).collect())
}

/// Returns outputs as a dotenv report, which knows one line a value.
pub fn dotenv(outputs: &[(String, String)]) -> String {
    let line = |(name, value): &(String, String)| {
        let name = name.to_uppercase().replace('-', "_");
        format!("LASTGOOD_{name}={}\n", text::clean(value, LONGEST))
    };
    outputs.iter().map(line).collect()
}
