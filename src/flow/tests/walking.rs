//! Random walks over two slots: one serves, and the ledger says which.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::super::fakes::{Stage, Writer, commit, run, slots as pair, versions};
use super::super::halt::Step;
use super::super::mark::Mark;
use super::super::resume::Ways;
use super::super::switch::SwitchOrder;
use super::recording::begin_order;
use super::rolling_back::back;
use super::switching::{gradually, sided};
use super::taking_over::killed_before;
use super::verifying::{guard, look};
use crate::domain::archive::Extent;
use crate::domain::ending::Reason;
use crate::domain::event::{Act, Judge, Kind};
use crate::domain::ids::OperationId;
use crate::domain::operation::{Operation, Stability};
use crate::domain::outcome::Outcome;
use crate::domain::policy::Switching;
use crate::domain::slots::Shares;
use crate::domain::slotted::Slots;
use crate::domain::state::State;
use crate::domain::version::Versions;
use crate::flow::begin::BeginOrder;
use crate::flow::cancel::CancelOrder;
use crate::ports::Shelf;

/// How many walks are gone; `LASTGOOD_HISTORIES` goes more.
const WALKS: u64 = 120;

struct Walk {
    stage: Stage,
    chance: fastrand::Rng,
    /// All that anybody ever found stable, and has not been taken back.
    stable: BTreeSet<OperationId>,
}

impl Walk {
    fn new(seed: u64) -> Self {
        let stage = Stage::default();
        *stage.shares.lock().unwrap() = Shares::all(&pair(), &pair().stable);
        stage.ship("api@blue=1.0 web@blue=1.0");
        let walk = Self { stage, chance: fastrand::Rng::with_seed(seed), stable: BTreeSet::new() };
        let ann = sided(&walk.stage, "ann");
        let order = ann.record_order(versions("api=1.0 web=1.0"), Some(commit('a')));
        run(ann.record(&order)).unwrap();
        run(ann.verify(&look())).unwrap();
        walk
    }

    fn one_in(&mut self, times: u8) -> bool {
        self.chance.u8(..times) == 0
    }

    /// Somebody with some policy, whose run, driver or router may end badly.
    fn somebody(&mut self) -> Writer {
        let mut writer = sided(&self.stage, "eve");
        writer.desk.policy.keep.deployments = 2;
        writer.desk.policy.rollback.cooldown = Duration::ZERO;
        if self.one_in(2) {
            gradually(&mut writer);
        }
        if self.one_in(4) {
            writer.desk.policy.deploy.switch = Switching::Manual;
        }
        if self.one_in(4) {
            killed_before(&writer, self.chance.usize(..8));
        }
        if self.one_in(10) {
            writer.router.fail(self.chance.u32(1..3));
        }
        if self.one_in(10) {
            writer.driver.fail_once(["api", "web"][self.chance.usize(..2)]);
        }
        writer
    }

    fn deploys(&mut self, writer: &Writer) -> Step<Outcome> {
        let version = self.chance.u8(1..6);
        let text = match self.chance.u8(..3) {
            0 => format!("api={version}.0 web={version}.0"),
            1 => format!("api={version}.0"),
            _ => format!("web={version}.0"),
        };
        let order = BeginOrder { versions: versions(&text), ..begin_order("1.0") };
        if self.one_in(3) {
            self.stage.sicken(&format!("{version}.0"));
        }
        run(writer.deploy(&BeginOrder { act: Act::Driven, ..order }))
    }

    fn guards(&mut self, writer: &Writer) -> Step<Outcome> {
        let serving = self.stage.state().versions().into_values().next();
        if let Some(serving) = serving.filter(|_| self.one_in(2)) {
            self.stage.sicken(&serving.version);
        }
        run(writer.verify(&guard()))
    }

    fn marks(&mut self, writer: &Writer) -> Step<Outcome> {
        let made = self.stage.whole().operations.len();
        let n = self.chance.usize(1..=made.max(1)) as u64;
        let mark = if self.one_in(2) { Mark::Good } else { Mark::Bad };
        run(writer.mark(n, &mark, None))
    }

    fn goes_on(&mut self) {
        self.stage.later(Duration::from_secs(self.chance.u64(1..1800)));
        let writer = self.somebody();
        let before = self.stage.state();
        match self.chance.u8(..20) {
            0..=6 => drop(self.deploys(&writer)),
            7..=8 => drop(self.guards(&writer)),
            9..=10 => drop(run(writer.rollback(&back()))),
            11 => drop(run(writer.switch(&SwitchOrder::default()))),
            12..=13 => {
                let ended = run(writer.cancel(&CancelOrder::default()));
                self.undid_one_rollback(&before, ended);
            }
            14..=15 => drop(run(writer.resume(Ways::Finish))),
            16 => drop(run(writer.resume(Ways::Undo))),
            17 => drop(self.marks(&writer)),
            _ => drop(run(writer.prune(Extent::Keep(2)))),
        }
        self.stage.heal();
        self.keeps_what_was_stable();
    }

