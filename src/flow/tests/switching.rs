//! Two slots: what serves, and how the traffic moves.

use std::time::Duration;

use super::super::fakes::{
    Sight, Stage, Writer, checks_of, commit, morning, reason, run, slots as pair, versions,
};
use super::super::mark::Mark;
use super::super::resume::Ways;
use super::super::switch::SwitchOrder;
use super::recording::begin_order;
use super::rolling_back::back;
use super::taking_over::killed_before;
use super::verifying::{guard, look};
use crate::domain::archive::Extent;
use crate::domain::ending::Reason;
use crate::domain::event::{Act, Kind};
use crate::domain::outcome::More;
use crate::domain::policy::{Stage as Share, Strategy, Switching};
use crate::domain::slots::Shares;
use crate::flow::begin::BeginOrder;
use crate::flow::cancel::CancelOrder;
use crate::flow::clean::CleanOrder;
use crate::ports::Side;

mod by_hand;
mod killed;
mod may_serve;
mod stages;

/// Connects someone to the router and to both slots.
pub(super) fn sided(stage: &Stage, name: &str) -> Writer {
    let mut writer = stage.desk(name);
    let desk = &mut writer.desk;
    desk.ports.router = Some(writer.router.clone());
    desk.ports.checks = checks_of(&stage.world, Sight::Served(stage.shares.clone()));
    for slot in pair().both() {
        let checks = checks_of(&stage.world, Sight::Slot(slot.clone()));
        let side = Side { checks, ..Side::default() };
        desk.ports.sides.insert(slot.clone(), side);
    }
    writer
}

/// `app` is stable at 1.0 in `blue`, which serves.
pub(super) fn shop() -> Stage {
    let stage = Stage::default();
    *stage.shares.lock().unwrap() = Shares::all(&pair(), &pair().stable);
    stage.ship("app@blue=1.0");
    let ann = sided(&stage, "ann");
    run(ann.record(&ann.record_order(versions("1.0"), Some(commit('a'))))).unwrap();
    run(ann.verify(&look())).unwrap();
    stage.told();
    stage
}

pub(super) fn two() -> BeginOrder {
    BeginOrder { act: Act::Driven, ..begin_order("2.0") }
}

pub(super) fn gradually(writer: &mut Writer) {
    let hold = Duration::from_secs(60);
    let stage = |traffic| Share { traffic, hold, max: hold };
    writer.desk.policy.deploy.strategy = Strategy::Gradual;
    writer.desk.policy.deploy.stages = vec![stage(25), stage(50), Share::last()];
    writer.desk.policy.rollback.strategy = Strategy::Gradual;
    writer.desk.policy.rollback.stages = vec![stage(50), Share::last()];
}

pub(super) fn shares(stage: &Stage) -> String {
    stage.shares.lock().unwrap().to_string()
}

/// What holds after whatever happened: one slot is live, all traffic is there, and it runs what it should.
pub(super) fn one_serves(stage: &Stage, told: &str) {
    let state = stage.state();
    assert!(state.open().next().is_none(), "{told}");
    let slots = crate::domain::slotted::Slots::of(&state, &pair());
    let served = stage.shares.lock().unwrap().sole().cloned();
    assert_eq!(served.as_ref(), Some(slots.live()), "{told}");
    let version = state.versions().into_values().next().unwrap().version;
    let live = format!("app@{}={version}", slots.live());
    assert!(stage.runs().contains(&live), "{told}: {}", stage.runs());
    let held = slots.holds(slots.idle()).into_values().next();
    let is_trusted = slots.steps(slots.idle(), &slots.holds(slots.idle())).is_empty();
    if let (Some(held), true) = (held, is_trusted) {
        let idle = format!("app@{}={}", slots.idle(), held.version);
        assert!(stage.runs().contains(&idle), "{told}: {}", stage.runs());
    }
}

#[test]
fn a_deployment_goes_to_the_idle_slot_and_the_traffic_after_the_gate() {
    let stage = shop();
    let outcome = run(sided(&stage, "bob").deploy(&two())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::Healthy);
    assert_eq!(
        stage.told(),
        [
            "bob: started 2",
            "bob: deploy app@green 2.0",
            "bob: service_done 2",
            "bob: verified 2",
            "bob: blue 0 %, green 100 %",
            "bob: drain blue",
            "bob: deployed 2, finished 2, +deploy/production/2",
            "bob: verified 2, stable 2, +stable/production/2",
        ]
    );
    let state = stage.state();
    assert_eq!(state.versions(), versions("2.0"));
    let finished = state.operations[1].finished.as_ref().unwrap();
    assert_eq!(finished.traffic.as_ref().unwrap().to_string(), "blue 0 %, green 100 %");
}

#[test]
fn what_is_sick_at_the_idle_slot_gets_no_traffic() {
    let stage = shop();
    stage.sicken("2.0");
    assert_eq!(reason(run(sided(&stage, "bob").deploy(&two()))), Reason::NotSwitched);
    assert_eq!(shares(&stage), "blue 100 %, green 0 %");
    let state = stage.state();
    assert_eq!(state.versions(), versions("1.0"));
    assert!(state.open().next().is_none());
}

