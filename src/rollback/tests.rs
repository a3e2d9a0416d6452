//! The rules of rollbacks as a library, in a small world.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use super::*;

mod going_back;
mod interrupted;
mod order;
mod retention;
mod waiting;
mod walks;

/// What the checker finds, and what became of who it looked at.
#[derive(Default)]
struct World {
    /// Versions that are sick, as `service=version`, or services, as `service`.
    sick: BTreeSet<String>,
    /// Whether the next look panics.
    panics: bool,
    /// What was moved and looked at, in order.
    told: Vec<String>,
    /// What the services run, by the driver's word.
    runs: BTreeMap<String, String>,
    /// The services that the driver cannot move.
    stuck: BTreeSet<String>,
    /// The versions whose image is gone.
    gone: BTreeSet<String>,
}

#[derive(Clone, Default)]
struct Stage(Arc<Mutex<World>>);

impl Stage {
    fn with<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    fn sicken(&self, what: &str) {
        self.with(|world| world.sick.insert(what.to_owned()));
    }

    fn heal(&self) {
        self.with(|world| world.sick.clear());
    }

    fn told(&self) -> Vec<String> {
        self.with(|world| std::mem::take(&mut world.told))
    }

    fn manager(&self, strategy: RollbackStrategy) -> Manager {
        let config = RollbackConfig { strategy, max_history: 3, ..RollbackConfig::default() };
        Manager::new(self.clone(), config).with_driver(self.clone())
    }
}

type Manager = RollbackManager<Stage>;

impl HealthChecker for Stage {
    fn check_service(&self, service: &str) -> bool {
        let panics = self.with(|world| std::mem::take(&mut world.panics));
        assert!(!panics, "the checker broke");
        self.with(|world| {
            world.told.push(format!("look {service}"));
            let version = world.runs.get(service).cloned().unwrap_or_default();
            !world.sick.contains(service) && !world.sick.contains(&format!("{service}={version}"))
        })
    }

    fn check_all(&self) -> HashMap<String, bool> {
        HashMap::new()
    }
}

impl Driver for Stage {
    fn available(&self, one: &Move) -> Result<(), String> {
        let is_gone = self.with(|world| world.gone.contains(&one.to.version));
        if is_gone { Err("its image is gone".to_owned()) } else { Ok(()) }
    }

    fn bring(&self, one: &Move) -> Result<(), String> {
        self.with(|world| {
            if world.stuck.contains(&one.service) {
                return Err("it is stuck".to_owned());
            }
            world.told.push(format!("{}={}", one.service, one.to.version));
            world.runs.insert(one.service.clone(), one.to.version.clone());
            Ok(())
        })
    }
}

/// Deploys `api=1.0 web=2.0`.
fn ship(manager: &mut Manager, stage: &Stage, text: &str) {
    for word in text.split_whitespace() {
        let (service, version) = word.split_once('=').unwrap();
        stage.with(|world| world.runs.insert(service.to_owned(), version.to_owned()));
        let image = format!("{service}:{version}");
        manager.record_deployment(DeployedVersion::new(service, version, image)).unwrap();
    }
}

/// Deploys, and keeps a restore point that is marked stable.
fn good(manager: &mut Manager, stage: &Stage, text: &str) -> String {
    ship(manager, stage, text);
    let id = manager.create_restore_point(text);
    manager.mark_stable(&id).unwrap();
    id
}

fn runs(manager: &Manager) -> String {
    words(manager.current_versions())
}

fn words(versions: &HashMap<String, DeployedVersion>) -> String {
    let all: BTreeMap<_, _> = versions.iter().map(|(name, v)| (name, &v.version)).collect();
    all.iter().map(|(name, version)| format!("{name}={version}")).collect::<Vec<_>>().join(" ")
}

fn pairs(versions: &HashMap<String, String>) -> String {
    let all: BTreeMap<_, _> = versions.iter().collect();
    all.iter().map(|(name, version)| format!("{name}={version}")).collect::<Vec<_>>().join(" ")
}
