//! A small world in memory: one remote, one clock, many writers.

use std::future::Future;
use std::ops::Deref;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use jiff::Timestamp;
use ulid::Ulid;

use super::desk::{Desk, Who};
use super::halt::{Halt, Step};
use super::observe;
use crate::domain::ending::Reason;
use crate::domain::event::CiRun;
use crate::domain::graph::Graph;
use crate::domain::ids::RunId;
use crate::domain::names::{Commit, Environment, Service};
use crate::domain::outcome::Outcome;
use crate::domain::plan::Roster;
use crate::domain::policy::Policy;
use crate::domain::slots::Shares;
use crate::domain::state::State;
use crate::domain::target::TagNames;
use crate::domain::version::{Version, Versions};
use crate::ports::Ports;

mod clock;
mod forge;
mod ledger;
mod router;
mod services;
mod showcase;

pub(super) use clock::FakeClock;
pub(super) use forge::{FakeForge, FakeLineage, FakeOutbox, FakeTickets, Silence};
pub(super) use ledger::{Bend, FakeLedger, Fate, Fault, Remote};
pub(super) use router::{FakeRouter, pair as slots};
pub(super) use services::{FakeDriver, Sight, World, checks, checks_of};
pub(super) use showcase::{FakeShowcase, Mood};

/// Everything that happened, in order, by whom.
#[derive(Clone, Default)]
pub(super) struct Transcript(Arc<Mutex<Vec<String>>>);

impl Transcript {
    pub(super) fn tell(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    /// Returns what happened since it was last asked.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// Where a story plays: one remote, one set of services, one passing of time.
#[derive(Clone, Default)]
pub(super) struct Stage {
    pub(super) remote: Arc<Mutex<Remote>>,
    pub(super) world: Arc<Mutex<World>>,
    pub(super) time: Arc<Mutex<Duration>>,
    pub(super) transcript: Transcript,
    pub(super) outbox: Arc<FakeOutbox>,
    pub(super) forge: Arc<FakeForge>,
    pub(super) lineage: Arc<FakeLineage>,
    pub(super) shares: Arc<Mutex<Shares>>,
    drawn: Arc<Mutex<u64>>,
}

/// One process of one person or pipeline.
pub(super) struct Writer {
    pub(super) desk: Desk,
    pub(super) ledger: Arc<FakeLedger>,
    pub(super) clock: Arc<FakeClock>,
    pub(super) driver: Arc<FakeDriver>,
    pub(super) router: Arc<FakeRouter>,
}

impl Deref for Writer {
    type Target = Desk;
    fn deref(&self) -> &Desk {
        &self.desk
    }
}

pub(super) fn production() -> Environment {
    Environment::new("production").unwrap()
}

pub(super) fn service(name: &str) -> Service {
    Service::new(name).unwrap()
}

/// Reads `api=1.0 web=2.0`; a word without `=` is the version of `app`.
pub(super) fn versions(text: &str) -> Versions {
    text.split_whitespace()
        .map(|word| word.split_once('=').unwrap_or(("app", word)))
        .map(|(name, version)| (service(name), Version::named(version)))
        .collect()
}

pub(super) fn commit(digit: char) -> Commit {
    Commit::new(digit.to_string().repeat(40)).unwrap()
}

/// One after the other in each story where nothing else is said: `api` needs `web`.
fn in_turn() -> Roster {
    let mut graph = Graph::default();
    graph.add(service("api"), [service("web")]);
    Roster::default().with(graph)
}

/// Runs what never has to wait.
pub(super) fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    for _ in 0..100_000 {
        if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return done;
        }
    }
    panic!("it waits for something that never comes");
}

/// Returns why a flow ended, in its code.
pub(super) fn reason(step: Step<Outcome>) -> Reason {
    match step {
        Ok(outcome) => outcome.ending.reason,
        Err(Halt::Ended(ending)) => ending.reason,
        Err(Halt::Broke(error)) => panic!("it broke: {error}"),
    }
}

impl Stage {
    /// Returns a process of someone.
    pub(super) fn desk(&self, name: &str) -> Writer {
        self.desk_with(name, Duration::ZERO, 1, |_| ())
    }

