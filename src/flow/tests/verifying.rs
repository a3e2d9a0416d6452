//! Looking at a deployment, marking it, or going back.

use super::super::verify::VerifyOrder;
use crate::domain::decision::Recovery;
use crate::domain::target::Scope;

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

use std::time::Duration;

use super::super::fakes::{Stage, reason, run, service, versions};
use super::super::mark::Mark;
use super::recording::begin_order;
use crate::domain::ending::Reason;
use crate::domain::event::{Act, LockScope, Locked, StepOutcome};
use crate::domain::operation::{Ended, Stability, Status};

const HOUR: Duration = Duration::from_secs(3600);

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
fn a_sick_deployment_is_rolled_back_intent_first_and_closed_in_one_push() {
    let stage = sick();
    let outcome = run(stage.desk("bob").verify(&guard())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::RolledBack);
    assert_eq!(outcome.deployment.unwrap().n, 2, "what is told is what was judged");
    assert_eq!(stage.runs(), "app=1.0");
    assert_eq!(
        stage.told(),
        [
            "bob: verified 2",
            "bob: started 3",
            "bob: rollback app 1.0",
            "bob: service_done 3",
            "bob: deployed 3, finished 3, +deploy/production/3",
            "bob: verified 3, stable 3",
        ]
    );
    let state = stage.state();
    assert!(state.quarantined(&service("app"), &versions("2.0")[&service("app")]).is_some());
    assert_eq!(state.operations[1].stability, Stability::Ended(Ended::Fled));
}

#[test]
fn without_being_asked_nothing_is_undone() {
    let stage = sick();
    let outcome = run(stage.desk("bob").verify(&look())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::NotAsked);
    assert_eq!(stage.told(), ["bob: verified 2"]);
}

#[test]
fn a_rollback_is_never_rolled_back() {
    let stage = sick();
    run(stage.desk("bob").verify(&guard())).unwrap();
    stage.sicken("1.0");
    stage.told();
    assert_eq!(reason(run(stage.desk("bob").verify(&guard()))), Reason::RolledBackSick);
    assert_eq!(stage.told(), ["bob: verified 3, unstable 3"]);
}

#[test]
fn a_rollback_that_does_not_help_says_so() {
    let stage = sick();
    stage.sicken("1.0");
    let outcome = run(stage.desk("bob").verify(&guard())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::RollbackUnproven);
    assert_eq!(outcome.ending.reason.outcome().exit_code(), 5);
}

#[test]
fn after_so_many_automatic_rollbacks_the_gate_only_tells() {
    let stage = sick();
    let guarded = |limit| {
        stage.desk_under("bob", |policy| {
            policy.rollback.limit.count = limit;
            policy.rollback.cooldown = Duration::ZERO;
        })
    };
    assert_eq!(reason(run(guarded(1).verify(&guard()))), Reason::RolledBack);
    stage.later(HOUR);
    stage.desk("ann").records(&stage, "3.0", 'c').unwrap();
    stage.sicken("3.0");
    assert_eq!(reason(run(guarded(1).verify(&guard()))), Reason::Flapping);
    assert_eq!(reason(run(guarded(2).verify(&guard()))), Reason::RolledBack);
}

#[test]
fn right_after_an_automatic_rollback_the_gate_only_tells() {
    let stage = sick();
    assert_eq!(reason(run(stage.desk("bob").verify(&guard()))), Reason::RolledBack);
    stage.desk("ann").records(&stage, "3.0", 'c').unwrap();
    stage.sicken("3.0");
    assert_eq!(reason(run(stage.desk("bob").verify(&guard()))), Reason::Cooldown);
    stage.later(Duration::from_secs(601));
    assert_eq!(reason(run(stage.desk("bob").verify(&guard()))), Reason::RolledBack);
}

#[test]
fn an_old_deployment_is_not_what_broke() {
    let stage = sick();
    stage.later(25 * HOUR);
    assert_eq!(reason(run(stage.desk("bob").verify(&guard()))), Reason::OutsideWindow);
}

