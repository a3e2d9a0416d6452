//! Shares traffic by the weights of HAProxy's servers, over its runtime socket.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::read_back::agreed;
use super::surroundings::Surroundings;
use super::weights::Members;
use crate::domain::duration::Span;
use crate::domain::slots::{Pair, Shares, Slot};
use crate::error::{Error, Result};
use crate::ports::{Drained, Router};

mod change;
mod server;
mod socket;

use server::{Health, Server, Stickiness};
use socket::Socket;

/// The greatest weight that HAProxy takes.
const HEAVIEST: u64 = 256;

/// How long nothing is asked between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// How often a change is made again that another's left nobody serving.
const TRIES: usize = 3;

/// By the weights of HAProxy's servers, over its runtime socket.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "HaproxyRouter")]
pub struct Settings {
    /// The runtime socket, with `level admin`: a path, or `host:port`.
    pub socket: String,
    /// The backend whose servers are weighted.
    pub backend: String,
    /// The slot that serves before anything was ever switched.
    pub stable: String,
    /// The other one.
    pub candidate: String,
    /// The servers of each slot; the one of the slot's name unless given.
    #[serde(default)]
    pub servers: BTreeMap<String, Vec<String>>,
    /// How long HAProxy may take to hold a slot for up that is to get traffic; `30s` unless given.
    #[serde(default = "usual_up_within")]
    pub up_within: Span,
    /// How long HAProxy may take to answer; `5s` unless given.
    #[serde(default = "usual_timeout")]
    pub timeout: Span,
}

fn usual_up_within() -> Span {
    Span::secs(30)
}

fn usual_timeout() -> Span {
    Span::secs(5)
}

/// Shares traffic by HAProxy.
#[derive(Debug)]
pub struct HaproxyRouter {
    backend: String,
    members: Members,
    socket: Socket,
    up_within: Duration,
}

/// Makes the router.
pub fn connect(settings: &Settings, pair: Pair, around: Surroundings) -> Result<HaproxyRouter> {
    let folder = around.folder;
    let members = Members::new(pair, &settings.servers, HEAVIEST)?;
    let names = members.all().map(|(_, server)| server).chain([settings.backend.as_str()]);
    names.map(change::named).collect::<Result<Vec<_>>>()?;
    Ok(HaproxyRouter {
        backend: settings.backend.clone(),
        members,
        socket: Socket::new(&settings.socket, &folder, settings.timeout.get())?,
        up_within: settings.up_within.get(),
    })
}

#[async_trait]
impl Router for HaproxyRouter {
    fn kind(&self) -> &'static str {
        "haproxy"
    }

    fn pair(&self) -> &Pair {
        self.members.pair()
    }

    fn plan(&self, shares: &Shares) -> Vec<String> {
        let lines = change::whole(&self.backend, &self.members, shares);
        lines.into_iter().map(|line| format!("{}: {line}", self.socket)).collect()
    }

    fn ready(&self) -> Result<()> {
        self.socket.is_there()
    }

    async fn read(&self) -> Result<Shares> {
        Ok(self.shares_of(&self.look().await?))
    }

    async fn share(&self, shares: &Shares) -> Result<Shares> {
        let mut back = self.change(shares).await?;
        for _ in 1..TRIES {
            // Another's change from another machine, mixed with ours, can leave nobody serving.
            if back.each().any(|(_, share)| share > 0) {
                break;
            }
            back = self.change(shares).await?;
        }
        agreed("haproxy", shares, back)
    }

    async fn drain(&self, slot: &Slot, limit: Duration) -> Result<Drained> {
        let until = Instant::now() + limit;
        loop {
            let servers = self.look().await?;
            let busy = self.members.of(slot).iter().filter_map(|name| servers.get(name));
            match busy.map(|server| server.busy).sum() {
                0 => return Ok(Drained::Empty),
                left if Instant::now() >= until => return Ok(Drained::Left(Some(left))),
                _ => tokio::time::sleep(PAUSE).await,
            }
        }
    }
}

impl HaproxyRouter {
    /// Asks for all servers of both slots.
    async fn look(&self) -> Result<BTreeMap<String, Server>> {
        self.send(&[]).await
    }

    /// Sends commands, and returns what the servers were right after them.
    async fn send(&self, commands: &[String]) -> Result<BTreeMap<String, Server>> {
        // Of all servers: asked for one name, HAProxy takes a frontend of that name, too.
        let line = [commands, &["show stat -1 4 -1".to_owned()]].concat().join("; ");
        let told = self.socket.ask(&line).await?;
        let complaint = |why: String| {
            let doing = if commands.is_empty() { "tell how it shares" } else { "share" };
            let backend = &self.backend;
            Error::failed(format!("HAProxy did not {doing} the traffic of `{backend}`"))
                .because(why)
                .hint(change::advice(&told, &self.socket))
        };
        let all = server::read(&told, &self.backend).map_err(complaint)?;
        self.known(all).map_err(complaint)
    }

