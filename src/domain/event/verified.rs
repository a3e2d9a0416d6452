//! What was seen of a deployment, and what was made of it.

use serde::{Deserialize, Serialize};

use super::super::names::Service;
use super::super::policy::Reaction;
use super::super::slots::Shares;
use super::super::verdict::{Outcome, Verdict};
use super::super::version::Versions;

/// What the gate said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verified {
    /// The verdict.
    pub verdict: Verdict,
    /// The versions it is about.
    pub versions: Versions,
    /// Each check, in short.
    pub checks: Vec<CheckNote>,
    /// What a policy of the user's own made of it, where it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
    /// How the traffic was shared meanwhile, where there are slots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic: Option<Shares>,
}

/// What a policy of the user's own made of a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// Its answer; to hold, where it gave none.
    pub answer: Reaction,
    /// The program that was asked.
    pub by: String,
    /// Why it gave none, where it gave none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
}

/// One check's result, as an event holds it: no header, no body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckNote {
    /// The check's name.
    pub name: String,
    /// The service it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// What it found.
    pub outcome: Outcome,
    /// What it found, in at most 200 characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// The value that was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What it was held against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
}
