//! What a git driver is told, each part checked where it enters.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::text;

/// The longest first line of a commit's message, in characters.
const SUBJECT: usize = 200;

/// Brings a branch to the files of a version, by a new commit on top of it and never by force; whatever deploys that branch follows.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "GitDriver")]
pub struct Settings {
    /// The branch that the environment is deployed from, without `refs/heads/`; it must exist.
    pub branch: Branch,
    /// Paths that stay as they are on the branch. Unless given: `.github/workflows` and lastgood's configuration.
    #[serde(default)]
    pub keep: Option<Vec<KeptPath>>,
    /// The first line of the commit's message; unless given it says what was done.
    #[serde(default)]
    pub message: Option<Subject>,
    /// The remote that has the branch, by its name or URL; the ledger's unless given.
    #[serde(default)]
    pub remote: Option<String>,
}

/// A branch by its short name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline)]
pub struct Branch(String);

/// A file or folder of the repository, by its path from the top.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline)]
pub struct KeptPath(String);

/// One line of text.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline)]
pub struct Subject(String);

impl Branch {
    /// Returns the full name.
    pub fn reference(&self) -> String {
        format!("refs/heads/{}", self.0)
    }
}

impl KeptPath {
    /// Returns the names on the way, from the top.
    pub fn parts(&self) -> Vec<&str> {
        self.0.split('/').collect()
    }
}

impl Subject {
    /// Returns the line.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Branch {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let shown = text::clean(&text, SUBJECT);
        if text.starts_with("refs/") {
            return Err(format!("`{shown}` is a full name; leave out `refs/heads/`"));
        }
        let valid = git2::Branch::name_is_valid(&text).unwrap_or(false);
        if !valid || text.chars().any(text::is_unprintable) {
            return Err(format!("`{shown}` is no name of a branch"));
        }
        Ok(Self(text))
    }
}

impl TryFrom<String> for KeptPath {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let path = text.strip_suffix('/').unwrap_or(&text);
        let part = |part: &str| !matches!(part, "" | "." | ".." | ".git");
        let why = if path.starts_with('/') {
            "it starts at the root of the machine; write it from the top of the repository"
        } else if path.contains('*') {
            "it is taken as it is written, and is no pattern"
        } else if path.contains('\\') {
            "its folders are parted by `/`"
        } else if path.chars().any(text::is_unprintable) {
            "it holds a control or invisible character"
        } else if !path.split('/').all(part) {
            "each part must be a name, and neither `.`, `..` nor `.git`"
        } else {
            return Ok(Self(path.to_owned()));
        };
        Err(format!("`{}` is no path to keep: {why}", text::clean(&text, SUBJECT)))
    }
}

impl TryFrom<String> for Subject {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let line = text.trim();
        if line.is_empty() || line.chars().count() > SUBJECT || text::clean(line, SUBJECT) != line {
            return Err(format!("the message must be one line of 1 to {SUBJECT} characters"));
        }
        Ok(Self(line.to_owned()))
    }
}

impl fmt::Display for Branch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Display for KeptPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_is_a_name_that_git_takes() {
        for good in ["main", "deploy/production", "v1.2"] {
            assert_eq!(Branch::try_from(good.to_owned()).unwrap().to_string(), good);
        }
        for bad in
            ["", "-f", "a..b", "a b", "x.lock", "HEAD", "refs/heads/main", "a:b", "a\u{202e}b"]
        {
            assert!(Branch::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_kept_path_stays_in_the_repository() {
        let parts = |text: &str| KeptPath::try_from(text.to_owned()).map(|path| path.to_string());
        assert_eq!(parts(".github/workflows/").unwrap(), ".github/workflows");
        assert_eq!(parts("pages/[id].tsx").unwrap(), "pages/[id].tsx");
        for bad in
            ["", "/", ".", "..", "a/../b", "/etc", "a//b", ".git/config", "*.yml", "a\\b", "a\nb"]
        {
            assert!(parts(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_message_is_one_line() {
        assert_eq!(
            Subject::try_from(" back [skip ci] ".to_owned()).unwrap().as_str(),
            "back [skip ci]"
        );
        for bad in ["", " ", "a\nb", "a\u{1b}[31m", &"x".repeat(SUBJECT + 1)] {
            assert!(Subject::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn unknown_settings_are_refused() {
        let read = |text| serde_json::from_str::<Settings>(text);
        assert!(read(r#"{"branch":"main"}"#).is_ok());
        assert!(read(r#"{"branch":"main","force":true}"#).is_err());
        assert!(read(r#"{"branch":"main","keep":["../x"]}"#).is_err());
    }
}
