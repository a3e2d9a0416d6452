//! Runs a command of the user's own and judges how it ends.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::identity::Identity;
use super::pattern::{Pattern, Several};
use super::question::{Around, Question, Subject};
use crate::adapters::process::{Ended, Failure, Finished, Run};
use crate::adapters::secret::{Secret, variables_holding};
use crate::domain::argv::Argv;
use crate::domain::check::{Answered, Measurement, Reach};
use crate::domain::duration::Span;
use crate::domain::facts::Facts;
use crate::domain::text;
use crate::domain::version::Version;
use crate::error::Result;
use crate::ports::Probe;

/// Runs a command in the configuration's folder, without a shell; exit code 0 is healthy.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CommandCheck")]
pub struct Settings {
    /// The program and its arguments.
    pub run: Argv,
    /// Environment variables for it; their values are never shown.
    #[serde(default)]
    pub env: BTreeMap<String, Secret>,
    /// The folder it runs in, relative to the configuration's.
    #[serde(default)]
    pub folder: Option<PathBuf>,
    /// The exit codes that are healthy; `[0]` unless given.
    #[serde(default = "success")]
    #[schemars(length(min = 1))]
    pub exit_codes: Vec<i32>,
    /// Regular expressions that must all match the standard output.
    #[serde(default)]
    pub stdout_matches: Several,
    /// Where the output names the version that answered; it must be the one under test, or its commit.
    #[serde(default)]
    pub expect_version: Option<ExpectVersion>,
}

fn success() -> Vec<i32> {
    vec![0]
}

/// Where a command's output names the version.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ExpectVersionInOutput")]
pub enum ExpectVersion {
    /// Where a regular expression matches the standard output, its first group.
    Regexp(Pattern),
}

impl Settings {
    /// Returns every mistake that only the whole shows.
    pub fn mistakes(&self) -> Vec<String> {
        let never = "`exit_codes` is empty, so the check could never pass";
        self.exit_codes.is_empty().then(|| never.to_owned()).into_iter().collect()
    }
}

/// Runs a command.
#[derive(Debug)]
pub struct CommandProbe {
    settings: Settings,
    folder: PathBuf,
    facts: Facts,
    withheld: Vec<Secret>,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "command"
    }

    fn mistakes(&self) -> Vec<String> {
        self.mistakes()
    }

    fn subject(&self) -> Subject {
        Subject::shown("run", self.run.program())
    }

    fn connect(&self, around: &Around<'_>) -> Result<Arc<dyn Probe>> {
        let Around { folder, facts, withheld, .. } = around;
        Ok(Arc::new(connect(self.clone(), folder.clone(), facts.clone(), withheld.clone())))
    }
}

/// Makes the probe; `folder` is the configuration's, `facts` are those that no measurement changes.
pub fn connect(
    settings: Settings,
    folder: PathBuf,
    facts: Facts,
    withheld: Vec<Secret>,
) -> CommandProbe {
    CommandProbe { settings, folder, facts, withheld }
}

#[async_trait]
impl Probe for CommandProbe {
    fn kind(&self) -> &'static str {
        "command"
    }

    fn reach(&self) -> Reach {
        Reach::Direct
    }

    async fn measure(&self, expected: Option<&Version>, timeout: Duration) -> Measurement {
        match self.run(expected, timeout).finish().await {
            Ok(finished) => self.judge(&finished, expected),
            Err(Failure::TimedOut { after, .. }) => {
                let time = Span::from(after);
                let message = format!("{} did not end within `{time}`", self.name());
                Measurement::unreached(Reach::Direct, message)
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

impl CommandProbe {
    fn run(&self, expected: Option<&Version>, timeout: Duration) -> Run {
        let folder = self.settings.folder.as_ref();
        let folder = folder.map_or_else(|| self.folder.clone(), |below| self.folder.join(below));
        let argv = &self.settings.run;
        let run = Run::new(argv.program()).args(argv.args()).folder(folder).timeout(timeout);
        let run = variables_holding(&self.withheld).into_iter().fold(run, Run::without);
        let facts = match expected {
            Some(version) => self.facts.clone().version(version),
            None => self.facts.clone(),
        };
        let run = facts.variables().fold(run, |run, (name, value)| match value {
            Some(value) => run.env(name, value),
            None => run.without(name),
        });
        let env = self.settings.env.iter();
        env.fold(run, |run, (name, value)| run.env(name, value.reveal()))
    }

    fn judge(&self, finished: &Finished, expected: Option<&Version>) -> Measurement {
        let identity = self.identity(finished, expected);
        let seen = self.complaint(finished, &identity).unwrap_or_else(|| {
            let took = finished.took.as_millis().max(1).try_into().unwrap_or(u64::MAX);
            Measurement::pass(format!("{} in {}", finished.ended, Span::millis(took)))
        });
        seen.answered_by(identity.answered)
    }

    fn identity(&self, finished: &Finished, expected: Option<&Version>) -> Identity {
        match &self.settings.expect_version {
            None => Identity::unasked(),
            Some(ExpectVersion::Regexp(pattern)) => {
                Identity::of(pattern.find(finished.stdout.bytes()).as_deref(), expected)
            }
        }
    }

    fn complaint(&self, finished: &Finished, identity: &Identity) -> Option<Measurement> {
        if let (Answered::Other(_), Some(complaint)) = (&identity.answered, &identity.complaint) {
            return Some(Measurement::fail(complaint));
        }
        let codes = &self.settings.exit_codes;
        if !matches!(finished.ended, Ended::Code(code) if codes.contains(&code)) {
            return Some(self.ended_badly(finished));
        }
        if let Some(complaint) = &identity.complaint {
            return Some(Measurement::fail(complaint));
        }
        let stdout = finished.stdout.bytes();
        let missed = self.settings.stdout_matches.iter().find(|pattern| !pattern.matches(stdout));
        missed.map(|pattern| {
            Measurement::fail(format!("the output does not match `{}`", pattern.as_str()))
        })
    }

    /// The last line a command writes before it fails mostly says why.
    fn ended_badly(&self, finished: &Finished) -> Measurement {
        let (stderr, stdout) = (finished.stderr.text(), finished.stdout.text());
        let last =
            |text: &str| text.lines().rev().find(|line| !line.trim().is_empty()).map(str::to_owned);
        let why = last(&stderr).or_else(|| last(&stdout)).map(|line| format!(": {line}"));
        let ended = finished.ended;
        let did = match ended {
            Ended::Code(_) => format!("{} ended with {ended}", self.name()),
            Ended::Signal(_) => format!("{} was {ended}", self.name()),
        };
        let codes: Vec<_> = self.settings.exit_codes.iter().map(ToString::to_string).collect();
        Measurement::fail(format!("{did}{}", why.unwrap_or_default()))
            .judged(&ended.to_string(), &codes.join(", "))
    }

    fn name(&self) -> String {
        format!("`{}`", text::clean(self.settings.run.program(), 80))
    }
}

#[cfg(test)]
mod tests;
