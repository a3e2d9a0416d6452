//! What a check of a repository is written in.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::adapters::secret::without_credentials;
use crate::domain::text;
use crate::domain::version::Version;

/// What stands for the commit of the version under test.
const OF_VERSION: &str = "{commit}";

/// A shorter piece of a commit is no proof.
const SHORTEST: usize = 7;

/// A repository: a URL, a path, or the name of a remote.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Remote(String);

impl Remote {
    /// Returns it as git is told; it may hold a password.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Remote {
    fn default() -> Self {
        Self("origin".to_owned())
    }
}

impl TryFrom<String> for Remote {
    type Error = String;

    fn try_from(remote: String) -> Result<Self, String> {
        if remote.is_empty() || remote.starts_with('-') || remote.contains(char::is_control) {
            return Err("this is no URL and no name of a remote".to_owned());
        }
        // git hands a URL on in the arguments of its children, which are seen by all.
        if remote.split_once("://").is_some_and(|(_, rest)| rest.contains(['?', '#'])) {
            let why = "a URL that git is told has nothing behind a `?` or `#`";
            return Err(format!("{why}; give a token as `token: ${{env:NAME}}`, or `token_file`"));
        }
        Ok(Self(remote))
    }
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&without_credentials(&self.0))
    }
}

/// The name of a ref, in full or in short.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct RefName(String);

impl Default for RefName {
    fn default() -> Self {
        Self("HEAD".to_owned())
    }
}

impl TryFrom<String> for RefName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let odd = |c: char| c.is_control() || c.is_whitespace() || "~^:?*[\\".contains(c);
        let wrong = name.is_empty()
            || name.starts_with(['-', '/'])
            || name.ends_with(['/', '.'])
            || name.contains("..")
            || name.contains(odd);
        if wrong {
            let name = text::clean(&name, 80);
            return Err(format!("`{name}` is no ref; write it like `refs/heads/main`"));
        }
        Ok(Self(name))
    }
}

/// What a list of refs has of a name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The commit.
    One(String),
    /// Nothing.
    None,
    /// These refs, which do not point at the same.
    Many(Vec<String>),
}

impl RefName {
    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns what git is asked for: the ref, and the commit that an annotated tag stands for.
    pub(super) fn patterns(&self) -> Vec<String> {
        self.names().into_iter().flat_map(|name| [format!("{name}^{{}}"), name]).collect()
    }

    fn names(&self) -> Vec<String> {
        let name = &self.0;
        if name == "HEAD" || name.starts_with("refs/") {
            return vec![name.clone()];
        }
        vec![format!("refs/heads/{name}"), format!("refs/tags/{name}")]
    }

    /// Returns what a list of refs has of it; git lists all that ends in what was asked for.
    pub(super) fn found(&self, listed: &str) -> Found {
        let rows = listed.lines().filter_map(|line| line.split_once('\t'));
        let rows: BTreeMap<&str, &str> = rows.map(|(commit, name)| (name, commit)).collect();
        let mut found: Vec<(String, &str)> = Vec::new();
        for name in self.names() {
            let peeled = rows.get(format!("{name}^{{}}").as_str());
            if let Some(commit) = peeled.or_else(|| rows.get(name.as_str())) {
                found.push((name, commit));
            }
        }
        match found.as_slice() {
            [] => Found::None,
            [(_, commit), others @ ..] if others.iter().all(|(_, other)| other == commit) => {
                Found::One((*commit).to_owned())
            }
            _ => Found::Many(found.into_iter().map(|(name, _)| name).collect()),
        }
    }
}

/// The commit that a ref must point at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Equals {
    /// That of the version under test.
    #[default]
    Version,
    /// This one, or the one that begins so.
    Commit(String),
}

impl Equals {
    /// Returns the commit, or the beginning of it; none where it is not known.
    pub(super) fn commit(&self, expected: Option<&Version>) -> Option<String> {
        match self {
            Self::Commit(commit) => Some(commit.clone()),
            Self::Version => expected?.commit.as_ref().map(|commit| commit.as_str().to_owned()),
        }
    }
}

impl TryFrom<String> for Equals {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == OF_VERSION {
            return Ok(Self::Version);
        }
        let commit = text.to_ascii_lowercase();
        let is_hexadecimal = commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hexadecimal && (SHORTEST..=64).contains(&commit.len()) {
            return Ok(Self::Commit(commit));
        }
        let text = text::clean(&text, 80);
        Err(format!(
            "`{text}` is no commit; write `{OF_VERSION}`, or at least {SHORTEST} digits of it"
        ))
    }
}

macro_rules! written_as_text {
    ($type:ty, $name:literal, $example:literal) => {
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "examples": [$example] })
            }
        }
    };
}

written_as_text!(Remote, "GitRemote", "https://github.com/team/shop");
written_as_text!(RefName, "GitRef", "refs/heads/main");
written_as_text!(Equals, "GitCommit", "{commit}");