#[test]
fn a_deployment_that_changed_nothing_is_not_what_broke() {
    let stage = Stage::default();
    stage.desk("ann").records(&stage, "1.0", 'a').unwrap();
    run(stage.desk("ann").verify(&look())).unwrap();
    let again = stage.desk("ann");
    let order = again.record_order(versions("1.0"), None);
    run(again.record(&order)).unwrap();
    stage.sicken("1.0");
    assert_eq!(reason(run(stage.desk("bob").verify(&guard()))), Reason::Unchanged);
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
fn a_lock_on_rollbacks_keeps_the_gate_from_acting_and_lets_people_act() {
    let stage = sick();
    let locked = Locked { scope: LockScope::Rollback, reason: None, until: None };
    run(stage.desk("ann").lock(locked)).unwrap();
    assert_eq!(reason(run(stage.desk("bob").verify(&guard()))), Reason::LockedRollback);
    let back = super::rolling_back::back();
    assert_eq!(reason(run(stage.desk("bob").rollback(&back))), Reason::Returned);
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
fn what_moved_on_while_the_gate_looked_is_told_and_neither_marked_nor_undone() {
    let stage = sick();
    let bob = stage.desk("bob");
    let meanwhile = stage.clone();
    bob.ledger.before_write(0, move || {
        meanwhile.desk("eve").records(&meanwhile, "3.0", 'c').unwrap();
    });
    assert_eq!(reason(run(bob.verify(&guard()))), Reason::Superseded);
    assert_eq!(stage.runs(), "app=3.0");
}

#[test]
fn a_repair_that_was_deployed_after_the_verdict_is_not_rolled_back() {
    let stage = sick();
    let bob = stage.desk("bob");
    let meanwhile = stage.clone();
    bob.ledger.before_write(1, move || {
        meanwhile.desk("eve").records(&meanwhile, "3.0", 'c').unwrap();
    });
    assert_eq!(reason(run(bob.verify(&guard()))), Reason::Superseded);
    assert_eq!(stage.runs(), "app=3.0");
    assert_eq!(stage.state().open().count(), 0);
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
fn a_failed_check_of_one_service_quarantines_that_service_alone() {
    let stage = Stage::default();
    stage.world.lock().unwrap().own_check = Some(service("web"));
    stage.desk("ann").records(&stage, "api=1.0 web=1.0", 'a').unwrap();
    run(stage.desk("ann").verify(&look())).unwrap();
    stage.desk("ann").records(&stage, "api=2.0 web=2.1", 'b').unwrap();
    stage.sicken("2.1");
    assert_eq!(reason(run(stage.desk("bob").verify(&guard()))), Reason::RolledBack);
    assert_eq!(stage.runs(), "api=1.0 web=1.0");
    let held: Vec<_> = stage.state().quarantine.into_iter().map(|q| q.service).collect();
    assert_eq!(held, [service("web")]);
}

#[test]
fn fleeing_from_what_was_stable_takes_its_tag_away() {
    let stage = sick();
    stage.heal();
    run(stage.desk("ann").verify(&look())).unwrap();
    assert!(stage.remote.lock().unwrap().tags.contains_key("stable/production/2"));
    stage.sicken("2.0");
    stage.told();
    assert_eq!(reason(run(stage.desk("bob").verify(&guard()))), Reason::RolledBack);
    assert_eq!(
        stage.told(),
        [
            "bob: verified 2, unstable 2",
            "bob: started 3",
            "bob: rollback app 1.0",
            "bob: service_done 3",
            "bob: deployed 3, finished 3, +deploy/production/3, -stable/production/2",
            "bob: verified 3, stable 3",
        ]
    );
    assert!(!stage.remote.lock().unwrap().tags.contains_key("stable/production/2"));
}

#[test]
fn an_interrupted_operation_is_told_and_taken_over_only_where_the_gate_may_act() {
    let stage = sick();
    let bob = stage.ci("9");
    bob.ledger.faults(&[super::super::fakes::Fault::None; 3]);
    bob.ledger.faults(&[super::super::fakes::Fault::Dies]);
    assert!(run(bob.verify(&guard())).is_err());
    assert_eq!(stage.state().open().count(), 1);
    assert_eq!(reason(run(stage.desk("eve").verify(&look()))), Reason::Busy);
    stage.forge.over.lock().unwrap().insert("9".to_owned());
    stage.told();
    assert_eq!(reason(run(stage.desk("eve").verify(&look()))), Reason::Busy);
    assert_eq!(reason(run(stage.desk("eve").verify(&guard()))), Reason::Healthy);
    assert_eq!(
        stage.told(),
        [
            "eve: resumed 3",
            "eve: deployed 3, finished 3, +deploy/production/3",
            "eve: verified 3, stable 3",
        ]
    );
}

#[test]
fn what_nobody_has_written_to_for_a_quarter_of_an_hour_may_be_taken_over() {
    let stage = sick();
    let bob = stage.desk("bob");
    bob.ledger.faults(&[super::super::fakes::Fault::None; 2]);
    bob.ledger.faults(&[super::super::fakes::Fault::Dies]);
    assert!(run(bob.verify(&guard())).is_err());
    stage.later(Duration::from_secs(15 * 60));
    assert_eq!(reason(run(stage.desk("eve").verify(&guard()))), Reason::Busy);
    stage.later(Duration::from_secs(1));
    assert_eq!(reason(run(stage.desk("eve").verify(&look()))), Reason::Interrupted);
    stage.told();
    assert_eq!(reason(run(stage.desk("eve").verify(&guard()))), Reason::Healthy);
    assert_eq!(stage.told()[..2], ["eve: resumed 3", "eve: rollback app 1.0"]);
}

#[test]
fn a_handed_over_deployment_is_never_taken_over_by_the_gate() {
    let stage = sick();
    run(stage.ci("9").begin(&begin_order("3.0"))).unwrap();
    stage.forge.over.lock().unwrap().insert("9".to_owned());
    assert_eq!(reason(run(stage.desk("eve").verify(&guard()))), Reason::Busy);
}

#[test]
fn a_deploy_is_driven_recorded_verified_and_rolled_back_where_it_is_sick() {
    let stage = sick();
    let order = super::super::begin::BeginOrder { act: Act::Driven, ..begin_order("3.0") };
    stage.heal();
    stage.sicken("3.0");
    let outcome = run(stage.desk("bob").deploy(&order)).unwrap();
    assert_eq!(outcome.ending.reason, Reason::RolledBack);
    assert_eq!(stage.runs(), "app=1.0");
    assert_eq!(
        stage.told(),
        [
            "bob: started 3",
            "bob: deploy app 3.0",
            "bob: service_done 3",
            "bob: deployed 3, finished 3, +deploy/production/3",
            "bob: verified 3",
            "bob: started 4",
            "bob: rollback app 1.0",
            "bob: service_done 4",
            "bob: deployed 4, finished 4, +deploy/production/4",
            "bob: verified 4, stable 4",
        ]
    );
}

#[test]
fn a_driver_that_fails_counts_as_a_failed_gate_and_the_rest_is_skipped() {
    let stage = Stage::default();
    stage.desk("ann").records(&stage, "api=1.0 web=1.0", 'a').unwrap();
    run(stage.desk("ann").verify(&look())).unwrap();
    stage.told();
    let bob = stage.desk("bob");
    bob.driver.fail("web");
    let act = Act::Driven;
    let order = super::super::begin::BeginOrder { act, ..begin_order("api=2.0 web=2.0") };
    let outcome = run(bob.deploy(&order)).unwrap();
    assert_eq!(outcome.ending.reason, Reason::RollbackFailed, "the driver is still broken");
    assert_eq!(stage.runs(), "api=1.0 web=1.0");
    let state = stage.state();
    assert_eq!(state.operations[1].done[&service("web")].outcome, StepOutcome::Failed);
    assert!(!state.operations[1].done.contains_key(&service("api")));
    assert!(state.unknown.contains_key(&service("web")));
    assert_eq!(state.operations[1].status(bob.now()), Status::Failed);
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
