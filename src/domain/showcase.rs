//! How each recent deployment ought to be shown to people.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::event::{CiRun, FinishOutcome, Kind};
use super::ids::OperationId;
use super::names::Commit;
use super::operation::{Operation, Stability};
use super::slots::Slot;
use super::state::State;
use super::verdict::Verdict;

mod picture;
mod words;

pub use picture::{Move, Picture, Saying, Seen, Shown};

/// How many of the newest operations are kept level, beside those that a command has touched.
const RECENT: usize = 3;

/// Whom an environment is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Purpose {
    /// For everybody: people use it.
    Production,
    /// For the team.
    #[default]
    Internal,
    /// For the team, and only for a while.
    Transient,
}

impl Purpose {
    /// Returns what an environment is there for when nobody said so.
    pub fn of(environment: &str) -> Self {
        match environment.to_ascii_lowercase().as_str() {
            "production" | "prod" => Self::Production,
            _ => Self::Internal,
        }
    }

    /// Returns the word that the configuration has for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Internal => "internal",
            Self::Transient => "transient",
        }
    }
}

/// How a deployment is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Showing {
    /// It is under way, or nothing proves it yet.
    InProgress,
    /// It runs, and nothing is known against it.
    Success,
    /// It failed, is sick, or was rolled back from.
    Failure,
    /// It ran, and something newer took its place.
    Inactive,
    /// Whoever made it is gone.
    Error,
}

/// What will say whether a deployment is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// A gate is configured.
    Gate,
    /// No check could prove anything.
    NoGate,
    /// Nothing: the environment was closed for good.
    Closed,
}

/// What is said of a deployment's commit, beside the deployment itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitWord {
    /// It is being deployed, or not proven yet.
    Pending,
    /// It was found good.
    Success,
    /// It was found bad.
    Failure,
    /// Nobody could tell.
    Error,
}

/// One deployment as it ought to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Display {
    /// The operation.
    pub operation: OperationId,
    /// Its number.
    pub n: u64,
    /// What kind of change it is.
    pub kind: Kind,
    /// The commit that it deploys.
    pub commit: Commit,
    /// What it brings, in words.
    pub title: String,
    /// How it is shown.
    pub showing: Showing,
    /// Why, in words.
    pub words: String,
    /// What is said of the commit; nothing where nothing new is known of it.
    pub commit_word: Option<CommitWord>,
    /// The CI run that made it.
    pub ci: Option<CiRun>,
}

impl Display {
    /// Says how far the traffic has moved, while the deployment is under way.
    pub fn at_stage(&mut self, slot: &Slot, percent: u8) {
        if self.showing == Showing::InProgress {
            self.words = words::at_stage(self.n, slot, percent);
        }
    }
}

/// Returns how the newest operations ought to be shown, and those that were touched; oldest first.
pub fn displays(
    state: &State,
    touched: &BTreeSet<OperationId>,
    outlook: Outlook,
    now: Timestamp,
) -> Vec<Display> {
    // What empties a slot deploys nothing.
    let shown = || state.operations.iter().filter(|operation| !operation.empties());
    let recent = shown().count().saturating_sub(RECENT);
    let meant = shown()
        .enumerate()
        .filter(|(at, operation)| *at >= recent || touched.contains(&operation.id));
    meant.filter_map(|(_, operation)| display(state, operation, outlook, now)).collect()
}

/// Returns how an operation ought to be shown; nothing where it has no commit.
fn display(
    state: &State,
    operation: &Operation,
    outlook: Outlook,
    now: Timestamp,
) -> Option<Display> {
    let showing = showing(state, operation, outlook, now);
    let commit = operation.commit()?.clone();
    Some(Display {
        operation: operation.id,
        n: operation.n,
        kind: operation.kind,
        commit_word: commit_word(state, operation, &commit, showing),
        commit,
        title: words::title(state, operation),
        showing,
        words: words::why(state, operation, showing, outlook),
        ci: operation.ci().cloned(),
    })
}

fn showing(state: &State, operation: &Operation, outlook: Outlook, now: Timestamp) -> Showing {
    if operation.is_open() {
        return if operation.is_abandoned(now) { Showing::Error } else { Showing::InProgress };
    }
    if is_bad(operation) {
        return Showing::Failure;
    }
    if state.current().is_none_or(|current| current.id != operation.id) {
        return Showing::Inactive;
    }
    let verdict = operation.verified.as_ref().map(|(verified, _)| verified.verdict);
    match (&operation.stability, verdict, outlook) {
        (_, _, Outlook::Closed) => Showing::Inactive,
        (Stability::Stable { .. }, _, _)
        | (_, Some(Verdict::Healthy), _)
        | (_, None, Outlook::NoGate) => Showing::Success,
        (_, Some(Verdict::Unhealthy), _) => Showing::Failure,
        (_, Some(Verdict::Inconclusive | Verdict::Error), _) | (_, None, Outlook::Gate) => {
            Showing::InProgress
        }
    }
}

/// What failed or is sick stays so to see, whatever came after it; an outage of what was stable before
/// is no fault of the deployment.
fn is_bad(operation: &Operation) -> bool {
    let finished = operation.finished.as_ref().map(|finished| finished.outcome);
    let verdict = operation.verified.as_ref().map(|(verified, _)| verified.verdict);
    match (finished, &operation.stability) {
        (Some(FinishOutcome::Failed | FinishOutcome::Partial | FinishOutcome::Undone), _)
        | (_, Stability::Ended(_)) => true,
        (Some(FinishOutcome::Completed) | None, Stability::Stable { .. }) => false,
        (Some(FinishOutcome::Completed) | None, Stability::Unproven) => {
            verdict == Some(Verdict::Unhealthy)
        }
    }
}

/// A return says nothing new of a commit that was good before, unless the version that was fled was
/// of the same commit.
fn commit_word(
    state: &State,
    operation: &Operation,
    commit: &Commit,
    showing: Showing,
) -> Option<CommitWord> {
    let fled = operation.started.as_ref().and_then(|started| started.from);
    let fled = fled.and_then(|id| state.operation(id)).and_then(Operation::commit);
    let is_news = match operation.kind {
        Kind::Deploy | Kind::Switch => true,
        Kind::Rollback | Kind::RollForward => fled == Some(commit),
    };
    match showing {
        Showing::InProgress => is_news.then_some(CommitWord::Pending),
        Showing::Success => is_news.then_some(CommitWord::Success),
        Showing::Failure => Some(CommitWord::Failure),
        Showing::Error => Some(CommitWord::Error),
        Showing::Inactive => None,
    }
}

#[cfg(test)]
mod tests;
