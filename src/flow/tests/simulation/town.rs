//! One history: four writers, one remote, and fate.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::super::super::desk::Desk;
use super::super::super::fakes::{
    Bend, FakeOutbox, Fate, Fault, Stage, Writer, morning, production, run,
};
use super::super::super::resume::Ways;
use super::invariants::{self, Broken, essence};
use super::rules::{Bent, Dropped};
use crate::domain::archive::Extent;
use crate::domain::event::{Act, Body, Event};
use crate::domain::fold::Reading;
use crate::domain::ids::{EventId, OperationId, RunId};
use crate::domain::line;
use crate::domain::state::State;
use crate::ports::{Batch, Drive, FoundLine, Place, Shelf};

/// How deep one run may interrupt another.
const DEEPEST: usize = 2;
const WRITERS: usize = 4;
const HOUR: Duration = Duration::from_secs(3600);

/// One writer's machine.
struct Machine {
    name: String,
    skew: Duration,
    copy: Arc<Mutex<Vec<(Place, String)>>>,
    outbox: Arc<FakeOutbox>,
}

/// One history.
#[derive(Clone)]
pub(super) struct Town(Arc<Inner>);

struct Inner {
    stage: Stage,
    chance: Mutex<fastrand::Rng>,
    seed: u64,
    dropped: Option<Dropped>,
    machines: Vec<Machine>,
    depth: Mutex<usize>,
    found: Mutex<Found>,
}

/// What is remembered of a history to judge it by.
#[derive(Default)]
struct Found {
    broken: BTreeSet<Broken>,
    acknowledged: BTreeSet<String>,
    arrived: BTreeSet<EventId>,
    tried: BTreeMap<EventId, Vec<FoundLine>>,
    images: Vec<Vec<FoundLine>>,
    retired: bool,
    excused: bool,
    calm: bool,
}

impl Town {
    pub(super) fn new(seed: u64, dropped: Option<Dropped>) -> Self {
        let mut chance = fastrand::Rng::with_seed(seed);
        let machine = |number: usize| Machine {
            name: format!("w{number}"),
            skew: HOUR.mul_f64(3.0 * chance.f64()),
            copy: Arc::default(),
            outbox: Arc::default(),
        };
        let machines = (0..WRITERS).map(machine).collect();
        Self(Arc::new(Inner {
            stage: Stage::default(),
            chance: Mutex::new(chance),
            seed,
            dropped,
            machines,
            depth: Mutex::new(0),
            found: Mutex::default(),
        }))
    }

    /// Returns how many things happen in this history.
    pub(super) fn length(&self) -> usize {
        self.dice(5, 14)
    }

    pub(super) fn dice(&self, least: usize, most: usize) -> usize {
        self.0.chance.lock().unwrap().usize(least..=most)
    }

    pub(super) fn one_in(&self, times: usize) -> bool {
        self.dice(1, times) == 1
    }

    pub(super) fn stage(&self) -> &Stage {
        &self.0.stage
    }

    pub(super) fn breaks(&self, broken: Broken) {
        self.0.found.lock().unwrap().broken.insert(broken);
    }

    /// Starts a process on one of the machines.
    pub(super) fn writer(&self) -> Writer {
        self.writer_at(self.some_machine())
    }

    pub(super) fn some_machine(&self) -> usize {
        self.dice(0, WRITERS - 1)
    }

    pub(super) fn writer_at(&self, number: usize) -> Writer {
        let machine = &self.0.machines[number];
        let settle = |desk: &mut Desk| {
            desk.ports.outbox = machine.outbox.clone();
            desk.patience = Duration::from_secs(60);
            desk.policy.keep.deployments = 2;
            desk.policy.rollback.cooldown = Duration::ZERO;
        };
        let writer = self.0.stage.desk_with(&machine.name, machine.skew, self.0.seed, settle);
        let own = writer.who.run;
        if let Some(rule) = self.0.dropped {
            writer.ledger.bent_by(Arc::new(Self::bent(rule, own, &writer, machine)));
        }
        writer.ledger.fated_by(Arc::new(self.clone()));
        let town = self.clone();
        writer.driver.watched_by(Arc::new(move |drive| town.witnesses(drive, own)));
        if self.one_in(4) {
            let town = self.clone();
            writer.driver.meanwhile(move || town.interrupts());
        }
        if self.one_in(4) {
            let town = self.clone();
            writer.driver.hesitate(move || town.interrupts());
        }
        if self.one_in(12) {
            writer.driver.fail_once(["api", "web"][self.dice(0, 1)]);
        }
        writer
    }

