//! What must hold before a rollback, as it is written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::words::TagDemand;

/// What must hold before a rollback.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in super::super) struct Safety {
    /// What a target must show besides being stable: anyone who may write to the repository can write that into the ledger.
    pub target: Target,
}

/// What a target must show besides being stable.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in super::super) struct Target {
    /// The branches of which one must hold the target's commits; without any it is the default branch, and where nobody can tell, that is told and no more.
    #[schemars(example = &["main"])]
    pub reachable_from: Option<Vec<String>>,
    /// Whether the target's `deploy` tag must be there. One that says something else than the ledger is refused in any case.
    pub tag: TagDemand,
}
