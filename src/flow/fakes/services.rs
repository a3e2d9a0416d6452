//! Services that run a version, drivers that move them, checks that look.

use crate::domain::check::Rehearsal;
use crate::domain::gate::Worth;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;

use super::Transcript;
use crate::domain::check::{Answered, Check, Measurement, Phase, Reach, Weight};
use crate::domain::limits::Limits;
use crate::domain::names::Service;
use crate::domain::version::Version;
use crate::error::{Error, Result};
use crate::ports::{BoundCheck, Drive, Driven, Driver, Probe};

/// What runs, and what of it is sick.
#[derive(Default)]
pub(in crate::flow) struct World {
    pub(in crate::flow) runs: BTreeMap<Service, String>,
    pub(in crate::flow) sick: BTreeSet<String>,
    pub(in crate::flow) blind: bool,
    pub(in crate::flow) broken: bool,
    /// The service that the sick version's check belongs to; all where none.
    pub(in crate::flow) own_check: Option<Service>,
}

type Errand = Box<dyn FnOnce() + Send>;

/// Told of each drive before it begins.
pub(in crate::flow) type Witness = Arc<dyn Fn(&Drive) + Send + Sync>;

/// Moves services, unless it is told to fail; something may happen while it is at work.
pub(in crate::flow) struct FakeDriver {
    name: String,
    world: Arc<Mutex<World>>,
    transcript: Transcript,
    pub(in crate::flow) fails: Mutex<BTreeSet<String>>,
    meanwhile: Mutex<Option<Errand>>,
    once: Mutex<BTreeSet<String>>,
    before: Mutex<Option<Errand>>,
    witness: Mutex<Option<Witness>>,
}

impl FakeDriver {
    pub(super) fn new(name: &str, world: Arc<Mutex<World>>, transcript: Transcript) -> Self {
        let (fails, meanwhile) = (Mutex::default(), Mutex::new(None));
        let (once, before, witness) = (Mutex::default(), Mutex::new(None), Mutex::new(None));
        Self { name: name.to_owned(), world, transcript, fails, meanwhile, once, before, witness }
    }

    /// Makes the driver of a service fail from now on, or of all with `*`.
    pub(in crate::flow) fn fail(&self, service: &str) {
        self.fails.lock().unwrap().insert(service.to_owned());
    }

    /// Lets something happen after the next drive has begun and before it moves its service.
    pub(in crate::flow) fn hesitate(&self, errand: impl FnOnce() + Send + 'static) {
        *self.before.lock().unwrap() = Some(Box::new(errand));
    }

    pub(in crate::flow) fn watched_by(&self, witness: Witness) {
        *self.witness.lock().unwrap() = Some(witness);
    }

    /// Makes the next drive of a service fail.
    pub(in crate::flow) fn fail_once(&self, service: &str) {
        self.once.lock().unwrap().insert(service.to_owned());
    }

    pub(in crate::flow) fn mend(&self) {
        self.fails.lock().unwrap().clear();
    }

    /// Lets something happen right after the next drive has moved its service.
    pub(in crate::flow) fn meanwhile(&self, errand: impl FnOnce() + Send + 'static) {
        *self.meanwhile.lock().unwrap() = Some(Box::new(errand));
    }
}

#[async_trait]
impl Driver for FakeDriver {
    fn plan(&self, drive: &Drive) -> Vec<String> {
        vec![format!("./deploy {} {}", drive.service, drive.to.version)]
    }

    async fn apply(&self, drive: &Drive) -> Result<Driven> {
        let Drive { service, to, .. } = drive;
        let action = drive.action.as_str();
        let witness = self.witness.lock().unwrap().clone();
        if let Some(witness) = witness {
            witness(drive);
        }
        let errand = self.before.lock().unwrap().take();
        if let Some(errand) = errand {
            errand();
        }
        let once = self.once.lock().unwrap().remove(service.as_str());
        let fails = self.fails.lock().unwrap();
        if once || fails.contains("*") || fails.contains(service.as_str()) {
            self.transcript.tell(format!("{}: {action} {service} {} fails", self.name, to.version));
            return Err(Error::failed("the script ended with 1"));
        }
        drop(fails);
        self.transcript.tell(format!("{}: {action} {service} {}", self.name, to.version));
        self.world.lock().unwrap().runs.insert(service.clone(), to.version.clone());
        let errand = self.meanwhile.lock().unwrap().take();
        if let Some(errand) = errand {
            errand();
        }
        Ok(Driven { message: String::new() })
    }
}

struct Eye {
    service: Option<Service>,
    world: Arc<Mutex<World>>,
}

#[async_trait]
impl Probe for Eye {
    fn kind(&self) -> &'static str {
        "fake"
    }

    fn reach(&self) -> Reach {
        Reach::Direct
    }

    async fn measure(&self, expected: Option<&Version>, _: Duration) -> Measurement {
        let world = self.world.lock().unwrap();
        if world.broken {
            return Measurement::error("the instrument is broken");
        }
        if world.blind {
            return Measurement::inconclusive("no data");
        }
        let seen = |service: &Service| self.service.as_ref().is_none_or(|own| own == service);
        let mut runs = world.runs.iter().filter(|(service, _)| seen(service));
        if let Some((_, sick)) = runs.clone().find(|(_, version)| world.sick.contains(*version)) {
            return Measurement::fail(format!("{sick} is sick"));
        }
        match (expected, runs.next()) {
            (Some(expected), Some((_, version))) if *version != expected.version => {
                Measurement::fail(format!("{version} answers"))
                    .answered_by(Answered::Other(version.clone()))
            }
            (Some(_), Some(_)) => Measurement::pass("it answers").answered_by(Answered::Expected),
            (None, _) | (Some(_), None) => Measurement::pass("it answers"),
        }
    }
}

/// Returns the gate of a story: one check of the whole environment, or of one service.
pub(in crate::flow) fn checks(world: &Arc<Mutex<World>>) -> Vec<BoundCheck> {
    let service = world.lock().unwrap().own_check.clone();
    let limits = Limits {
        deadline: Duration::from_secs(5),
        success_streak: Some(1),
        ..Limits::defaults(Phase::Settle, Reach::Direct)
    };
    let check = Check {
        name: "it answers".to_owned(),
        service: service.clone(),
        phase: Phase::Settle,
        weight: Weight::Required,
        worth: Worth::default(),
        rehearsal: Rehearsal::default(),
        limits,
    };
    vec![BoundCheck { check, probe: Arc::new(Eye { service, world: world.clone() }) }]
}