    /// Returns a process of a CI run.
    pub(super) fn ci(&self, id: &str) -> Writer {
        let ci = CiRun { provider: "ci".into(), id: id.into(), attempt: None, url: None };
        self.desk_with(&format!("ci-{id}"), Duration::ZERO, 1, |desk| desk.who.ci = Some(ci))
    }

    /// Returns a process with a policy of its own.
    pub(super) fn desk_under(&self, name: &str, change: impl FnOnce(&mut Policy)) -> Writer {
        self.desk_with(name, Duration::ZERO, 1, |desk| change(&mut desk.policy))
    }

    /// Returns a process whose clock is ahead by `skew`, drawing chance from `seed`.
    pub(super) fn desk_with(
        &self,
        name: &str,
        skew: Duration,
        seed: u64,
        change: impl FnOnce(&mut Desk),
    ) -> Writer {
        let number = self.draw();
        let clock = Arc::new(FakeClock::new(self.time.clone(), skew, seed * 1000 + number));
        let ledger = Arc::new(FakeLedger::new(name, self.remote.clone(), self.transcript.clone()));
        let driver = Arc::new(FakeDriver::new(name, self.world.clone(), self.transcript.clone()));
        let router = Arc::new(FakeRouter::new(name, self.shares.clone(), self.transcript.clone()));
        let ports = Ports {
            ledger: ledger.clone(),
            clock: clock.clone(),
            forge: self.forge.clone(),
            lineage: self.lineage.clone(),
            showcase: None,
            tickets: None,
            outbox: self.outbox.clone(),
            progress: Arc::new(Silence),
            drivers: std::collections::BTreeMap::new(),
            driver: Some(driver.clone()),
            checks: checks(&self.world),
            router: None,
            sides: std::collections::BTreeMap::new(),
            control: None,
            decider: None,
        };
        let run = RunId(Ulid::from_parts(number, u128::from(seed)));
        let mut desk = Desk {
            ports,
            environment: production(),
            policy: Policy::default(),
            roster: in_turn(),
            tags: TagNames::new("", &production()),
            who: Who { actor: name.to_owned(), run, ci: None, comment: None },
            patience: Duration::from_secs(300),
            halt: observe::Halt::default(),
            news: super::announce::News::default(),
        };
        change(&mut desk);
        Writer { desk, ledger, clock, driver, router }
    }

    fn draw(&self) -> u64 {
        let mut drawn = self.drawn.lock().unwrap();
        *drawn += 1;
        *drawn
    }

    /// Lets time pass.
    pub(super) fn later(&self, time: Duration) {
        *self.time.lock().unwrap() += time;
    }

    /// Returns what the ledger says, to a reader who writes nothing.
    pub(super) fn state(&self) -> State {
        run(self.desk("reader").read()).unwrap().state
    }

    /// Returns what the ledger and its archive say together.
    pub(super) fn whole(&self) -> State {
        let reader = self.desk("reader");
        let page = run(reader.read()).unwrap();
        let whole = run(reader.whole(&page)).unwrap();
        reader.with(&page, &whole)
    }

    /// Returns what happened since it was last asked.
    pub(super) fn told(&self) -> Vec<String> {
        self.transcript.take()
    }

    /// Returns what the services run.
    pub(super) fn runs(&self) -> String {
        let world = self.world.lock().unwrap();
        let runs = world.runs.iter().map(|(service, version)| format!("{service}={version}"));
        runs.collect::<Vec<_>>().join(" ")
    }

    /// Makes a version fail every check from now on.
    pub(super) fn sicken(&self, version: &str) {
        self.world.lock().unwrap().sick.insert(version.to_owned());
    }

    /// Makes every version answer well again.
    pub(super) fn heal(&self) {
        self.world.lock().unwrap().sick.clear();
    }

    /// Makes the services run these versions, as other steps would.
    pub(super) fn ship(&self, text: &str) {
        let mut world = self.world.lock().unwrap();
        for (service, version) in versions(text) {
            world.runs.insert(service, version.version);
        }
    }
}

impl Writer {
    /// Ships versions and records them on a commit named by a digit.
    pub(super) fn records(&self, stage: &Stage, text: &str, digit: char) -> Step<Outcome> {
        stage.ship(text);
        run(self.record(&self.record_order(versions(text), Some(commit(digit)))))
    }
}

/// Returns the wall clock's start in every story.
pub(super) fn morning() -> Timestamp {
    "2026-03-02T08:00:00Z".parse().unwrap()
}
