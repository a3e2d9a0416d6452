//! Asks a repository where a ref points.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::question::{Around, Question, Subject};
use crate::adapters::process::{Ended, Failure, Finished};
use crate::adapters::secret::{Secret, masked, without_credentials};
use crate::domain::check::{Measurement, Reach};
use crate::domain::duration::Span;
use crate::domain::text;
use crate::domain::version::Version;
use crate::error::Result;
use crate::ports::Probe;

mod program;
mod written;

pub use written::{Equals, RefName, Remote};

/// Asks a repository where a ref points; nothing is fetched.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "GitCheck")]
pub struct Settings {
    /// The URL of the repository, without a query, or the name of a remote of the one that holds the configuration; `origin` unless given.
    #[serde(default)]
    pub remote: Remote,
    /// The ref, such as `refs/heads/main`, `main` or `v1.2`; `HEAD` unless given.
    #[serde(default, rename = "ref")]
    pub name: RefName,
    /// The commit it must point at, in hexadecimal; `{commit}`, that of the version under test, unless given.
    #[serde(default)]
    pub equals: Equals,
    /// A token for a repository that is reached by HTTP.
    #[serde(default)]
    pub token: Option<Secret>,
    /// The file that holds that token.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "git"
    }

    fn reach(&self) -> Reach {
        Reach::Instrument
    }

    fn mistakes(&self) -> Vec<String> {
        let twice = self.token.is_some() && self.token_file.is_some();
        twice.then(|| "`token` is given twice".to_owned()).into_iter().collect()
    }

    fn subject(&self) -> Subject {
        Subject::shown("ref", self.name.as_str())
    }

    fn connect(&self, around: &Around<'_>) -> Result<Arc<dyn Probe>> {
        let token = match (&self.token, &self.token_file) {
            (Some(token), _) => Some(token.clone()),
            (None, Some(file)) => Some(Secret::from_file(&around.file(file))?),
            (None, None) => None,
        };
        let Around { folder, withheld, .. } = around;
        let (settings, folder) = (self.clone(), folder.clone());
        Ok(Arc::new(GitProbe { settings, folder, token, withheld: withheld.clone() }))
    }
}

/// Asks a repository where a ref points.
#[derive(Debug)]
pub struct GitProbe {
    settings: Settings,
    folder: PathBuf,
    token: Option<Secret>,
    withheld: Vec<Secret>,
}

#[async_trait]
impl Probe for GitProbe {
    fn kind(&self) -> &'static str {
        "git"
    }

    fn reach(&self) -> Reach {
        Reach::Instrument
    }

    async fn measure(&self, expected: Option<&Version>, timeout: Duration) -> Measurement {
        let Some(wanted) = self.settings.equals.commit(expected) else {
            let why = "the commit of the version under test is not known, so nothing equals it";
            return Measurement::error(why);
        };
        match self.listing(timeout).finish().await {
            Ok(finished) if finished.succeeded() => self.judge(&finished, &wanted),
            Ok(finished) => Measurement::error(self.refusal(&finished)),
            Err(Failure::TimedOut { after, .. }) => {
                let (remote, time) = (self.shown(), Span::from(after));
                let message = format!("{remote} gave no answer within `{time}`");
                Measurement::unreached(Reach::Instrument, message)
            }
            Err(
                failure @ (Failure::NotFound(_)
                | Failure::NoFolder(_)
                | Failure::NotStarted(..)
                | Failure::Lost(..)),
            ) => Measurement::error(failure.to_string()),
        }
    }
}

impl GitProbe {
    fn judge(&self, finished: &Finished, wanted: &str) -> Measurement {
        let name = text::clean(self.settings.name.as_str(), 60);
        let found = match self.settings.name.found(&finished.stdout.text()) {
            written::Found::One(commit) => commit,
            written::Found::None => {
                return Measurement::fail(format!("{} has no ref `{name}`", self.shown()));
            }
            written::Found::Many(names) => {
                let names = text::clean(&names.join("`, `"), 100);
                let message = format!("`{name}` may be `{names}`; write the ref in full");
                return Measurement::error(message);
            }
        };
        let [is, limit] = [found.as_str(), wanted].map(brief);
        let judged = if found.starts_with(wanted) {
            Measurement::pass(format!("`{name}` points at {is}"))
        } else {
            Measurement::fail(format!("`{name}` points at {is}, not {limit}"))
        };
        judged.judged(&found, wanted)
    }

    /// What git says, without what proves who we are.
    fn refusal(&self, finished: &Finished) -> String {
        let said = finished.stderr.text();
        let lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
        let telling = lines.filter(|line| !line.starts_with("hint:")).collect::<Vec<_>>();
        let said = without_credentials(&telling.join("; "));
        let said = masked(&said, self.token.iter().chain(&self.withheld));
        let ended = match finished.ended {
            Ended::Code(_) if !said.is_empty() => said,
            ended @ (Ended::Code(_) | Ended::Signal(_)) => format!("git: {ended}"),
        };
        format!("{} could not be asked: {}", self.shown(), text::clean(&ended, 140))
    }

    fn shown(&self) -> String {
        let remote = without_credentials(self.settings.remote.as_str());
        format!("`{}`", text::clean(&remote, 80))
    }
}

fn brief(commit: &str) -> String {
    commit.chars().take(12).collect()
}

#[cfg(test)]
mod tests;
