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
use crate::domain::sighting::Sighting;
use crate::domain::slots::{Shares, Slot};
use crate::domain::version::Version;
use crate::error::{Error, Result};
use crate::ports::{Availability, BoundCheck, Drive, Driven, Driver, Probe, Running, Site};

/// What runs, and what of it is sick.
#[derive(Default)]
pub(in crate::flow) struct World {
    pub(in crate::flow) runs: BTreeMap<Service, String>,
    pub(in crate::flow) sick: BTreeSet<String>,
    pub(in crate::flow) blind: bool,
    pub(in crate::flow) broken: bool,
    /// The versions of which nothing is left to bring.
    pub(in crate::flow) gone: BTreeSet<String>,
    /// The services that a driver says to have moved and leaves as they are.
    pub(in crate::flow) stubborn: BTreeSet<String>,
    /// The services that no driver can stop.
    pub(in crate::flow) rooted: BTreeSet<String>,
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
    lacking: Mutex<bool>,
}

impl FakeDriver {
    pub(super) fn new(name: &str, world: Arc<Mutex<World>>, transcript: Transcript) -> Self {
        let (fails, meanwhile) = (Mutex::default(), Mutex::new(None));
        let (once, before, witness) = (Mutex::default(), Mutex::new(None), Mutex::new(None));
        let (name, lacking) = (name.to_owned(), Mutex::default());
        Self { name, world, transcript, fails, meanwhile, once, before, witness, lacking }
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

    /// Takes away, from now on, what the driver needs here.
    pub(in crate::flow) fn lack(&self) {
        *self.lacking.lock().unwrap() = true;
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

    fn ready(&self) -> Result<()> {
        if *self.lacking.lock().unwrap() {
            return Err(Error::failed("its program is not here").hint("install it"));
        }
        Ok(())
    }

    async fn current(&self, site: &Site) -> Result<Running> {
        let place = place(&site.service, site.slot.as_ref());
        let version = self.world.lock().unwrap().runs.get(&place).cloned();
        let seen =
            |version| Running::Seen(Sighting { version: Some(version), ..Sighting::default() });
        Ok(version.map_or(Running::Nothing, seen))
    }

    async fn available(&self, drive: &Drive) -> Result<Availability> {
        let is_gone = self.world.lock().unwrap().gone.contains(&drive.to.version);
        let missing = || Availability::Missing("no such image".to_owned());
        Ok(if is_gone { missing() } else { Availability::Untold })
    }

    async fn apply(&self, drive: &Drive) -> Result<Driven> {
        let Drive { service, to, .. } = drive;
        let action = drive.action.as_str();
        let place = place(service, drive.slot.as_ref());
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
            self.transcript.tell(format!("{}: {action} {place} {} fails", self.name, to.version));
            return Err(Error::failed("the script ended with 1"));
        }
        drop(fails);
        self.transcript.tell(format!("{}: {action} {place} {}", self.name, to.version));
        let mut world = self.world.lock().unwrap();
        if !world.stubborn.contains(service.as_str()) {
            world.runs.insert(place, to.version.clone());
        }
        drop(world);
        let errand = self.meanwhile.lock().unwrap().take();
        if let Some(errand) = errand {
            errand();
        }
        Ok(Driven { message: String::new() })
    }

    fn plan_removal(&self, drive: &Drive) -> Result<Vec<String>> {
        if self.world.lock().unwrap().rooted.contains(drive.service.as_str()) {
            return Err(Error::failed("the fake driver stops nothing").hint("add `stops: true`"));
        }
        Ok(vec![format!("./stop {}", place(&drive.service, drive.slot.as_ref()))])
    }

    async fn remove(&self, drive: &Drive) -> Result<Driven> {
        let place = place(&drive.service, drive.slot.as_ref());
        let once = self.once.lock().unwrap().remove(drive.service.as_str());
        if once || self.fails.lock().unwrap().contains(drive.service.as_str()) {
            self.transcript.tell(format!("{}: stop {place} fails", self.name));
            return Err(Error::failed("the script ended with 1"));
        }
        self.transcript.tell(format!("{}: stop {place}", self.name));
        let mut world = self.world.lock().unwrap();
        if !world.stubborn.contains(drive.service.as_str()) {
            world.runs.remove(&place);
        }
        drop(world);
        let errand = self.meanwhile.lock().unwrap().take();
        if let Some(errand) = errand {
            errand();
        }
        Ok(Driven { message: String::new() })
    }
}

/// Returns where a service runs: at a slot it is another.
fn place(service: &Service, slot: Option<&Slot>) -> Service {
    match slot {
        Some(slot) => Service::new(format!("{service}@{slot}")).unwrap(),
        None => service.clone(),
    }
}

/// Which of the services an eye sees.
#[derive(Clone, Default)]
pub(in crate::flow) enum Sight {
    /// All.
    #[default]
    All,
    /// What runs at a slot.
    Slot(Slot),
    /// What gets any traffic.
    Served(Arc<Mutex<Shares>>),
}

impl Sight {
    fn sees(&self, place: &Service) -> bool {
        let at = |slot: &Slot| place.as_str().ends_with(&format!("@{slot}"));
        match self {
            Self::All => true,
            Self::Slot(slot) => at(slot),
            Self::Served(shares) => {
                let shares = shares.lock().unwrap();
                shares.each().any(|(slot, share)| share > 0 && at(slot))
            }
        }
    }
}

struct Eye {
    service: Option<Service>,
    world: Arc<Mutex<World>>,
    sight: Sight,
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
        let seen = |service: &Service| {
            self.service.as_ref().is_none_or(|own| own == service) && self.sight.sees(service)
        };
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
    checks_of(world, Sight::All)
}

/// Returns the same gate of only some of what runs.
pub(in crate::flow) fn checks_of(world: &Arc<Mutex<World>>, sight: Sight) -> Vec<BoundCheck> {
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
    vec![BoundCheck { check, probe: Arc::new(Eye { service, world: world.clone(), sight }) }]
}