    /// Keeps the servers of both slots, each of which must be there and take part.
    fn known(&self, mut all: BTreeMap<String, Server>) -> Result<BTreeMap<String, Server>, String> {
        let backend = &self.backend;
        let known = self.members.all().map(|(slot, name)| match all.remove(name) {
            None => Err(format!("`{backend}` has no server `{name}` of slot `{slot}`")),
            Some(server) if server.is_backup => {
                Err(format!("`{backend}/{name}` is a `backup` server, which has no share"))
            }
            Some(server) => Ok((name.to_owned(), server)),
        });
        known.collect()
    }

    fn shares_of(&self, servers: &BTreeMap<String, Server>) -> Shares {
        self.members.shares(|name| servers.get(name).map_or(0, Server::counts))
    }

    /// Makes the change once, and returns what came of it.
    async fn change(&self, shares: &Shares) -> Result<Shares> {
        self.made_ready(shares).await?;
        let sticky = self.stickiness().await?;
        let _alone = self.socket.hold().await?;
        let seen = self.look().await?;
        if let Some(error) = self.still_down(&self.growing(shares, &seen), &seen) {
            return Err(error);
        }
        let commands = change::needed(&self.backend, &self.members, shares, &seen, sticky);
        match self.send(&commands).await {
            Ok(back) => Ok(self.shares_of(&back)),
            Err(error) => Err(self.put_back(&seen, error).await),
        }
    }

    /// Waits until HAProxy holds every server for up that is to get more traffic.
    async fn made_ready(&self, shares: &Shares) -> Result<()> {
        let seen = self.look().await?;
        let growing = self.growing(shares, &seen);
        let idle = change::readied(&self.backend, &growing, &seen);
        let mut seen = if idle.is_empty() { seen } else { self.send(&idle).await? };
        let until = Instant::now() + self.up_within;
        while let Some(error) = self.still_down(&growing, &seen) {
            if Instant::now() >= until {
                return Err(error);
            }
            tokio::time::sleep(PAUSE).await;
            seen = self.look().await?;
        }
        Ok(())
    }

    /// Returns the servers of the slots that are to get more: to leave one that is down must be possible.
    fn growing(&self, shares: &Shares, seen: &BTreeMap<String, Server>) -> Vec<&str> {
        let now = self.shares_of(seen);
        let growing = self.members.all().filter(|(slot, _)| shares.share(slot) > now.share(slot));
        growing.map(|(_, name)| name).collect()
    }

    /// Returns what stands against traffic for one of these servers.
    fn still_down(&self, names: &[&str], seen: &BTreeMap<String, Server>) -> Option<Error> {
        let not_up = |name: &&&str| seen.get(**name).is_none_or(|server| !server.is_up());
        let name = names.iter().find(not_up)?;
        Some(self.not_up(name, seen.get(*name)))
    }

    fn not_up(&self, name: &str, server: Option<&Server>) -> Error {
        let (backend, socket) = (&self.backend, &self.socket);
        let within = Span::from(self.up_within);
        let why = match server.map(|server| &server.health) {
            Some(Health::Down(why) | Health::Unproven(why)) => why.as_str(),
            Some(Health::Out) => "it is in maintenance",
            Some(Health::Up) | None => "it told nothing",
        };
        Error::failed(format!("`{backend}/{name}` gets no traffic: HAProxy does not hold it for up"))
            .because(format!("within {within} it was not up: {why}"))
            .hint(format!("mend what its health check asks; see `echo 'show servers state {backend}' | socat stdio {socket}`"))
    }

    /// Returns whether clients are bound to servers otherwise than by the servers' cookies.
    async fn stickiness(&self) -> Result<Stickiness> {
        let tables = self.socket.ask("show table").await?;
        Ok(server::stickiness(&tables, &self.backend))
    }

    /// After a change that was refused in part, the weights from before it are the best there is.
    async fn put_back(&self, before: &BTreeMap<String, Server>, error: Error) -> Error {
        match self.send(&change::restored(&self.backend, before)).await {
            Ok(_) => error.hint("the weights from before are back"),
            Err(_) => error.hint("look at the weights: they could not be put back"),
        }
    }
}

#[cfg(test)]
mod tests;
