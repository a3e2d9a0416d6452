//! What every kind of check has in common.

use std::path::PathBuf;
use std::sync::Arc;

use crate::adapters::http::Http;
use crate::adapters::secret::Secret;
use crate::domain::check::Reach;
use crate::domain::facts::Facts;
use crate::error::Result;
use crate::ports::Probe;

/// What a kind of check asks, before it is connected.
pub trait Question {
    /// Returns the kind as the configuration names it: `http`, `tcp`, `command` …
    fn kind(&self) -> &'static str;

    /// Returns what stands between us and the subject.
    fn reach(&self) -> Reach {
        Reach::Direct
    }

    /// Returns every mistake that only the whole shows.
    fn mistakes(&self) -> Vec<String> {
        Vec::new()
    }

    /// Returns what the check is called after where it has no name.
    fn subject(&self) -> Subject;

    /// Makes the probe; a secret that cannot be read is refused.
    fn connect(&self, around: &Around<'_>) -> Result<Arc<dyn Probe>>;
}

/// What a check is called after where it has no name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The key whose value it is.
    pub key: &'static str,
    /// How the value is shown; as it is written where it is `None`.
    pub shown: Option<String>,
}

impl Subject {
    /// Returns a subject that is shown as it is written.
    pub fn written(key: &'static str) -> Self {
        Self { key, shown: None }
    }

    /// Returns a subject that is shown in these words.
    pub fn shown(key: &'static str, shown: impl Into<String>) -> Self {
        Self { key, shown: Some(shown.into()) }
    }
}

/// What every probe finds around itself.
pub struct Around<'a> {
    /// The folder of the configuration, in which commands run and relative files lie.
    pub folder: PathBuf,
    /// What a user's command is told and no measurement changes.
    pub facts: Facts,
    /// Secrets of ours that no child may see.
    pub withheld: Vec<Secret>,
    /// The HTTP client, made with the first check that needs it.
    pub http: &'a dyn Fn() -> Result<Http>,
}

impl Around<'_> {
    /// Returns a file of the configuration's, relative to its folder.
    pub fn file(&self, path: &std::path::Path) -> PathBuf {
        self.folder.join(path)
    }
}
