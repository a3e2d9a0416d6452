//! Asks a command what to make of a verdict.

use std::collections::BTreeMap;
use std::path::PathBuf;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::process::{Ended, Finished, Run};
use super::secret::{Secret, variables_holding};
use crate::domain::argv::Argv;
use crate::domain::duration::Span;
use crate::domain::facts::Facts;
use crate::domain::policy::Reaction;
use crate::domain::text;
use crate::ports::Decider;

/// The time it has when nobody says.
const TIMEOUT: Span = Span::secs(30);

/// A command that reads the verdict as JSON and answers `rollback`, `hold` or `pass`.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DecidingCommand")]
pub struct Settings {
    /// The program and its arguments.
    pub run: Argv,
    /// Environment variables for it; their values are never shown.
    #[serde(default)]
    pub env: BTreeMap<String, Secret>,
    /// The folder it runs in, relative to the configuration's.
    #[serde(default)]
    pub folder: Option<PathBuf>,
    /// The time it has to answer.
    #[serde(default = "timeout")]
    pub timeout: Span,
}

fn timeout() -> Span {
    TIMEOUT
}

/// Asks a command.
pub struct CommandDecider {
    settings: Settings,
    folder: PathBuf,
    facts: Facts,
    withheld: Vec<Secret>,
}

/// Makes it; `folder` is the configuration's, `withheld` are secrets of ours that it may not see.
pub fn connect(
    settings: Settings,
    folder: PathBuf,
    facts: Facts,
    withheld: Vec<Secret>,
) -> CommandDecider {
    CommandDecider { settings, folder, facts, withheld }
}

#[async_trait]
impl Decider for CommandDecider {
    fn name(&self) -> String {
        text::clean(self.settings.run.program(), 80)
    }

    async fn decide(&self, verdict: &str) -> Result<Reaction, String> {
        let finished = self.run(verdict).finish().await.map_err(|failure| failure.to_string())?;
        answer(&finished)
    }
}

impl CommandDecider {
    fn run(&self, verdict: &str) -> Run {
        let Settings { run: argv, env, folder, timeout } = &self.settings;
        let folder = folder.as_ref().map_or_else(|| self.folder.clone(), |f| self.folder.join(f));
        let run = Run::new(argv.program())
            .args(argv.args())
            .folder(folder)
            .timeout(timeout.get())
            .stdin(verdict);
        let run = variables_holding(&self.withheld).into_iter().fold(run, Run::without);
        let run = self.facts.variables().fold(run, |run, (name, value)| match value {
            Some(value) => run.env(name, value),
            None => run.without(name),
        });
        env.iter().fold(run, |run, (name, value)| run.env(name, value.reveal()))
    }
}

/// One word, and nothing beside it: what is not clear is no answer.
fn answer(finished: &Finished) -> Result<Reaction, String> {
    if !matches!(finished.ended, Ended::Code(0)) {
        return Err(format!("it ended with {}", finished.ended));
    }
    let said = finished.stdout.text();
    match said.trim() {
        "rollback" => Ok(Reaction::Rollback),
        "hold" => Ok(Reaction::Hold),
        "pass" => Ok(Reaction::Pass),
        other => {
            let other = text::clean(other, 60);
            Err(format!("it said `{other}`, and not `rollback`, `hold` or `pass`"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn decided(script: &str) -> Result<Reaction, String> {
        let run = Argv::new(["sh", "-c", script].map(ToOwned::to_owned).to_vec()).unwrap();
        let settings = Settings { run, env: BTreeMap::new(), folder: None, timeout: Span::secs(5) };
        let decider = connect(settings, ".".into(), Facts::default(), Vec::new());
        decider.decide(r#"{"verdict":"unhealthy"}"#).await
    }

    #[tokio::test]
    async fn one_word_is_an_answer() {
        assert_eq!(decided("echo rollback").await, Ok(Reaction::Rollback));
        assert_eq!(decided("echo hold").await, Ok(Reaction::Hold));
        assert_eq!(decided("printf pass").await, Ok(Reaction::Pass));
    }

    #[tokio::test]
    async fn it_reads_the_verdict() {
        let script = r#"grep -q '"verdict":"unhealthy"' && echo rollback"#;
        assert_eq!(decided(script).await, Ok(Reaction::Rollback));
    }

    #[tokio::test]
    async fn whatever_else_it_does_is_no_answer() {
        for script in ["echo rollback; exit 1", "echo maybe", "true", "echo pass; echo rollback"] {
            assert!(decided(script).await.is_err(), "{script}");
        }
    }

    #[tokio::test]
    async fn one_that_does_not_end_gives_no_answer() {
        let run = Argv::new(["sleep", "60"].map(ToOwned::to_owned).to_vec()).unwrap();
        let timeout = Span::millis(50);
        let settings = Settings { run, env: BTreeMap::new(), folder: None, timeout };
        let decider = connect(settings, ".".into(), Facts::default(), Vec::new());
        assert!(decider.decide("{}").await.is_err());
    }
}
