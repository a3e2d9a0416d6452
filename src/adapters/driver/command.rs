//! Brings a service to a version by the user's own command.

use std::collections::BTreeMap;
use std::path::PathBuf;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;
use tempfile::TempDir;

use super::output::Output;
use super::surroundings::Surroundings;
use crate::adapters::process::{Failure, Finished, Run};
use crate::adapters::secret::{Secret, variables_holding};
use crate::domain::argv::Argv;
use crate::domain::duration::Span;
use crate::domain::facts::Facts;
use crate::domain::text;
use crate::error::{Error, Result};
use crate::ports::{Drive, Driven, Driver};

/// The time a command has when nobody says.
const TIMEOUT: Span = Span::mins(10);

/// Runs a command in the configuration's folder, without a shell; it is told what to do by `LASTGOOD_…` variables.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CommandDriver")]
pub struct Settings {
    /// The program and its arguments.
    pub run: Argv,
    /// The program and its arguments that stop what `run` started at a slot, for `lastgood switch --cleanup`.
    #[serde(default)]
    pub cleanup: Option<Argv>,
    /// The time it has; `10m` unless given. Then it is killed with all that it started.
    #[serde(default = "usual_timeout")]
    pub timeout: Span,
    /// Whether it gets a clean checkout of the version's commit, in `LASTGOOD_CHECKOUT`.
    #[serde(default)]
    pub checkout: bool,
    /// Environment variables for it; their values are never shown.
    #[serde(default)]
    pub env: BTreeMap<String, Secret>,
    /// The folder it runs in, relative to the configuration's.
    #[serde(default)]
    pub folder: Option<PathBuf>,
}

fn usual_timeout() -> Span {
    TIMEOUT
}

impl Settings {
    /// Returns the settings of a command that is given on the command line.
    pub fn new(run: Argv) -> Self {
        Self {
            run,
            cleanup: None,
            timeout: TIMEOUT,
            checkout: false,
            env: BTreeMap::new(),
            folder: None,
        }
    }
}

/// Runs a command.
#[derive(Clone)]
pub struct CommandDriver {
    settings: Settings,
    around: Surroundings,
}

/// Makes the driver.
pub fn connect(settings: Settings, around: Surroundings) -> CommandDriver {
    CommandDriver { settings, around }
}

#[async_trait]
impl Driver for CommandDriver {
    fn plan(&self, drive: &Drive) -> Vec<String> {
        self.shown(&self.settings.run, drive, &drive.facts())
    }

    async fn apply(&self, drive: &Drive) -> Result<Driven> {
        let (service, version) = (&drive.service, text::clean(&drive.to.version, 100));
        let doing = format!("bring `{service}` to version `{version}`");
        self.carry_out(&self.settings.run, drive, drive.facts(), &doing).await
    }

    fn plan_removal(&self, drive: &Drive) -> Result<Vec<String>> {
        Ok(self.shown(self.cleanup()?, drive, &drive.facts_of_removal()))
    }

    async fn remove(&self, drive: &Drive) -> Result<Driven> {
        let doing = format!("stop `{}`", drive.service);
        self.carry_out(self.cleanup()?, drive, drive.facts_of_removal(), &doing).await
    }
}

impl CommandDriver {
    fn cleanup(&self) -> Result<&Argv> {
        self.settings.cleanup.as_ref().ok_or_else(|| {
            Error::failed("its driver `command` has no `cleanup`")
                .hint("give it one beside `run`: `cleanup: [PROGRAM, ARGUMENT]`")
        })
    }

    fn shown(&self, argv: &Argv, drive: &Drive, facts: &Facts) -> Vec<String> {
        let commit = drive.to.commit.as_ref().filter(|_| self.settings.checkout);
        let checkout = commit.map(|commit| format!("check out {}", commit.short()));
        let told = facts.variables().filter_map(|(name, value)| Some((name, value?)));
        let told: Vec<_> =
            told.map(|(name, value)| format!("{name}={}", shell_words::quote(value))).collect();
        let line = format!("{} {argv}", told.join(" "));
        checkout.into_iter().chain([text::clean(&line, usize::MAX)]).collect()
    }

    async fn carry_out(
        &self,
        argv: &Argv,
        drive: &Drive,
        facts: Facts,
        doing: &str,
    ) -> Result<Driven> {
        let checkout = self.checkout(drive).await?;
        let facts = match &checkout {
            Some(folder) => facts.checkout(&folder.path().to_string_lossy()),
            None => facts,
        };
        let output = self.output(drive);
        let program = text::clean(argv.program(), 100);
        let failed = || Error::failed(format!("`{program}` did not {doing}"));
        match self.run(argv, &facts, &output).finish().await {
            Ok(finished) if finished.succeeded() => Ok(Driven { message: String::new() }),
            Ok(finished) => Err(ended_badly(failed(), &finished, &output)),
            Err(failure) => Err(not_ended(failed(), &program, failure)),
        }
    }

    async fn checkout(&self, drive: &Drive) -> Result<Option<TempDir>> {
        if !self.settings.checkout {
            return Ok(None);
        }
        let (service, version) = (&drive.service, text::clean(&drive.to.version, 100));
        let commit = drive.to.commit.as_ref().ok_or_else(|| {
            let message = format!("could not check out version `{version}` of `{service}`");
            Error::failed(message)
                .because("its deployment was recorded without a commit")
                .hint("set `checkout: false`, or record deployments with `--commit`")
        })?;
        self.around.checkouts.checkout(commit).await.map(Some)
    }

    fn output(&self, drive: &Drive) -> Output {
        let secrets = self.settings.env.values().chain(&self.around.withheld).cloned().collect();
        Output::new(&drive.service, secrets, self.around.sink.clone())
    }

    fn run(&self, argv: &Argv, facts: &Facts, output: &Output) -> Run {
        let below = self.settings.folder.as_ref();
        let folder = self.around.folder.clone();
        let folder = below.map_or_else(|| folder.clone(), |below| folder.join(below));
        let run = Run::new(argv.program())
            .args(argv.args())
            .folder(folder)
            .timeout(self.settings.timeout.get())
            .listen(output.listener());
        let run = variables_holding(&self.around.withheld).into_iter().fold(run, Run::without);
        let run = facts.variables().fold(run, |run, (name, value)| match value {
            Some(value) => run.env(name, value),
            None => run.without(name),
        });
        let env = self.settings.env.iter();
        env.fold(run, |run, (name, value)| run.env(name, value.reveal()))
    }
}

fn ended_badly(error: Error, finished: &Finished, output: &Output) -> Error {
    let ended = finished.ended;
    match output.last_line(finished) {
        Some(line) => error.because(format!("{ended}: {line}")),
        None => error.because(ended.to_string()),
    }
}

fn not_ended(error: Error, program: &str, failure: Failure) -> Error {
    match failure {
        Failure::TimedOut { after, .. } => {
            let after = Span::from(after);
            error
                .because(format!("it did not end within `{after}` and was killed"))
                .hint("give the driver a longer `timeout`")
        }
        failure @ (Failure::NotFound(_) | Failure::NotStarted(..)) => error
            .because(failure)
            .hint(format!("make `{program}` executable; it is looked for from the configuration's folder, or in `PATH`")),
        failure @ (Failure::NoFolder(_) | Failure::Lost(..)) => error.because(failure),
    }
}

#[cfg(test)]
mod tests;