#[test]
fn a_driver_that_fails_at_the_idle_slot_leaves_what_serves_alone() {
    let stage = shop();
    let bob = sided(&stage, "bob");
    bob.driver.fail("app");
    assert_eq!(reason(run(bob.deploy(&two()))), Reason::NotSwitched);
    assert_eq!(shares(&stage), "blue 100 %, green 0 %");
    assert!(stage.state().unknown.is_empty());
}

#[test]
fn a_rollback_returns_to_the_slot_that_still_holds_it_and_drives_nothing() {
    let stage = shop();
    run(sided(&stage, "bob").deploy(&two())).unwrap();
    stage.told();
    let outcome = run(sided(&stage, "eve").rollback(&back())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::Returned);
    assert_eq!(
        stage.told(),
        [
            "eve: started 3",
            "eve: blue 100 %, green 0 %",
            "eve: drain green",
            "eve: deployed 3, finished 3, +deploy/production/3, -stable/production/2",
            "eve: verified 3, stable 3",
        ]
    );
    let forward = run(sided(&stage, "eve").cancel(&CancelOrder::default())).unwrap();
    assert_eq!(forward.ending.reason, Reason::Done);
    assert_eq!(shares(&stage), "blue 0 %, green 100 %");
}

#[test]
fn what_somebody_stopped_at_the_slot_is_brought_anew_before_the_traffic_goes_back() {
    let stage = shop();
    run(sided(&stage, "bob").deploy(&two())).unwrap();
    stage.ship("app@blue=9.9");
    stage.told();
    let outcome = run(sided(&stage, "eve").rollback(&back())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::Returned);
    let told = stage.told();
    let place = |line: &str| told.iter().position(|told| told == line).unwrap();
    assert!(place("eve: rollback app@blue 1.0") < place("eve: blue 100 %, green 0 %"));
    assert!(stage.runs().contains("app@blue=1.0"));
}

#[test]
fn the_slot_that_serves_is_known_after_the_environment_was_retired() {
    let stage = shop();
    run(sided(&stage, "bob").deploy(&two())).unwrap();
    run(sided(&stage, "ann").prune(Extent::Retire)).unwrap();
    let ann = sided(&stage, "ann");
    run(ann.record(&ann.record_order(versions("2.0"), Some(commit('b'))))).unwrap();
    run(ann.verify(&look())).unwrap();
    one_serves(&stage, "after it was retired");
    let three = BeginOrder { act: Act::Driven, ..begin_order("3.0") };
    assert_eq!(reason(run(sided(&stage, "bob").deploy(&three))), Reason::Healthy);
    one_serves(&stage, "and deployed to again");
}

#[test]
fn what_could_not_be_rolled_forward_is_neither_judged_nor_stable() {
    let stage = shop();
    run(sided(&stage, "bob").deploy(&two())).unwrap();
    run(sided(&stage, "eve").rollback(&back())).unwrap();
    // The slot holds something else by now, so that it is driven before the router fails.
    stage.sicken("3.0");
    let three = BeginOrder { act: Act::Driven, ..begin_order("3.0") };
    assert_eq!(reason(run(sided(&stage, "bob").deploy(&three))), Reason::NotSwitched);
    let eve = sided(&stage, "eve");
    eve.router.fail(1);
    stage.told();
    let outcome = run(eve.cancel(&CancelOrder::default())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::RouterFailed);
    let told = outcome.rollback.unwrap();
    assert_eq!((told.rolled_back_services.len(), told.skipped_services.len()), (0, 1));
    assert!(!stage.told().iter().any(|line| line.contains("stable")));
}

#[test]
fn a_router_that_fails_is_asked_for_what_was_before() {
    let stage = shop();
    let bob = sided(&stage, "bob");
    bob.router.fail(1);
    let outcome = run(bob.deploy(&two())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::RouterFailed);
    assert!(
        outcome.ending.message.ends_with("No such server; all traffic is at `blue` as before"),
        "{}",
        outcome.ending.message
    );
}

#[test]
fn a_plan_shows_what_is_driven_at_the_slot_and_how_the_traffic_follows() {
    let stage = shop();
    let commands = |outcome: crate::domain::outcome::Outcome| {
        let lines = match (outcome.rollback, outcome.more) {
            (Some(told), _) => told.plan,
            (None, More::Planned { plan, .. }) => plan,
            (None, _) => Vec::new(),
        };
        lines.into_iter().flat_map(|line| line.commands).collect::<Vec<_>>()
    };
    let mut bob = sided(&stage, "bob");
    gradually(&mut bob);
    let forward = [
        "./deploy app 2.0",
        "share blue 75 %, green 25 %",
        "share blue 50 %, green 50 %",
        "share blue 0 %, green 100 %",
    ];
    assert_eq!(commands(run(bob.plan_deploy(&two())).unwrap()), forward);
    run(sided(&stage, "bob").deploy(&two())).unwrap();
    let back_at_once = ["share blue 100 %, green 0 %"];
    let eve = sided(&stage, "eve");
    assert_eq!(commands(run(eve.plan_rollback(&back())).unwrap()), back_at_once, "blue holds it");
    bob.desk.policy.deploy.switch = Switching::Manual;
    let three = BeginOrder { act: Act::Driven, ..begin_order("3.0") };
    assert_eq!(commands(run(bob.plan_deploy(&three)).unwrap()), ["./deploy app 3.0"]);
}
