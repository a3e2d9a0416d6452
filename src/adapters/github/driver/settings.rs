//! What a workflow driver is told, each part checked where it enters.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use super::inputs::Inputs;
use crate::domain::duration::Span;
use crate::domain::text;

/// The time a run has when nobody says.
const TIMEOUT: Span = Span::mins(30);

/// The longest foreign word in a message, in characters.
pub(super) const WORD: usize = 100;

/// Dispatches a workflow of the repository on GitHub, and follows its run to the end; it is told what to do by its inputs.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "WorkflowDriver")]
pub struct Settings {
    /// The workflow's file, without `.github/workflows/`.
    #[schemars(example = &"deploy.yml")]
    pub file: WorkflowFile,
    /// The branch or tag whose workflow runs; the repository's default branch unless given.
    #[serde(default, rename = "ref")]
    pub reference: Option<GitRef>,
    /// The workflow's inputs by name. `{version}`, `{commit}`, `{service}`, `{environment}`, `{deployment}`, `{id}` … are filled in. Unless given: `lastgood_version`, `lastgood_commit`, `lastgood_service`, `lastgood_environment`, `lastgood_deployment`.
    #[serde(default)]
    pub inputs: Inputs,
    /// The time the run has, its waiting in the queue included; `30m` unless given. Then it is cancelled.
    #[serde(default = "usual_timeout")]
    pub timeout: Span,
}

fn usual_timeout() -> Span {
    TIMEOUT
}

/// A workflow by its file's name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline)]
pub struct WorkflowFile(String);

/// A branch or tag by its name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline)]
pub struct GitRef(String);

impl GitRef {
    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for WorkflowFile {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let shown = text::clean(&text, WORD);
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let stem = text.strip_suffix(".yml").or_else(|| text.strip_suffix(".yaml"));
        if text.contains('/') {
            return Err(format!("`{shown}` is a path; leave out `.github/workflows/`"));
        }
        if stem.is_none_or(str::is_empty) || !text.chars().all(plain) {
            return Err(format!("`{shown}` is no name of a workflow's file, such as `deploy.yml`"));
        }
        Ok(Self(text))
    }
}

impl TryFrom<String> for GitRef {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let odd = |c: char| c.is_whitespace() || text::is_unprintable(c) || "~^:?*[\\".contains(c);
        if text.is_empty() || text.starts_with('-') || text.contains("..") || text.contains(odd) {
            return Err(format!("`{}` is no name of a branch or tag", text::clean(&text, WORD)));
        }
        Ok(Self(text))
    }
}

impl fmt::Display for WorkflowFile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workflow_is_named_by_its_file_alone() {
        for good in ["deploy.yml", "deploy-prod.yaml", "d.e_f.yml"] {
            assert_eq!(WorkflowFile::try_from(good.to_owned()).unwrap().to_string(), good);
        }
        for bad in ["", ".yml", "deploy", "a/b.yml", "../x.yml", "a b.yml", "a?b.yml", "a%2f.yml"] {
            assert!(WorkflowFile::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_ref_is_a_branch_or_tag() {
        for good in ["main", "release/1.x", "v1.2"] {
            assert_eq!(GitRef::try_from(good.to_owned()).unwrap().as_str(), good);
        }
        for bad in ["", "-x", "a..b", "a b", "a\u{202e}b", "main~1", "a:b"] {
            assert!(GitRef::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }
}
