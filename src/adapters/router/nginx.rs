//! Shares traffic by the weights in an `upstream` of nginx.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::read_back::agreed;
use super::surroundings::Surroundings;
use super::weights::Members;
use crate::adapters::process::{Program, Trouble};
use crate::domain::argv::Argv;
use crate::domain::duration::Span;
use crate::domain::slots::{Pair, Shares, Slot};
use crate::domain::text;
use crate::error::{Error, Result};
use crate::ports::{Drained, Router};

mod file;
mod upstream;
mod workers;

use file::{Hold, Include};
use upstream::Upstream;
use workers::{Master, PAUSE, Worker, took_over};

/// The greatest weight that is given.
const HEAVIEST: u64 = 65_535;

/// By the weights in an `upstream` of nginx, which is reloaded.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NginxRouter")]
pub struct Settings {
    /// The file that holds the `upstream`; only the weights of its servers are rewritten.
    pub include: PathBuf,
    /// The name of the `upstream`.
    pub upstream: String,
    /// The slot that serves before anything was ever switched.
    pub stable: String,
    /// The other one.
    pub candidate: String,
    /// The servers of each slot, each as its address stands in the file.
    pub servers: BTreeMap<String, Vec<String>>,
    /// The program, with what it needs to find its configuration; `nginx` unless given.
    #[serde(default)]
    pub nginx: Option<Argv>,
    /// The file with the process id of nginx; `/run/nginx.pid` unless given.
    #[serde(default = "usual_pid")]
    pub pid: PathBuf,
    /// How long a test or a reload may take; `30s` unless given.
    #[serde(default = "usual_timeout")]
    pub timeout: Span,
}

fn usual_pid() -> PathBuf {
    "/run/nginx.pid".into()
}

fn usual_timeout() -> Span {
    Span::secs(30)
}

/// Shares traffic by nginx.
pub struct NginxRouter {
    upstream: String,
    members: Members,
    include: Include,
    args: Vec<String>,
    program: Program,
    master: Master,
    timeout: Duration,
}

/// Makes the router.
pub fn connect(settings: &Settings, pair: Pair, around: Surroundings) -> Result<NginxRouter> {
    let members = Members::new(pair, &settings.servers, HEAVIEST)?;
    let (nginx, timeout) = (settings.nginx.as_ref(), settings.timeout.get());
    let program = around.program(nginx.map_or("nginx", Argv::program)).timeout(timeout);
    let folder = around.folder;
    Ok(NginxRouter {
        upstream: settings.upstream.clone(),
        members,
        include: Include::new(folder.join(&settings.include)),
        args: nginx.map_or(&[][..], Argv::args).to_vec(),
        program,
        master: Master::new(folder.join(&settings.pid)),
        timeout,
    })
}

