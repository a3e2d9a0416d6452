//! Going back, forward again, and leaving the act to others.

use std::time::Duration;

use super::super::fakes::{Stage, reason, run, service, versions};
use super::super::mark::Mark;
use super::super::order::{Blame, Dependents, RollbackOrder};
use super::super::resume::Ways;
use super::recording::begin_order;
use super::verifying::{guard, look, sick};
use crate::domain::admission::Insistence;
use crate::domain::ending::Reason;
use crate::domain::event::{Act, Trigger, Unity};
use crate::domain::operation::Status;
use crate::domain::outcome::RollbackStatus;
use crate::domain::target::{Scope, Wanted};
use crate::flow::cancel::CancelOrder;

/// A person's order to go back.
pub(super) fn back() -> RollbackOrder {
    RollbackOrder {
        wanted: Wanted::LastStable,
        scope: Scope::All,
        trigger: Trigger::Manual,
        reason: Some("it is slow".to_owned()),
        insistence: Insistence::None,
        act: Act::Driven,
        blame: Blame::All,
        strategy: None,
        unity: Unity::Each,
        dependents: Dependents::Refuse,
    }
}

fn to(name: &str) -> RollbackOrder {
    RollbackOrder { wanted: Wanted::Named(name.to_owned()), ..back() }
}

/// Two services, stable at 1.0, then both at 2.0.
pub(super) fn pair() -> Stage {
    let stage = Stage::default();
    stage.desk("ann").records(&stage, "api=1.0 web=1.0", 'a').unwrap();
    run(stage.desk("ann").verify(&look())).unwrap();
    stage.desk("ann").records(&stage, "api=2.0 web=2.0", 'b').unwrap();
    stage.told();
    stage
}

#[test]
fn a_person_goes_back_and_it_is_proven() {
    let stage = sick();
    let outcome = run(stage.desk("bob").rollback(&back())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::Returned);
    assert_eq!(outcome.rollback.unwrap().status, RollbackStatus::Completed);
}

#[test]
fn where_it_is_already_nothing_is_written() {
    let stage = sick();
    run(stage.desk("bob").rollback(&back())).unwrap();
    stage.told();
    assert_eq!(reason(run(stage.desk("bob").rollback(&to("1")))), Reason::AlreadyThere);
    assert_eq!(stage.told(), [""; 0]);
}

#[test]
fn each_service_is_driven_and_written_down_at_once() {
    let stage = pair();
    run(stage.desk("bob").rollback(&back())).unwrap();
    assert_eq!(
        stage.told(),
        [
            "bob: started 3",
            "bob: rollback api 1.0",
            "bob: service_done 3",
            "bob: rollback web 1.0",
            "bob: service_done 3",
            "bob: deployed 3, finished 3, +deploy/production/3",
            "bob: verified 3, stable 3",
        ]
    );
}

#[test]
fn one_service_that_stays_behind_makes_it_partial_and_unknown() {
    let stage = pair();
    let bob = stage.desk("bob");
    bob.driver.fail("api");
    let outcome = run(bob.rollback(&back())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::RollbackPartial);
    let state = stage.state();
    assert_eq!(state.versions(), versions("api=2.0 web=1.0"));
    assert_eq!(state.unknown.keys().cloned().collect::<Vec<_>>(), [service("api")]);
    assert_eq!(state.current().unwrap().status(bob.now()), Status::Partial);
    bob.driver.mend();
    assert_eq!(reason(run(bob.rollback(&back()))), Reason::Returned);
    assert!(stage.state().unknown.is_empty());
    assert_eq!(stage.runs(), "api=1.0 web=1.0");
}

#[test]
fn what_is_unknown_stays_so_until_a_deployment_covers_it() {
    let stage = pair();
    let bob = stage.desk("bob");
    bob.driver.fail("api");
    run(bob.rollback(&back())).unwrap();
    stage.desk("ann").records(&stage, "web=3.0", 'c').unwrap();
    let state = stage.state();
    assert_eq!(state.unknown.len(), 1);
    let told = &state.current().unwrap().deployed.as_ref().unwrap().what.unknown;
    assert_eq!(*told, [service("api")], "a restore point needs no older line to be understood");
    stage.desk("ann").records(&stage, "api=3.0", 'd').unwrap();
    assert!(stage.state().unknown.is_empty());
}

#[test]
fn only_the_service_that_was_named_goes_back() {
    let stage = pair();
    let only = Scope::Only([service("web")].into());
    let order = RollbackOrder { scope: only, ..back() };
    run(stage.desk("bob").rollback(&order)).unwrap();
    assert_eq!(stage.runs(), "api=2.0 web=1.0");
    assert_eq!(stage.state().versions(), versions("api=2.0 web=1.0"));
    let tags = &stage.remote.lock().unwrap().tags;
    assert!(tags.contains_key("stable/production/3"), "a mixture gets its own tag");
}

#[test]
fn a_target_that_was_never_good_needs_insistence() {
    let stage = pair();
    stage.desk("ann").records(&stage, "api=3.0 web=3.0", 'c').unwrap();
    let bob = stage.desk("bob");
    assert_eq!(reason(run(bob.rollback(&to("2")))), Reason::TargetNotStable);
    let forced = RollbackOrder { insistence: Insistence::Forced, ..to("2") };
    assert_eq!(reason(run(bob.rollback(&forced))), Reason::Returned);
}

