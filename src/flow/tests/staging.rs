//! Stages with checks of their own, and how long they may take.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;

use super::super::fakes::{FakeShowcase, Stage, Writer, reason, run};
use super::super::resume::Ways;
use super::rolling_back::back;
use super::switching::{gradually, shop, sided, two};
use crate::domain::check::{Check, Limits, Measurement, Phase, Reach, Rehearsal, Weight};
use crate::domain::ending::Reason;
use crate::domain::gate::Worth;
use crate::domain::policy::Stage as Share;
use crate::domain::slots::Slot;
use crate::domain::version::Version;
use crate::ports::{BoundCheck, Probe, StageChecks};

/// A probe that says what it is told to, and counts how often it was asked.
struct Parrot {
    says: fn() -> Measurement,
    asked: Arc<Mutex<u32>>,
}

#[async_trait]
impl Probe for Parrot {
    fn kind(&self) -> &'static str {
        "fake"
    }

    fn reach(&self) -> Reach {
        Reach::Instrument
    }

    async fn measure(&self, expected: Option<&Version>, _: Duration) -> Measurement {
        assert_eq!(expected, None, "two versions answer in a stage");
        *self.asked.lock().unwrap() += 1;
        (self.says)()
    }
}

/// Returns a check that belongs to a stage, and how often it was asked.
fn parrot(says: fn() -> Measurement) -> (BoundCheck, Arc<Mutex<u32>>) {
    let asked = Arc::new(Mutex::new(0));
    let check = Check {
        name: "errors of the new".to_owned(),
        service: None,
        phase: Phase::Settle,
        weight: Weight::Required,
        worth: Worth::default(),
        rehearsal: Rehearsal::default(),
        limits: Limits {
            success_streak: Some(1),
            deadline: Duration::from_secs(3600),
            ..Limits::defaults(Phase::Settle, Reach::Instrument)
        },
    };
    (BoundCheck { check, probe: Arc::new(Parrot { says, asked: asked.clone() }) }, asked)
}

/// Asks something in the second of the stages that lead to a slot.
fn in_the_second(writer: &mut Writer, slot: &str, asked: &BoundCheck) {
    let own = vec![Vec::new(), vec![asked.clone()]];
    let side = writer.desk.ports.sides.get_mut(&Slot::new(slot).unwrap()).unwrap();
    side.stages = StageChecks { deploy: own.clone(), rollback: own };
}

fn moves(stage: &Stage) -> Vec<String> {
    stage.told().into_iter().filter(|line| line.contains('%')).collect()
}

/// What was written of the stages: the verdict, and the traffic under which it was found.
fn looks(stage: &Stage) -> Vec<String> {
    let page = run(stage.desk("reader").read()).unwrap();
    let events = page.image.lines.iter().map(|line| serde_json::from_str::<Value>(&line.text));
    let mut events: Vec<Value> = events.map(Result::unwrap).collect();
    events.sort_by_key(|event| event["id"].as_str().unwrap().to_owned());
    let stages = events.iter().filter(|event| event["type"] == "verified");
    let stages = stages.filter(|event| event["traffic"].is_object());
    let told = |event: &Value| {
        let share = |(slot, share): (&String, &Value)| format!("{slot} {share}");
        let shares: Vec<_> = event["traffic"].as_object().unwrap().iter().map(share).collect();
        format!("{} at {}", event["verdict"].as_str().unwrap(), shares.join(", "))
    };
    stages.map(told).collect()
}

#[test]
fn a_stage_asks_its_own_checks_after_it_was_held() {
    let stage = shop();
    let mut bob = sided(&stage, "bob");
    gradually(&mut bob);
    bob.desk.policy.deploy.stages[1].max *= 2;
    let (check, asked) = parrot(|| Measurement::pass("0.1 %"));
    in_the_second(&mut bob, "green", &check);
    assert_eq!(reason(run(bob.deploy(&two()))), Reason::Healthy);
    assert_eq!(*asked.lock().unwrap(), 1);
    assert_eq!(
        moves(&stage),
        ["bob: blue 75 %, green 25 %", "bob: blue 50 %, green 50 %", "bob: blue 0 %, green 100 %"]
    );
}

#[test]
fn what_a_stage_finds_wrong_by_itself_gives_all_traffic_back() {
    let stage = shop();
    let mut bob = sided(&stage, "bob");
    gradually(&mut bob);
    bob.desk.policy.deploy.stages[1].max *= 2;
    let (check, _) = parrot(|| Measurement::fail("9 %"));
    in_the_second(&mut bob, "green", &check);
    let (check, not_asked) = parrot(|| Measurement::fail("it is the other slot's"));
    in_the_second(&mut bob, "blue", &check);
    bob.desk.ports.sides.values_mut().for_each(|side| {
        for bound in side.stages.deploy.iter_mut().flatten() {
            bound.check.limits.deadline = Duration::from_secs(20);
        }
    });
    assert_eq!(reason(run(bob.deploy(&two()))), Reason::NotSwitched);
    assert_eq!(*not_asked.lock().unwrap(), 0);
    assert_eq!(
        moves(&stage),
        ["bob: blue 75 %, green 25 %", "bob: blue 50 %, green 50 %", "bob: blue 100 %, green 0 %"]
    );
    assert_eq!(
        looks(&stage),
        [
            "healthy at blue 75, green 25",
            "healthy at blue 50, green 50",
            "unhealthy at blue 50, green 50",
        ]
    );
}

