//! Shares traffic by commands of the user's own.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::read_back::agreed;
use super::surroundings::Surroundings;
use crate::adapters::process::{Failure, Finished, Run};
use crate::adapters::secret::{Secret, masked, variables_holding};
use crate::domain::argv::Argv;
use crate::domain::duration::Span;
use crate::domain::slots::{Pair, Shares, Slot, WHOLE};
use crate::domain::text;
use crate::error::{Error, Result};
use crate::ports::{Drained, Router};

/// By commands of the user's own, without a shell; they are told what to do by `LASTGOOD_…` variables.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CommandRouter")]
pub struct Settings {
    /// The slot that serves before anything was ever switched.
    pub stable: String,
    /// The other one.
    pub candidate: String,
    /// What shares the traffic.
    pub share: Call,
    /// What tells how it is shared, as JSON on its standard output: `{"blue": 100, "green": 0}`.
    pub read: Call,
    /// What waits until nothing is in flight at a slot; it may write how many still are.
    #[serde(default)]
    pub drain: Option<Call>,
    /// Environment variables for all of them; their values are never shown.
    #[serde(default)]
    pub env: BTreeMap<String, Secret>,
}

/// One command.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RouterCall")]
pub struct Call {
    /// The program and its arguments.
    pub run: Argv,
    /// The time it has; `1m` unless given. Then it is killed with all that it started.
    #[serde(default = "usual_timeout")]
    pub timeout: Span,
}

fn usual_timeout() -> Span {
    Span::mins(1)
}

/// Shares traffic by commands.
pub struct CommandRouter {
    settings: Settings,
    pair: Pair,
    around: Surroundings,
}

/// Makes the router.
pub fn connect(settings: &Settings, pair: Pair, around: Surroundings) -> CommandRouter {
    CommandRouter { settings: settings.clone(), pair, around }
}

/// What a command is told beside the facts.
type Told = Vec<(&'static str, String)>;

#[async_trait]
impl Router for CommandRouter {
    fn kind(&self) -> &'static str {
        "command"
    }

    fn pair(&self) -> &Pair {
        &self.pair
    }

    fn plan(&self, shares: &Shares) -> Vec<String> {
        let told = self.told(shares).into_iter().map(|(name, value)| format!("{name}={value}"));
        let line = format!("{} {}", told.collect::<Vec<_>>().join(" "), self.settings.share.run);
        vec![text::clean(&self.masked(&line), usize::MAX)]
    }

    async fn read(&self) -> Result<Shares> {
        let doing = "could not read how the traffic is shared";
        let finished = self.call(&self.settings.read, self.slots(), doing).await?;
        self.understood(&self.masked(&finished.stdout.text())).map_err(|why| {
            Error::failed(doing)
                .because(format!("`{}` {why}", name_of(&self.settings.read)))
                .hint("let it write whole percent of both slots: `{\"blue\": 100, \"green\": 0}`")
        })
    }

    async fn share(&self, shares: &Shares) -> Result<Shares> {
        let doing = format!("could not share the traffic: {shares}");
        self.call(&self.settings.share, self.told(shares), &doing).await?;
        agreed(&name_of(&self.settings.share), shares, self.read().await?)
    }

    async fn drain(&self, slot: &Slot, limit: Duration) -> Result<Drained> {
        let Some(call) = &self.settings.drain else { return Ok(Drained::Left(None)) };
        let limit = limit.min(call.timeout.get());
        let told = [
            ("LASTGOOD_SLOT", slot.to_string()),
            ("LASTGOOD_DRAIN_LIMIT", limit.as_secs().to_string()),
        ];
        let told = self.slots().into_iter().chain(told).collect();
        match self.run(call, told).timeout(limit).finish().await {
            Err(Failure::TimedOut { .. }) => Ok(Drained::Left(None)),
            ran => {
                let doing = format!("could not drain `{slot}`");
                let finished = self.ended_well(call, ran, &doing)?;
                left(&self.masked(&finished.stdout.text())).map_err(|why| {
                    Error::failed(doing).because(format!("`{}` {why}", name_of(call)))
                })
            }
        }
    }
}

impl CommandRouter {
    fn slots(&self) -> Told {
        let Pair { stable, candidate } = &self.pair;
        vec![
            ("LASTGOOD_SLOT_STABLE", stable.to_string()),
            ("LASTGOOD_SLOT_CANDIDATE", candidate.to_string()),
        ]
    }

