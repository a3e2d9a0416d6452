//! Who asks, and who is to answer.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::super::json_path::JsonPath;
use super::super::super::pattern::Pattern;
use super::HeaderKey;
use crate::adapters::secret::Secret;

/// A name and password.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "BasicAuthorization", extend("writeOnly" = true))]
pub struct Basic {
    /// The name.
    pub user: String,
    /// The password.
    #[serde(default)]
    pub password: Option<Secret>,
    /// The file that holds the password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
}

/// Where an answer names the version that gave it.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExpectVersion {
    /// At a path into the JSON body: `{json: .version}`.
    Json(JsonPath),
    /// In a header: `{header: X-Version}`.
    Header(HeaderKey),
    /// Where a regular expression matches the body, its first group: `{regexp: 'version (\S+)'}`.
    Regexp(Pattern),
}