#[test]
fn what_a_stage_cannot_tell_within_its_max_was_not_told() {
    let stage = shop();
    let mut bob = sided(&stage, "bob");
    gradually(&mut bob);
    bob.desk.policy.deploy.stages[1].max = Duration::from_secs(90);
    let (check, _) = parrot(|| Measurement::inconclusive("no data"));
    in_the_second(&mut bob, "green", &check);
    let began = bob.desk.ports.clock.monotonic();
    let ended = reason(run(bob.deploy(&two())));
    assert!(matches!(ended, Reason::NoData | Reason::NotSwitched), "{ended:?}");
    let took = bob.desk.ports.clock.monotonic().saturating_sub(began).as_secs();
    assert!((150..160).contains(&took), "a minute, and then 90 seconds: {took} s");
    assert_eq!(moves(&stage).last().unwrap(), "bob: blue 100 %, green 0 %");
}

#[test]
fn on_the_way_back_what_a_stage_finds_wrong_moves_the_rest_at_once() {
    let stage = shop();
    run(sided(&stage, "bob").deploy(&two())).unwrap();
    stage.told();
    let mut eve = sided(&stage, "eve");
    gradually(&mut eve);
    let share = |traffic| Share { traffic, hold: Duration::ZERO, max: Duration::from_secs(60) };
    eve.desk.policy.rollback.stages = [10, 20, 40, 80].map(share).into();
    let (mut check, _) = parrot(|| Measurement::fail("9 %"));
    check.check.limits.deadline = Duration::from_secs(5);
    in_the_second(&mut eve, "blue", &check);
    assert_eq!(reason(run(eve.rollback(&back()))), Reason::Returned);
    assert_eq!(
        moves(&stage),
        ["eve: blue 10 %, green 90 %", "eve: blue 20 %, green 80 %", "eve: blue 100 %, green 0 %"]
    );
    assert_eq!(looks(&stage), ["unhealthy at blue 20, green 80"]);
}

#[test]
fn a_stage_of_all_the_traffic_can_be_held_too() {
    let stage = shop();
    let mut bob = sided(&stage, "bob");
    gradually(&mut bob);
    let hold = Duration::from_secs(60);
    bob.desk.policy.deploy.stages = vec![Share { traffic: 100, hold, max: hold }];
    let world = stage.world.clone();
    bob.router.meanwhile(move || {
        world.lock().unwrap().sick.insert("2.0".to_owned());
    });
    assert_eq!(reason(run(bob.deploy(&two()))), Reason::NotSwitched);
    assert_eq!(moves(&stage), ["bob: blue 0 %, green 100 %", "bob: blue 100 %, green 0 %"]);
}

#[test]
fn each_share_of_the_traffic_is_shown_while_the_deployment_is_under_way() {
    let stage = shop();
    let mut bob = sided(&stage, "bob");
    gradually(&mut bob);
    bob.desk.policy.deploy.stages.iter_mut().for_each(|stage| stage.max *= 2);
    let (check, _) = parrot(|| Measurement::pass("0.1 %"));
    let slot = Slot::new("green").unwrap();
    let own = vec![vec![check.clone()], vec![check]];
    bob.desk.ports.sides.get_mut(&slot).unwrap().stages.deploy = own;
    bob.desk.ports.showcase = Some(Arc::new(FakeShowcase::on(&stage)));
    stage.told();
    let outcome = run(bob.desk.announcing(bob.deploy(&two())));
    assert_eq!(reason(outcome), Reason::Healthy);
    let told = stage.told();
    let shown = told.iter().filter_map(|line| line.strip_prefix("shown: "));
    let shown: Vec<_> = shown.filter(|line| line.contains("lastgood 2")).collect();
    assert_eq!(
        shown,
        [
            "InProgress, lastgood 2: under way; 25 % of the traffic at green",
            "InProgress, lastgood 2: under way; 50 % of the traffic at green",
            "Success, lastgood 2: stable; 1 of 1 checks passed",
        ]
    );
}

#[test]
fn where_nothing_can_be_written_in_a_stage_all_traffic_goes_to_the_good_side() {
    for (forward, home) in [(true, "blue 100 %, green 0 %"), (false, "blue 100 %, green 0 %")] {
        let stage = shop();
        if !forward {
            run(sided(&stage, "bob").deploy(&two())).unwrap();
        }
        let mut eve = sided(&stage, "eve");
        gradually(&mut eve);
        let ledger = eve.ledger.clone();
        eve.router.meanwhile(move || ledger.away(true));
        let ended = if forward { run(eve.deploy(&two())) } else { run(eve.rollback(&back())) };
        assert_eq!(reason(ended), Reason::NotRecorded);
        assert_eq!(stage.shares.lock().unwrap().to_string(), home);
        stage.later(Duration::from_secs(3600));
        let mut zoe = sided(&stage, "zoe");
        gradually(&mut zoe);
        let _ = run(zoe.resume(Ways::Finish));
        assert_eq!(stage.state().open().count(), 0, "whoever resumes goes on");
    }
}