    fn told(&self, shares: &Shares) -> Told {
        let Pair { stable, candidate } = &self.pair;
        let more = [
            ("LASTGOOD_SHARE_STABLE", shares.share(stable).to_string()),
            ("LASTGOOD_SHARE_CANDIDATE", shares.share(candidate).to_string()),
        ];
        self.slots().into_iter().chain(more).collect()
    }

    fn run(&self, call: &Call, told: Told) -> Run {
        let argv = &call.run;
        let run = Run::new(argv.program())
            .args(argv.args())
            .folder(&self.around.folder)
            .timeout(call.timeout.get());
        let run = variables_holding(&self.around.withheld).into_iter().fold(run, Run::without);
        let run = self.around.facts.variables().fold(run, |run, (name, value)| match value {
            Some(value) => run.env(name, value),
            None => run.without(name),
        });
        let env = self.settings.env.iter();
        let run = env.fold(run, |run, (name, value)| run.env(name, value.reveal()));
        told.into_iter().fold(run, |run, (name, value)| run.env(name, value))
    }

    async fn call(&self, call: &Call, told: Told, doing: &str) -> Result<Finished> {
        let ran = self.run(call, told).finish().await;
        self.ended_well(call, ran, doing)
    }

    fn ended_well(
        &self,
        call: &Call,
        ran: Result<Finished, Failure>,
        doing: &str,
    ) -> Result<Finished> {
        let name = name_of(call);
        match ran {
            Ok(finished) if finished.succeeded() => Ok(finished),
            Ok(finished) => {
                let (ended, said) = (finished.ended, self.last_line(&finished));
                Err(Error::failed(doing).because(format!("`{name}`: {ended}{said}")))
            }
            Err(Failure::TimedOut { after, .. }) => {
                let after = Span::from(after);
                Err(Error::failed(doing)
                    .because(format!("`{name}` did not end within {after} and was killed"))
                    .hint("give it a longer `timeout`"))
            }
            Err(failure) => Err(Error::failed(doing).because(failure).hint(format!(
                "make `{name}` executable; it is looked for from the configuration's folder, or in `PATH`"
            ))),
        }
    }

    /// Returns the last line that says anything: mostly it says why.
    fn last_line(&self, finished: &Finished) -> String {
        let line = |text: String| {
            let plain = anstream::adapter::strip_str(&text).to_string();
            let line = plain.lines().map(str::trim).rfind(|line| !line.is_empty())?.to_owned();
            Some(format!(": {}", text::message(&self.masked(&line))))
        };
        let said = line(finished.stderr.text()).or_else(|| line(finished.stdout.text()));
        said.unwrap_or_default()
    }

    fn masked(&self, text: &str) -> String {
        masked(text, self.settings.env.values().chain(&self.around.withheld))
    }

    /// Reads the shares of both slots, and of no other.
    fn understood(&self, told: &str) -> Result<Shares, String> {
        let shown = text::clean(told, 80);
        let shares: BTreeMap<String, u8> = serde_json::from_str(told)
            .map_err(|why| format!("wrote `{shown}`: {}", text::clean(&why.to_string(), 120)))?;
        let slots = self.pair.both();
        if let Some(strange) =
            shares.keys().find(|name| !slots.iter().any(|slot| slot.as_str() == **name))
        {
            return Err(format!("wrote of `{}`, which is no slot", text::clean(strange, 80)));
        }
        if let Some((name, share)) = shares.iter().find(|(_, share)| **share > WHOLE) {
            return Err(format!("wrote {share} % of `{name}`"));
        }
        let each = slots.map(|slot| match shares.get(slot.as_str()) {
            Some(share) => Ok((slot.clone(), *share)),
            None => Err(format!("wrote `{shown}`, and nothing of `{slot}`")),
        });
        let [stable, candidate] = each;
        Ok(Shares::told([stable?, candidate?]))
    }
}

fn name_of(call: &Call) -> String {
    text::clean(call.run.program(), 100)
}

/// Reads how many requests are left; nothing written means none.
fn left(told: &str) -> Result<Drained, String> {
    match told.trim() {
        "" | "0" => Ok(Drained::Empty),
        count => match count.parse() {
            Ok(count) => Ok(Drained::Left(Some(count))),
            Err(_) => Err(format!("wrote `{}`, which is no number", text::clean(count, 80))),
        },
    }
}

#[cfg(test)]
mod tests;
