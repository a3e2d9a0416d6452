//! Looking at a deployment, and marking it.

use std::time::Duration;

use super::super::fakes::{Stage, reason, run, service, versions};
use super::super::mark::Mark;
use super::super::verify::VerifyOrder;
use super::recording::begin_order;
use crate::domain::decision::Recovery;
use crate::domain::ending::Reason;
use crate::domain::event::{LockScope, Locked};
use crate::domain::operation::{Ended, Stability};
use crate::domain::target::Scope;

mod fleeing;
mod gate_resumes;

const HOUR: Duration = Duration::from_secs(3600);

/// An order to look and to tell.
pub(super) fn look() -> VerifyOrder {
    VerifyOrder {
        deployment: None,
        scope: Scope::All,
        recovery: Recovery::Report,
        watch: None,
        reason: None,
    }
}

/// An order to look and to go back where that is right.
pub(super) fn guard() -> VerifyOrder {
    VerifyOrder { recovery: Recovery::Automatic, ..look() }
}

/// One stable deployment `1.0`, and `2.0` after it, which is sick; nothing was told yet.
pub(super) fn sick() -> Stage {
    let stage = Stage::default();
    stage.desk("ann").records(&stage, "1.0", 'a').unwrap();
    assert_eq!(reason(run(stage.desk("ann").verify(&look()))), Reason::Healthy);
    stage.later(HOUR);
    stage.desk("ann").records(&stage, "2.0", 'b').unwrap();
    stage.sicken("2.0");
    stage.told();
    stage
}

#[test]
fn a_healthy_deployment_is_marked_stable_once_and_the_second_look_writes_nothing() {
    let stage = Stage::default();
    stage.desk("ann").records(&stage, "1.0", 'a').unwrap();
    stage.told();
    let outcome = run(stage.desk("ann").verify(&look())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::Healthy);
    assert!(outcome.gate.unwrap().marked_stable);
    assert_eq!(stage.told(), ["ann: verified 1, stable 1, +stable/production/1"]);
    assert_eq!(reason(run(stage.desk("ann").verify(&look()))), Reason::Healthy);
    assert_eq!(stage.told(), [""; 0]);
}

#[test]
fn a_look_at_one_of_two_services_marks_nothing_stable() {
    let stage = Stage::default();
    stage.desk("ann").records(&stage, "api=1.0 web=1.0", 'a').unwrap();
    stage.told();
    let only = Scope::Only([service("api")].into());
    let outcome = run(stage.desk("ann").verify(&VerifyOrder { scope: only, ..look() })).unwrap();
    assert_eq!(outcome.ending.reason, Reason::NotMarked);
    assert!(!outcome.gate.unwrap().marked_stable);
    assert_eq!(stage.told(), ["ann: verified 1"]);
    assert!(!stage.state().operations[0].is_stable());
}

#[test]
fn without_being_asked_nothing_is_undone() {
    let stage = sick();
    let outcome = run(stage.desk("bob").verify(&look())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::NotAsked);
    assert_eq!(stage.told(), ["bob: verified 2"]);
}

#[test]
fn another_version_that_answers_on_a_stable_deployment_is_drift_and_nothing_is_undone() {
    let stage = Stage::default();
    stage.desk("ann").records(&stage, "1.0", 'a').unwrap();
    run(stage.desk("ann").verify(&look())).unwrap();
    stage.ship("9.9");
    stage.told();
    assert_eq!(reason(run(stage.desk("bob").verify(&guard()))), Reason::Drift);
    assert_eq!(stage.told(), ["bob: verified 1"]);
    assert!(stage.state().current().unwrap().is_stable());
}

#[test]
fn a_broken_instrument_and_a_blind_one_hold() {
    let stage = sick();
    stage.heal();
    stage.world.lock().unwrap().blind = true;
    assert_eq!(reason(run(stage.desk("bob").verify(&guard()))), Reason::NoData);
    stage.world.lock().unwrap().broken = true;
    assert_eq!(reason(run(stage.desk("bob").verify(&guard()))), Reason::ChecksBroken);
    assert_eq!(stage.told(), ["bob: verified 2", "bob: verified 2"]);
}

#[test]
fn while_anothers_intent_is_open_nothing_is_judged() {
    let stage = sick();
    run(stage.desk("eve").begin(&begin_order("3.0"))).unwrap();
    stage.told();
    assert_eq!(reason(run(stage.desk("bob").verify(&guard()))), Reason::Busy);
    assert_eq!(stage.told(), [""; 0]);
}

#[test]
fn a_later_sick_verdict_demotes_and_a_healthy_one_restores() {
    let stage = Stage::default();
    stage.desk("ann").records(&stage, "1.0", 'a').unwrap();
    run(stage.desk("ann").verify(&look())).unwrap();
    stage.sicken("1.0");
    stage.told();
    run(stage.desk("ann").verify(&look())).unwrap();
    assert_eq!(stage.state().operations[0].stability, Stability::Ended(Ended::Demoted));
    stage.heal();
    run(stage.desk("ann").verify(&look())).unwrap();
    assert!(stage.state().operations[0].is_stable());
    assert_eq!(
        stage.told(),
        ["ann: verified 1, unstable 1", "ann: verified 1, stable 1, +stable/production/1",]
    );
}

#[test]
fn an_outage_long_after_the_deployment_demotes_nothing() {
    let stage = Stage::default();
    stage.desk("ann").records(&stage, "1.0", 'a').unwrap();
    run(stage.desk("ann").verify(&look())).unwrap();
    stage.sicken("1.0");
    stage.later(30 * HOUR);
    assert_eq!(reason(run(stage.desk("ann").verify(&guard()))), Reason::OutsideWindow);
    assert!(stage.state().operations[0].is_stable());
}

#[test]
fn soak_marks_only_at_its_age() {
    let stage = Stage::default();
    let soaking =
        |stage: &Stage| stage.desk_under("ann", |policy| policy.verify.stable_after = 2 * HOUR);
    soaking(&stage).records(&stage, "1.0", 'a').unwrap();
    assert_eq!(reason(run(soaking(&stage).verify(&look()))), Reason::Soaking);
    stage.later(2 * HOUR);
    assert_eq!(reason(run(soaking(&stage).verify(&look()))), Reason::Healthy);
}

#[test]
fn a_person_marks_good_and_bad_and_the_quarantine_and_the_tag_follow() {
    let stage = sick();
    run(stage.desk("bob").verify(&guard())).unwrap();
    stage.told();
    run(stage.desk("ann").mark(2, &Mark::Good, Some("it was the network".into()))).unwrap();
    assert!(stage.state().quarantine.is_empty());
    run(stage.desk("ann").mark(2, &Mark::Bad, Some("no".into()))).unwrap();
    assert_eq!(stage.state().quarantine.len(), 1);
    assert_eq!(
        stage.told(),
        ["ann: stable 2, +stable/production/2", "ann: unstable 2, -stable/production/2",]
    );
}