    fn bent(rule: Dropped, own: RunId, writer: &Writer, machine: &Machine) -> Bent {
        let clock = writer.clock.clone();
        let ms = move || {
            let now = crate::ports::Clock::now(&*clock).as_millisecond();
            u64::try_from(now).unwrap()
        };
        Bent::new(rule, own, Box::new(ms), machine.copy.clone())
    }

    /// While one run is at work, others get their turn; perhaps after a long time.
    pub(super) fn interrupts(&self) {
        let deep = {
            let mut depth = self.0.depth.lock().unwrap();
            *depth += 1;
            *depth > DEEPEST
        };
        if !deep && !self.0.found.lock().unwrap().calm {
            if self.one_in(2) {
                self.0.stage.later(Duration::from_secs(16 * 60));
            }
            for _ in 0..self.dice(1, 2) {
                self.act();
            }
        }
        *self.0.depth.lock().unwrap() -= 1;
    }

    /// A driver is called: its run must own the operation now.
    fn witnesses(&self, drive: &Drive, own: RunId) {
        let lines = self.lines(Shelf::Live);
        let state = invariants::state(lines.iter(), Reading::Live);
        let mine = |op: &&crate::domain::operation::Operation| {
            op.n == drive.deployment && op.owner == own && op.is_open()
        };
        if state.operations.iter().find(mine).is_none() {
            self.breaks(Broken::DroveWithoutOwning);
        }
    }

    pub(super) fn lines(&self, shelf: Shelf) -> Vec<String> {
        let mut remote = self.0.stage.remote.lock().unwrap();
        remote.shelf(shelf).lines.iter().map(|line| line.text.clone()).collect()
    }

    /// A slow writer or a merge of notes brings back what had moved.
    pub(super) fn brings_back(&self) {
        let found = self.0.found.lock().unwrap();
        // Most copies are read while somebody is at work: that is when they are made.
        let at_work: Vec<_> = found.images.iter().filter(|image| is_at_work(image)).collect();
        let images = if self.one_in(4) { found.images.iter().collect() } else { at_work };
        if images.is_empty() {
            return;
        }
        let mut old = images[self.dice(0, images.len() - 1)].clone();
        // A copy can also hold what its writer had tried first, before it was accepted anew.
        if self.one_in(3) {
            let tried = found.tried.iter().filter(|(ev, _)| found.arrived.contains(*ev));
            let first = tried.flat_map(|(_, lines)| lines);
            old.extend(first.filter(|line| !found.acknowledged.contains(&line.text)).cloned());
        }
        let live = &mut self.0.stage.remote.lock().unwrap().live;
        let missing: Vec<FoundLine> =
            old.into_iter().filter(|line| !live.lines.contains(line)).collect();
        live.lines.extend(missing);
        live.revision += 1;
    }

    /// Tells everything that happened, and how it ended.
    pub(super) fn told(&self) -> String {
        let told = self.0.stage.told().join("\n");
        let lines = [self.lines(Shelf::Live), self.lines(Shelf::Archive)].concat().join("\n");
        format!("{told}\n{lines}\n{}", self.0.stage.runs())
    }

    pub(super) fn broken(&self) -> Vec<Broken> {
        self.0.found.lock().unwrap().broken.iter().copied().collect()
    }

