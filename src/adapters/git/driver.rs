//! Brings an environment's branch back to an older tree.

use schemars::JsonSchema;
use serde::Deserialize;

/// Brings the branch that a platform deploys from to the tree of a version, by a new commit; history is kept.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "GitDriver")]
pub struct Settings {
    /// The branch.
    #[schemars(example = &"production")]
    pub branch: String,
    /// Paths that are left as they are, beside lastgood's own configuration.
    #[serde(default = "workflows")]
    pub keep: Vec<String>,
    /// The commit's subject; `Roll back to VERSION` or `Deploy VERSION` unless given.
    #[serde(default)]
    pub message: Option<String>,
}

fn workflows() -> Vec<String> {
    vec![".github/workflows".to_owned()]
}
