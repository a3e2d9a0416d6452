//! Looks for a process of this machine.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::pattern::Pattern;
use super::question::{Around, Question, Subject};
use crate::domain::check::{Measurement, Reach, Timing};
use crate::domain::duration::Span;
use crate::domain::version::Version;
use crate::error::Result;
use crate::ports::Probe;

mod count;
mod search;
mod table;

pub use count::Count;

use search::{Found, Missing};

/// Looks for processes of this machine; those that have ended and were not fetched are none.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ProcessCheck")]
pub struct Settings {
    /// The program's name, without its folder.
    #[serde(default)]
    pub name: Option<String>,
    /// A regular expression that matches the program and its arguments, with spaces between them.
    #[serde(default)]
    pub command_line: Option<Pattern>,
    /// The file that holds the number of the process, relative to the configuration's folder.
    #[serde(default)]
    pub pid_file: Option<PathBuf>,
    /// Whose it is: a name or a number.
    #[serde(default)]
    pub user: Option<String>,
    /// How many there must be; at least one unless given.
    #[serde(default = "one")]
    pub count: Count,
    /// How long the least number of them must have been running.
    #[serde(default)]
    pub min_uptime: Option<Span>,
}

fn one() -> Count {
    Count { min: Some(1), max: None }
}

/// Looks for processes.
#[derive(Debug)]
pub struct ProcessProbe {
    settings: Settings,
    folder: PathBuf,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "process"
    }

    fn mistakes(&self) -> Vec<String> {
        let Self { name, command_line, pid_file, count, min_uptime, .. } = self;
        let any = name.is_some() || command_line.is_some() || pid_file.is_some();
        let none = "give at least one of `name`, `command_line` and `pid_file`";
        let empty = name.as_ref().is_some_and(|name| name.is_empty() || name.contains('/'));
        let idle = min_uptime.is_some() && count.min.unwrap_or(0) == 0;
        [
            (!any).then(|| none.to_owned()),
            empty.then(|| "`name` is a program's name, without its folder".to_owned()),
            idle.then(|| "`min_uptime` needs a `count` with a `min` of at least 1".to_owned()),
            count.mistake("count"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn subject(&self) -> Subject {
        match self {
            Self { name: Some(_), .. } => Subject::written("name"),
            Self { pid_file: Some(_), .. } => Subject::written("pid_file"),
            _ => Subject::written("command_line"),
        }
    }

    fn connect(&self, around: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Ok(Arc::new(connect(self.clone(), around.folder.clone())))
    }
}

/// Makes the probe; `folder` is the configuration's.
pub fn connect(settings: Settings, folder: PathBuf) -> ProcessProbe {
    ProcessProbe { settings, folder }
}

#[async_trait]
impl Probe for ProcessProbe {
    fn kind(&self) -> &'static str {
        "process"
    }

    fn reach(&self) -> Reach {
        Reach::Direct
    }

    async fn measure(&self, _: Option<&Version>, timeout: Duration) -> Measurement {
        let began = Instant::now();
        let (settings, folder) = (self.settings.clone(), self.folder.clone());
        let looking = tokio::task::spawn_blocking(move || search::look(&settings, &folder));
        let seen = match tokio::time::timeout(timeout, looking).await {
            Ok(Ok(Ok(found))) => self.judge(&found),
            Ok(Ok(Err(Missing::Subject(message)))) => Measurement::fail(message),
            Ok(Ok(Err(Missing::Instrument(message)))) => Measurement::error(message),
            Ok(Err(cause)) => {
                Measurement::error(format!("the search for processes broke: {cause}"))
            }
            Err(_) => {
                let time = Span::from(timeout);
                Measurement::error(format!(
                    "the list of processes could not be read within `{time}`"
                ))
            }
        };
        seen.timed(vec![Timing::new("processing", began.elapsed())])
    }
}

impl ProcessProbe {
    fn judge(&self, found: &[Found]) -> Measurement {
        let Settings { count, min_uptime, .. } = &self.settings;
        let running = found.len().try_into().unwrap_or(u64::MAX);
        let (value, limit) = (running.to_string(), count.to_string());
        if !count.holds(running) {
            return Measurement::fail(format!("{value} running, not {limit}"))
                .judged(&value, &limit);
        }
        if let Some(least) = min_uptime {
            let old = found.iter().filter(|one| one.uptime >= least.get()).count();
            if (old as u64) < count.min.unwrap_or(0) {
                let youngest = found.iter().map(|one| one.uptime).min().unwrap_or_default();
                let youngest = Span::secs(youngest.as_secs());
                let message = format!(
                    "{value} running, {old} of them for {least} or longer; the youngest for {youngest}"
                );
                return Measurement::fail(message)
                    .judged(&youngest.to_string(), &format!("at least {least}"));
            }
        }
        let which = match found {
            [one] => format!("process {}", one.pid),
            _ => format!("{value} processes"),
        };
        Measurement::pass(format!("{which} running")).judged(&value, &limit)
    }
}

#[cfg(test)]
mod tests;
