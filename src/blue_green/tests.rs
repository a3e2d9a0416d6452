//! The rules of blue/green deployments as a library, in a small world.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use Environment::{Blue, Green};
use EnvironmentState::{Deploying, Failed, Idle, Live, Ready};

use super::*;

mod failing;
mod limits;
mod turns;
mod waiting;
mod walks;

/// What the next looks find, and what the platform was told.
#[derive(Default)]
struct World {
    /// Whether each next look finds the slot well; well where none is said.
    looks: VecDeque<bool>,
    looked: u32,
    panics: bool,
    /// What goes wrong with the platform next, by the word of what it does.
    breaks: Option<&'static str>,
    told: Vec<String>,
    /// Keeps those that hang hanging.
    hangs: Option<Sender<()>>,
}

#[derive(Clone, Default)]
struct Stage(Arc<Mutex<World>>);

impl Stage {
    fn with<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    fn finds(&self, looks: &[bool]) {
        self.with(|world| world.looks = looks.iter().copied().collect());
    }

    fn deployer(&self, retries: u32) -> Deployer {
        let config = DeployerConfig { health_check_retries: retries, ..DeployerConfig::default() };
        Deployer::new(self.clone(), config).with_platform(self.clone())
    }

    fn told(&self) -> String {
        self.with(|world| std::mem::take(&mut world.told)).join(", ")
    }

    /// Waits until the platform was told so: who is left behind may come to it late.
    fn waits_for(&self, line: &str) {
        let until = Instant::now() + Duration::from_secs(60);
        while !self.with(|world| world.told.iter().any(|told| told == line)) {
            assert!(Instant::now() < until, "nobody was told `{line}`");
            std::thread::yield_now();
        }
    }

    /// Returns something that never answers, as long as the stage is there.
    fn silence(&self) -> Receiver<()> {
        let (keep, silence) = channel();
        self.with(|world| world.hangs = Some(keep));
        silence
    }

    fn does(&self, what: &str, slot: Environment) -> Result<(), String> {
        let breaks = self.with(|world| {
            world.told.push(format!("{what} {slot}"));
            world.breaks.take_if(|word| word.ends_with(what))
        });
        match breaks {
            None => Ok(()),
            Some(word) if word.starts_with("hang") => {
                let silence = self.silence();
                silence.recv().map_err(|_| "nobody answers".to_owned())
            }
            Some(word) if word.starts_with("panic") => panic!("the platform broke"),
            Some(_) => Err("no such server".to_owned()),
        }
    }
}

type Deployer = BlueGreenDeployer<Stage>;

impl HealthChecker for Stage {
    fn check(&self, _: Environment) -> HealthCheckResult {
        let panics = self.with(|world| std::mem::take(&mut world.panics));
        assert!(!panics, "the checker broke");
        let well = self.with(|world| {
            world.looked += 1;
            world.looks.pop_front().unwrap_or(true)
        });
        HealthCheckResult::of([("answers", true), ("queue is short", well)])
    }
}

impl Platform for Stage {
    fn deploy(&self, slot: Environment, _: &DeploymentInfo) -> Result<(), String> {
        self.does("deploy", slot)
    }

    fn route(&self, slot: Environment) -> Result<(), String> {
        self.does("route", slot)
    }

    fn clean(&self, slot: Environment) -> Result<(), String> {
        self.does("clean", slot)
    }
}

/// Returns how both slots stand, and each record's version and status.
fn stands(deployer: &Deployer) -> (EnvironmentState, EnvironmentState, String) {
    let records = deployer.history().iter().map(|r| format!("{} {:?}", r.version, r.status));
    let records = records.collect::<Vec<_>>().join(", ");
    (deployer.environment_state(Blue), deployer.environment_state(Green), records)
}
