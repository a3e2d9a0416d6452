//! Looks at a file on this machine.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::sync::oneshot;

use super::command::ExpectVersion;
use super::pattern::Several;
use super::question::{Around, Question, Subject};
use crate::domain::check::{Measurement, Reach};
use crate::domain::duration::Span;
use crate::domain::version::Version;
use crate::error::Result;
use crate::ports::Probe;

mod content;
mod look;
#[cfg(unix)]
mod owner;
mod written;

pub use written::{Digest, Mode, Sort};

use look::Look;

/// Looks at a file, without ever waiting for one that has no end.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "FileCheck")]
pub struct Settings {
    /// Where it is, relative to the configuration's folder.
    pub path: PathBuf,
    /// Whether it must not be there.
    #[serde(default)]
    pub absent: bool,
    /// What it must be: `file`, `folder` or `link`; links are followed unless `link` is asked for.
    #[serde(default)]
    pub sort: Option<Sort>,
    /// Its permissions in octal, such as `"0640"`.
    #[serde(default)]
    pub mode: Option<Mode>,
    /// Its owner, by name or number.
    #[serde(default)]
    pub owner: Option<String>,
    /// Its group, by name or number.
    #[serde(default)]
    pub group: Option<String>,
    /// The sha256 of its content, in hexadecimal.
    #[serde(default)]
    pub sha256: Option<Digest>,
    /// Regular expressions that must all match its content, of which 4 MiB are looked at.
    #[serde(default)]
    pub contains: Several,
    /// Regular expressions of which none may match its content.
    #[serde(default)]
    pub lacks: Several,
    /// The longest time since it was changed, such as `1h`.
    #[serde(default)]
    pub max_age: Option<Span>,
    /// The fewest bytes that it may have.
    #[serde(default)]
    pub min_bytes: Option<u64>,
    /// The most bytes that it may have.
    #[serde(default)]
    pub max_bytes: Option<u64>,
    /// Where its content names the version; it must be the one under test, or its commit.
    #[serde(default)]
    pub expect_version: Option<ExpectVersion>,
}

impl Settings {
    fn reads_content(&self) -> bool {
        !self.contains.is_empty() || !self.lacks.is_empty() || self.expect_version.is_some()
    }

    fn asks_more(&self) -> bool {
        let Self { path: _, absent: _, sort, mode, owner, group, sha256, max_age, .. } = self;
        let size = self.min_bytes.is_some() || self.max_bytes.is_some();
        let held = sha256.is_some() || max_age.is_some() || size || self.reads_content();
        sort.is_some() || mode.is_some() || owner.is_some() || group.is_some() || held
    }
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "file"
    }

    fn mistakes(&self) -> Vec<String> {
        let of_unix = self.mode.is_some() || self.owner.is_some() || self.group.is_some();
        let content = self.reads_content() || self.sha256.is_some();
        let sizes = self.min_bytes.zip(self.max_bytes);
        [
            (self.path.as_os_str().is_empty(), "`path` is empty"),
            (self.absent && self.asks_more(), "what is `absent` has nothing else to it"),
            (cfg!(windows) && of_unix, "`mode`, `owner` and `group` are not known on Windows"),
            (
                content && matches!(self.sort, Some(Sort::Folder | Sort::Link)),
                "only a file has content",
            ),
            (sizes.is_some_and(|(least, most)| least > most), "`min_bytes` is above `max_bytes`"),
        ]
        .into_iter()
        .filter(|(wrong, _)| *wrong)
        .map(|(_, message)| message.to_owned())
        .collect()
    }

    fn subject(&self) -> Subject {
        Subject::written("path")
    }

    fn connect(&self, around: &Around<'_>) -> Result<Arc<dyn Probe>> {
        let path = around.file(&self.path);
        Ok(Arc::new(FileProbe { look: Arc::new(Look { settings: self.clone(), path }) }))
    }
}

/// Looks at a file.
#[derive(Debug)]
pub struct FileProbe {
    look: Arc<Look>,
}

#[async_trait]
impl Probe for FileProbe {
    fn kind(&self) -> &'static str {
        "file"
    }

    fn reach(&self) -> Reach {
        Reach::Direct
    }

    async fn measure(&self, expected: Option<&Version>, timeout: Duration) -> Measurement {
        let (look, expected) = (self.look.clone(), expected.cloned());
        let (answer, coming) = oneshot::channel();
        // A file system over a network may hang: then this thread does, and nobody waits for it.
        let thread = std::thread::Builder::new().name("file".to_owned());
        let looking = thread.spawn(move || {
            // Nobody may be waiting any more, and then the answer is of no use.
            drop(answer.send(look.measurement(expected.as_ref())));
        });
        if let Err(cause) = looking {
            return Measurement::error(format!("no thread could be started: {cause}"));
        }
        match tokio::time::timeout(timeout, coming).await {
            Ok(Ok(measurement)) => measurement,
            Ok(Err(_)) => Measurement::error("the look at the file broke"),
            Err(_) => {
                let time = Span::from(timeout);
                Measurement::error(format!("the file could not be read within `{time}`"))
            }
        }
    }
}

#[cfg(test)]
mod tests;