#[async_trait]
impl Router for NginxRouter {
    fn kind(&self) -> &'static str {
        "nginx"
    }

    fn pair(&self) -> &Pair {
        self.members.pair()
    }

    fn plan(&self, shares: &Shares) -> Vec<String> {
        let upstream = &self.upstream;
        let weights = self.members.weights(shares);
        let server = |(_, name): (&Slot, &str)| {
            let weight = weights.get(name).copied().unwrap_or(0);
            format!(
                "{}: upstream {upstream}: server {name} {};",
                self.include,
                upstream::written(weight)
            )
        };
        let runs = [vec!["-T", "-q"], vec!["-s", "reload"]];
        let runs = runs.iter().map(|args| self.program.shown(&self.args(args)));
        self.members.all().map(server).chain(runs).collect()
    }

    fn ready(&self) -> Result<()> {
        self.include.text().map(|_| ())
    }

    async fn read(&self) -> Result<Shares> {
        let serving = self.master.served(self.timeout).await?;
        self.shares_of(&self.running_text(&serving)?)
    }

    async fn share(&self, shares: &Shares) -> Result<Shares> {
        let hold = self.include.hold(self.timeout).await?;
        let serving = self.master.served(self.timeout).await?;
        let before = self.running_text(&serving)?;
        let new = self.rewritten(shares)?;
        hold.change(&new, &before, &serving)?;
        if let Err(error) = self.reloaded(&new).await {
            return Err(self.put_back(&hold, &before, error));
        }
        if let Err(error) = self.taken_over(&serving).await {
            return Err(self.put_back_if_unread(&hold, &before, &serving, error));
        }
        hold.over()?;
        agreed("nginx", shares, self.shares_of(&self.include.text()?)?)
    }

    async fn drain(&self, _: &Slot, limit: Duration) -> Result<Drained> {
        let until = Instant::now() + limit;
        // An old worker tells neither how many requests it still has nor of which slot they are.
        while self.master.workers()?.iter().any(Worker::is_leaving) {
            if Instant::now() >= until {
                return Ok(Drained::Left(None));
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(Drained::Empty)
    }
}

impl NginxRouter {
    /// Returns what the file held when the running workers read it.
    fn running_text(&self, serving: &[Worker]) -> Result<String> {
        match self.include.unfinished()? {
            // A change that was interrupted: the workers from before it still run on what was before it.
            Some(change) if change.is_unread(serving) => Ok(change.before),
            Some(_) | None => self.include.text(),
        }
    }

    fn shares_of(&self, file: &str) -> Result<Shares> {
        let upstream = self.upstream_of(file)?;
        Ok(self.members.shares(|name| upstream.weight(name)))
    }

    fn rewritten(&self, shares: &Shares) -> Result<String> {
        let now = self.include.text()?;
        Ok(self.upstream_of(&now)?.weighted(&self.members.weights(shares)))
    }

    fn upstream_of<'a>(&self, file: &'a str) -> Result<Upstream<'a>> {
        let known: Vec<&str> = self.members.all().map(|(_, name)| name).collect();
        Upstream::find(file, &self.upstream, &known).map_err(|why| {
            let upstream = text::clean(&self.upstream, 80);
            Error::failed(format!("could not read `upstream {upstream}` in `{}`", self.include))
                .because(why)
                .hint("write each server of both slots there as `servers` names it")
        })
    }

    /// Has nginx test what is written, and tells it to work by it.
    async fn reloaded(&self, new: &str) -> Result<()> {
        let dump = self.run(&["-T", "-q"], "nginx refused the new shares").await?;
        if !dump.contains(new.trim()) {
            return Err(Error::failed(format!("nginx does not read `{}`", self.include))
                .because("its configuration, as it tells it itself, is without that file's text")
                .hint(format!("write `include {};` into its `http` section", self.include)));
        }
        self.run(&["-s", "reload"], "could not have nginx reload").await.map(|_| ())
    }

    async fn run(&self, args: &[&str], failing: &str) -> Result<String> {
        let ran = self.program.run(&self.args(args)).await;
        ran.map_err(|trouble| match &trouble {
            Trouble::Said { said, .. } if first_alarm(said).is_some() => {
                let why = first_alarm(said).unwrap_or_default();
                Error::failed(failing).because(text::clean(why, 300))
            }
            trouble => self.program.failed(failing, trouble),
        })
    }

    fn args(&self, more: &[&str]) -> Vec<String> {
        let more = more.iter().map(|arg| (*arg).to_owned());
        self.args.iter().cloned().chain(more).collect()
    }

    /// Waits until new workers serve and none of those from before does.
    async fn taken_over(&self, before: &[Worker]) -> Result<()> {
        let until = Instant::now() + self.timeout;
        loop {
            if took_over(self.master.workers()?, before) {
                return Ok(());
            }
            if Instant::now() >= until {
                let within = Span::from(self.timeout);
                return Err(Error::failed("nginx did not take the new shares")
                    .because(format!("{within} after the reload its old workers still serve"))
                    .hint("its error log says why"));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Writes what the workers run on into the file again.
    fn put_back(&self, hold: &Hold, before: &str, error: Error) -> Error {
        match hold.put_back(before) {
            Ok(()) => error.hint("the file is as it was before"),
            Err(_) => error.hint(format!("`{}` could not be put back", self.include)),
        }
    }

    /// Does the same after a reload, where every worker from before it still serves.
    fn put_back_if_unread(
        &self,
        hold: &Hold,
        before: &str,
        serving: &[Worker],
        error: Error,
    ) -> Error {
        let now = self.master.serving().unwrap_or_default();
        if serving.iter().all(|worker| now.contains(worker)) {
            self.put_back(hold, before, error)
        } else {
            error.hint("some workers may have the new shares; do this again")
        }
    }
}

/// Returns the first line that says why nginx did not go on.
fn first_alarm(said: &str) -> Option<&str> {
    let alarms = ["[emerg]", "[alert]", "[crit]", "[error]"];
    said.lines().map(str::trim).find(|line| alarms.iter().any(|alarm| line.contains(alarm)))
}

#[cfg(test)]
mod tests;