#[test]
fn going_back_to_what_nobody_proved_earns_the_stable_tag_it_never_had() {
    let stage = pair();
    stage.desk("ann").records(&stage, "api=3.0 web=3.0", 'c').unwrap();
    let forced = RollbackOrder { insistence: Insistence::Forced, ..to("2") };
    run(stage.desk("bob").rollback(&forced)).unwrap();
    assert!(stage.remote.lock().unwrap().tags.contains_key("stable/production/4"));
}

#[test]
fn a_quarantined_version_is_no_target() {
    let stage = sick();
    run(stage.desk("bob").verify(&guard())).unwrap();
    run(stage.desk("ann").mark(1, &Mark::Bad, None)).unwrap();
    stage.later(Duration::from_secs(3600));
    stage.heal();
    stage.desk("ann").records(&stage, "3.0", 'c').unwrap();
    assert_eq!(reason(run(stage.desk("bob").rollback(&back()))), Reason::Quarantined);
    let deploy = run(stage.desk("bob").begin(&begin_order("2.0")));
    assert_eq!(reason(deploy), Reason::Quarantined);
}

#[test]
fn a_handed_over_rollback_is_closed_by_record() {
    let stage = sick();
    let order = RollbackOrder { act: Act::HandedOver, ..back() };
    let outcome = run(stage.desk("bob").rollback(&order)).unwrap();
    assert_eq!(outcome.ending.reason, Reason::HandedOver);
    assert_eq!(stage.runs(), "app=2.0", "lastgood drove nothing");
    stage.ship("1.0");
    let bob = stage.desk("bob");
    let close = bob.record_order(versions(""), None);
    assert_eq!(reason(run(bob.record(&close))), Reason::Recorded);
    assert_eq!(
        stage.told(),
        ["bob: started 3", "bob: resumed 3, deployed 3, finished 3, +deploy/production/3",]
    );
    let state = stage.state();
    assert_eq!(state.versions(), versions("1.0"));
    assert_eq!(state.quarantine.len(), 1);
}

#[test]
fn a_handed_over_rollback_from_what_was_stable_takes_its_tag_away() {
    let stage = sick();
    stage.heal();
    run(stage.desk("ann").verify(&look())).unwrap();
    let order = RollbackOrder { act: Act::HandedOver, ..back() };
    run(stage.desk("bob").rollback(&order)).unwrap();
    stage.told();
    let bob = stage.desk("bob");
    run(bob.record(&bob.record_order(versions(""), None))).unwrap();
    assert_eq!(stage.told()[1..], ["bob: -stable/production/2"]);
}

#[test]
fn cancel_rolls_forward_to_what_was_left_and_lifts_its_quarantine() {
    let stage = sick();
    run(stage.desk("bob").rollback(&back())).unwrap();
    stage.heal();
    stage.told();
    let outcome = run(stage.desk("ann").cancel(&CancelOrder::default())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::Done);
    assert_eq!(
        stage.told(),
        [
            "ann: started 4",
            "ann: roll_forward app 2.0",
            "ann: service_done 4",
            "ann: deployed 4, cancelled 4, finished 4, +deploy/production/4",
            "ann: verified 4, stable 4, +stable/production/4",
        ]
    );
    assert!(stage.state().quarantine.is_empty());
    assert_eq!(stage.runs(), "app=2.0");
}

#[test]
fn a_cancel_whose_gate_fails_says_so_and_goes_nowhere() {
    let stage = sick();
    run(stage.desk("bob").rollback(&back())).unwrap();
    assert_eq!(
        reason(run(stage.desk("ann").cancel(&CancelOrder::default()))),
        Reason::RollForwardSick
    );
    assert_eq!(stage.runs(), "app=2.0");
}

#[test]
fn only_the_current_rollback_can_be_cancelled() {
    let stage = sick();
    assert_eq!(reason(run(stage.desk("ann").cancel(&CancelOrder::default()))), Reason::NotCurrent);
    run(stage.desk("bob").rollback(&back())).unwrap();
    stage.desk("ann").records(&stage, "3.0", 'c').unwrap();
    assert_eq!(reason(run(stage.desk("ann").cancel(&CancelOrder::default()))), Reason::NotCurrent);
}

#[test]
fn a_rollback_that_moved_nothing_cannot_be_cancelled() {
    let stage = sick();
    let bob = stage.desk("bob");
    bob.driver.fail("*");
    assert_eq!(reason(run(bob.rollback(&back()))), Reason::RollbackFailed);
    stage.told();
    assert_eq!(reason(run(stage.desk("ann").cancel(&CancelOrder::default()))), Reason::NotCurrent);
    assert_eq!(stage.told(), [""; 0]);
}

#[test]
fn an_interrupted_cancel_that_is_resumed_lifts_the_quarantine_too() {
    let stage = sick();
    run(stage.desk("bob").rollback(&back())).unwrap();
    stage.heal();
    let ann = stage.desk("ann");
    ann.ledger.faults(&[super::super::fakes::Fault::None, super::super::fakes::Fault::Dies]);
    assert!(run(ann.cancel(&CancelOrder::default())).is_err());
    assert_eq!(reason(run(stage.desk("eve").resume(Ways::Finish))), Reason::Done);
    assert!(stage.state().quarantine.is_empty());
}

#[test]
fn a_named_restore_point_is_a_target() {
    let stage = pair();
    let name = crate::domain::names::PointName::new("before-sale").unwrap();
    run(stage.desk("ann").mark(1, &Mark::Name(name), None)).unwrap();
    let outcome = run(stage.desk("bob").rollback(&to("before-sale"))).unwrap();
    assert_eq!(outcome.rollback.unwrap().to, Some(1));
}
