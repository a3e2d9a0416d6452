//! Who vouches for a target besides the ledger.

use std::collections::BTreeSet;

use super::event::PlannedStep;
use super::ids::OperationId;
use super::names::Commit;
use super::operation::Operation;
use super::outcome::{Safety, SafetyRule, Severity};
use super::tagging::Told;

/// What a target must show besides being stable.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TargetPolicy {
    /// The branches of which one must hold its commits.
    pub reachable_from: Branches,
    /// Whether its tag must be there.
    pub tag: TagDemand,
}

/// The branches that vouch for what is on them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Branches {
    /// Nobody named one: the repository's default branch, where it can be asked.
    #[default]
    Usual,
    /// These; what cannot be asked is refused.
    Named(Vec<String>),
}

/// Whether a target's `deploy` tag must be there; what is there must say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TagDemand {
    /// It may be missing.
    #[default]
    Optional,
    /// It must be there.
    Required,
}

/// Whether a commit is part of a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Descent {
    /// It is.
    Part,
    /// It is not.
    Apart,
    /// Nobody could tell, for this reason.
    Unknown(String),
}

/// What a target's tag says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagSays {
    /// The same as the ledger.
    Same,
    /// Something else.
    Otherwise,
    /// Nothing: it is not there.
    Absent,
    /// Nobody could tell, for this reason.
    Unknown(String),
}

/// What was found out about one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The target.
    pub target: OperationId,
    /// What was asked after.
    pub brought: Brought,
    /// Whether the branches hold its commits.
    pub descent: Descent,
    /// What its tag says.
    pub tag: TagSays,
}

/// The commits that a rollback to a target would bring back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Brought {
    /// Those of this repository.
    pub commits: BTreeSet<Commit>,
    /// The services whose version names none.
    pub without: BTreeSet<super::names::Service>,
}

impl Evidence {
    /// Returns whether it is about a target and all that would be brought back of it.
    pub fn covers(&self, target: OperationId, brought: &Brought) -> bool {
        self.target == target
            && self.brought.commits.is_superset(&brought.commits)
            && self.brought.without.is_superset(&brought.without)
    }
}

/// Returns the commits that the steps of a rollback would bring back.
pub fn brought_back(steps: &[PlannedStep]) -> Brought {
    let mut brought = Brought::default();
    for step in steps {
        match (&step.to.commit, &step.to.repository) {
            (Some(commit), None) => drop(brought.commits.insert(commit.clone())),
            (None, _) | (Some(_), Some(_)) => drop(brought.without.insert(step.service.clone())),
        }
    }
    brought
}

/// Joins what several branches say of one commit: one that holds it is enough.
pub fn any(said: impl IntoIterator<Item = Descent>) -> Descent {
    let mut joined = Descent::Apart;
    for one in said {
        joined = match (joined, one) {
            (Descent::Part, _) | (_, Descent::Part) => Descent::Part,
            (Descent::Unknown(why), _) | (Descent::Apart, Descent::Unknown(why)) => {
                Descent::Unknown(why)
            }
            (Descent::Apart, Descent::Apart) => Descent::Apart,
        };
    }
    joined
}

/// Joins what is said of several commits: one that is apart spoils all.
pub fn all(said: impl IntoIterator<Item = Descent>) -> Descent {
    let mut joined = Descent::Part;
    for one in said {
        joined = match (joined, one) {
            (Descent::Apart, _) | (_, Descent::Apart) => Descent::Apart,
            (Descent::Unknown(why), _) | (Descent::Part, Descent::Unknown(why)) => {
                Descent::Unknown(why)
            }
            (Descent::Part, Descent::Part) => Descent::Part,
        };
    }
    joined
}

/// Returns what a tag's message says of a deployment, compared with the ledger.
pub fn read_tag(message: Option<&str>, on: Option<&str>, operation: &Operation) -> TagSays {
    let Some(told) = message.and_then(Told::read) else { return TagSays::Otherwise };
    let same_commit = on == operation.commit().map(Commit::as_str);
    let same_point = Some(&told.versions) == operation.versions();
    if same_commit && same_point && told.operation == operation.id {
        TagSays::Same
    } else {
        TagSays::Otherwise
    }
}

/// Returns the safety checks that evidence amounts to.
pub fn safety(policy: &TargetPolicy, n: u64, evidence: &Evidence) -> [Safety; 2] {
    [descent(policy, n, &evidence.descent), tag(policy, n, &evidence.tag)]
}

fn descent(policy: &TargetPolicy, n: u64, found: &Descent) -> Safety {
    let (branches, unsure) = match &policy.reachable_from {
        Branches::Usual => ("the default branch".to_owned(), Severity::Warning),
        Branches::Named(names) => {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            (names.join(" or "), Severity::Error)
        }
    };
    let (passed, severity, message) = match found {
        Descent::Part => {
            (true, Severity::Error, format!("the commits of deployment {n} are part of {branches}"))
        }
        Descent::Apart => (
            false,
            Severity::Error,
            format!("a commit of deployment {n} is not part of {branches}"),
        ),
        Descent::Unknown(why) => (
            false,
            unsure,
            format!("it is not known whether deployment {n} is part of {branches}: {why}"),
        ),
    };
    Safety { name: SafetyRule::TargetReachable, passed, severity, message }
}

fn tag(policy: &TargetPolicy, n: u64, found: &TagSays) -> Safety {
    let missing = match policy.tag {
        TagDemand::Optional => Severity::Warning,
        TagDemand::Required => Severity::Error,
    };
    let (passed, severity, message) = match found {
        TagSays::Same => {
            (true, Severity::Error, format!("the `deploy` tag of deployment {n} says the same"))
        }
        TagSays::Otherwise => (
            false,
            Severity::Error,
            format!("the `deploy` tag of deployment {n} says something else than the ledger"),
        ),
        TagSays::Absent => (false, missing, format!("deployment {n} has no `deploy` tag")),
        TagSays::Unknown(why) => {
            (false, missing, format!("the `deploy` tag of deployment {n} could not be read: {why}"))
        }
    };
    Safety { name: SafetyRule::TargetTagged, passed, severity, message }
}

#[cfg(test)]
mod tests;