    /// A cancel that ends well brings what ran before the rollback that was the current deployment.
    fn undid_one_rollback(&self, before: &State, ended: Step<Outcome>) {
        if ended.is_ok_and(|outcome| outcome.ending.reason == Reason::Done) {
            let undone = before.current().unwrap();
            assert_eq!(undone.kind, Kind::Rollback);
            let steps = undone.plan().iter();
            let from = steps.filter_map(|step| Some((step.service.clone(), step.from.clone()?)));
            let now = self.stage.state().versions();
            let from: Versions = from.collect();
            assert!(from.iter().all(|(service, version)| now.get(service) == Some(version)));
        }
    }

    fn keeps_what_was_stable(&mut self) {
        let whole = self.stage.whole();
        let is_stable = |made: &&Operation| matches!(made.stability, Stability::Stable { .. });
        for id in &self.stable {
            let made = whole.operation(*id).expect("what was stable is kept");
            assert_ne!(made.stability, Stability::Unproven, "{} was stable", made.n);
        }
        self.stable = whole.operations.iter().filter(is_stable).map(|made| made.id).collect();
        for made in whole.operations.iter().filter(is_stable) {
            let by_a_person = matches!(made.stability, Stability::Stable { by: Judge::Person, .. });
            assert!(by_a_person || self.was_found_healthy(made), "{} is stable", made.n);
        }
    }

    fn was_found_healthy(&self, made: &Operation) -> bool {
        let mut remote = self.stage.remote.lock().unwrap();
        let shelves = [Shelf::Live, Shelf::Archive];
        let lines: Vec<_> =
            shelves.into_iter().flat_map(|shelf| remote.shelf(shelf).lines.clone()).collect();
        lines.iter().any(|line| {
            let event: Value = serde_json::from_str(&line.text).unwrap();
            let is_own = event["op"] == made.id.to_string() && event["type"] == "verified";
            let judged = event["versions"].as_object().is_some_and(|judged| !judged.is_empty());
            is_own && judged && event["verdict"] == "healthy"
        })
    }

    /// Brings everything to rest.
    fn settles(&mut self) {
        for _ in 0..6 {
            self.stage.later(Duration::from_secs(3600));
            let mut writer = sided(&self.stage, "zoe");
            writer.desk.policy.keep.deployments = 2;
            let _ = run(writer.resume(Ways::Finish));
        }
        assert_eq!(self.stage.state().open().count(), 0, "nothing stays open");
    }

    /// Exactly one slot serves, by the router and by the ledger, and runs what the ledger says.
    fn one_slot_serves(&self) {
        let state = self.stage.state();
        let live = Slots::of(&state, &pair()).live().clone();
        assert_eq!(self.stage.shares.lock().unwrap().sole(), Some(&live));
        let world = self.stage.world.lock().unwrap();
        for (service, version) in state.versions() {
            let runs =
                world.runs.iter().find(|(place, _)| place.as_str() == format!("{service}@{live}"));
            let runs = runs.map(|(_, version)| version);
            let is_known = !state.unknown.contains_key(&service);
            assert!(!is_known || runs == Some(&version.version), "{service}: {runs:?}");
        }
    }

    fn told(&self) -> String {
        let mut remote = self.stage.remote.lock().unwrap();
        let lines = remote.shelf(Shelf::Live).lines.clone();
        let lines: Vec<_> = lines.iter().map(|line| line.text.clone()).collect();
        [self.stage.told(), lines].concat().join("\n")
    }
}

#[test]
fn whatever_happens_one_slot_serves_and_nothing_that_was_stable_is_lost() {
    let asked = std::env::var("LASTGOOD_HISTORIES").ok().and_then(|asked| asked.parse().ok());
    for seed in 0..asked.unwrap_or(WALKS) {
        let mut walk = Walk::new(seed);
        let steps = walk.chance.u8(4..14);
        let gone = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            (0..steps).for_each(|_| walk.goes_on());
            walk.settles();
            walk.one_slot_serves();
        }));
        assert!(gone.is_ok(), "walk {seed}:\n{}", walk.told());
    }
}