    /// Brings everything to rest, and judges the whole.
    pub(super) fn settle(&self) {
        self.0.found.lock().unwrap().calm = true;
        for number in 0..WRITERS {
            let _ = run(self.writer_at(number).resume(Ways::Finish));
        }
        for _ in 0..6 {
            let state = self.0.stage.state();
            let Some(open) = state.open().next() else { break };
            let ways = if open.act() == Act::Driven { Ways::Finish } else { Ways::Undo };
            let _ = run(self.writer().resume(ways));
        }
        self.judge();
        let _ = run(self.writer().prune(Extent::Keep(2)));
        self.judge();
        if self.0.stage.state().open().count() > 0 {
            self.breaks(Broken::Stuck);
        }
        let lines = [self.understood(Shelf::Live), self.understood(Shelf::Archive)].concat();
        self.0.found.lock().unwrap().broken.extend(invariants::of_lines(&lines));
        self.judge_order();
        self.judge_truth();
    }

    /// Judges what must hold at any time.
    pub(super) fn judge(&self) {
        if *self.0.depth.lock().unwrap() > 0 {
            return;
        }
        let live = self.understood(Shelf::Live);
        let id = |state: &State| state.last_stable().map(|operation| operation.id);
        let mut broken = BTreeSet::new();
        let now =
            morning() + jiff::SignedDuration::try_from(*self.0.stage.time.lock().unwrap()).unwrap();
        let truth = [self.lines(Shelf::Live), self.lines(Shelf::Archive)].concat();
        let retired = truth.iter().any(|line| line.contains("\"retired\":true"));
        self.0.found.lock().unwrap().retired |= retired;
        let short = invariants::state(live.iter(), Reading::Live);
        let long = invariants::state(truth.iter(), Reading::Whole);
        // Where the live ledger cannot know the last stable deployment, its readers ask the archive.
        let stable = retired || !short.knows_last_stable() || id(&short) == id(&long);
        if !stable || essence(&short, now, retired) != essence(&long, now, retired) {
            broken.insert(Broken::Differs);
        }
        if long.open().count() > 1 {
            broken.insert(Broken::TwoOpen);
        }
        let there: BTreeSet<&String> = truth.iter().collect();
        let mut found = self.0.found.lock().unwrap();
        if found.acknowledged.iter().any(|line| !there.contains(line)) {
            broken.insert(Broken::Lost);
        }
        found.broken.extend(broken);
    }

    /// What the lines say, they say in any order and wherever they lie.
    fn judge_order(&self) {
        let live = self.lines(Shelf::Live);
        let mut shuffled: Vec<&String> = live.iter().chain(&live).collect();
        self.0.chance.lock().unwrap().shuffle(&mut shuffled);
        let ordered = invariants::state(live.iter(), Reading::Live);
        if invariants::state(shuffled.into_iter(), Reading::Live) != ordered {
            self.breaks(Broken::Unordered);
        }
    }

    /// What runs is what the ledger says, or it says that it does not know.
    fn judge_truth(&self) {
        let state = self.0.stage.state();
        let found = self.0.found.lock().unwrap();
        if found.excused || found.retired || state.open().count() > 0 {
            return;
        }
        let versions = state.versions();
        let world = self.0.stage.world.lock().unwrap();
        let lies = world.runs.iter().any(|(service, runs)| {
            let said = versions.get(service).map(|version| &version.version);
            said != Some(runs) && !state.unknown.contains_key(service)
        });
        drop(found);
        drop(world);
        if lies {
            self.breaks(Broken::Lies);
        }
    }

    /// What is carried out was asked for, and approved as far as need be.
    fn judge_asked(&self, event: &Event, before: &[FoundLine], batch: &Batch) {
        let Body::Started(started) = &event.body else { return };
        let Some(id) = started.request else { return };
        let before: Vec<String> = before.iter().map(|line| line.text.clone()).collect();
        let with = batch.add.iter().map(|(_, text)| text);
        if !invariants::was_asked_for(id, before.iter(), with) {
            self.breaks(Broken::Unasked);
        }
    }

