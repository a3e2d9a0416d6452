//! Why a set of checks is no gate.

use std::collections::BTreeSet;

use super::super::check::{Check, Phase, Weight};

/// Why a set of checks is no gate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GateMistake {
    /// No check counts.
    #[error("no check is required, so the gate could never fail")]
    NothingRequired,
    /// Two checks cannot be told apart.
    #[error("two checks are named `{0}`")]
    Twice(String),
    /// A watching check has no end of its own.
    #[error("the check `{0}` watches without a `count`, so the gate could never pass")]
    Endless(String),
}

/// Returns why a set of checks is no gate; all mistakes at once.
pub fn mistakes<'a>(checks: impl IntoIterator<Item = &'a Check>) -> Vec<GateMistake> {
    let mut found = Vec::new();
    let mut names = BTreeSet::new();
    let mut required = false;
    for check in checks {
        required |= check.weight == Weight::Required;
        if !names.insert(&check.name) {
            found.push(GateMistake::Twice(check.name.clone()));
        }
        if check.phase == Phase::Watch && check.limits.count.is_none() {
            found.push(GateMistake::Endless(check.name.clone()));
        }
    }
    if !required {
        found.push(GateMistake::NothingRequired);
    }
    found
}