    fn understood(&self, shelf: Shelf) -> Vec<String> {
        let image = self.0.stage.remote.lock().unwrap().shelf(shelf).image();
        let Some(rule) = self.0.dropped else {
            return image.lines.into_iter().map(|line| line.text).collect();
        };
        // Whose it is and what is hidden are mistakes of writers, not of readers.
        if matches!(rule, Dropped::Ownership | Dropped::IntentIsTheLock | Dropped::AskedBefore) {
            return image.lines.into_iter().map(|line| line.text).collect();
        }
        let reader = self.0.stage.desk("reader");
        let machine = &self.0.machines[0];
        let bent = Self::bent(rule, reader.who.run, &reader, machine);
        Bend::read(&bent, shelf, image).lines.into_iter().map(|line| line.text).collect()
    }

    fn remembers(&self, batch: &Batch) {
        let mut found = self.0.found.lock().unwrap();
        for (place, text) in &batch.add {
            if let (Some(event), Place::Anchor | Place::Commit(_)) = (event(text), place) {
                let note = "copy".to_owned();
                let line = FoundLine { note, text: text.clone() };
                found.tried.entry(event.ev).or_default().push(line);
            }
        }
    }
}

/// Returns a line's id as it is written; ids sort as texts do.
fn id(text: &str) -> Option<&str> {
    let at = text.find("\"id\":\"")? + 6;
    text.get(at..at + 26)
}

fn is_at_work(image: &[FoundLine]) -> bool {
    let of = |kind: &str| image.iter().filter(|line| line.text.contains(kind)).count();
    of("\"type\":\"started\"") > of("\"type\":\"finished\"")
}

fn is_driven(before: &[FoundLine], op: OperationId) -> bool {
    before.iter().filter_map(|line| event(&line.text)).any(|event| match event.body {
        Body::Started(started) => event.op == op && started.act == Act::Driven,
        _ => false,
    })
}

fn event(text: &str) -> Option<Event> {
    line::read(text, &production()).ok()
}

impl Fate for Town {
    fn before(&self) {
        if *self.0.depth.lock().unwrap() < DEEPEST && self.one_in(12) {
            self.interrupts();
        }
    }

    fn fault(&self, batch: &Batch) -> Fault {
        if self.0.found.lock().unwrap().calm {
            return Fault::None;
        }
        self.remembers(batch);
        let fault = match self.dice(1, 24) {
            1 => Fault::Dies,
            2 => Fault::LostAfter,
            3 => Fault::LostBefore,
            _ => Fault::None,
        };
        let strays = |(_, text): &(Place, String)| {
            event(text).is_some_and(|event| matches!(event.body, Body::Strayed { .. }))
        };
        // Nothing in git can tell of an outside effect whose run dies before it tells.
        if fault == Fault::Dies && batch.add.iter().any(strays) {
            self.0.found.lock().unwrap().excused = true;
        }
        fault
    }

    fn accepted(&self, before: &[FoundLine], batch: &Batch) {
        let newest = before.iter().filter_map(|line| id(&line.text)).max();
        // What a person revives keeps its old place in the order.
        let new = batch.add.iter().filter(|(place, _)| !matches!(place, Place::Note(_)));
        for event in new.filter_map(|(_, text)| event(text)) {
            if newest.is_some_and(|newest| *event.id.to_string() <= *newest) {
                self.breaks(Broken::OutOfOrder);
            }
            self.judge_asked(&event, before, batch);
            let Body::Deployed(what) = &event.body else { continue };
            if !is_driven(before, event.op) {
                let mut world = self.0.stage.world.lock().unwrap();
                for (service, change) in &what.changed {
                    world.runs.insert(service.clone(), change.to.version.clone());
                }
            }
        }
        let lines = self.0.stage.remote.lock().unwrap().live.lines.clone();
        self.0.found.lock().unwrap().images.push(lines);
    }

    fn acknowledged(&self, batch: &Batch) {
        let lines = batch.add.iter().map(|(_, text)| text.clone());
        let events = batch.add.iter().filter_map(|(_, text)| event(text)).map(|event| event.ev);
        let mut found = self.0.found.lock().unwrap();
        found.acknowledged.extend(lines);
        found.arrived.extend(events);
    }
}
