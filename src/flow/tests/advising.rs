//! What `status` says to do next.

use std::time::Duration;

use super::super::fakes::{Stage, Writer, run, slots as pair};
use super::recording::begin_order;
use super::rolling_back::back;
use super::switching::{shop, sided, two};
use super::verifying::look;
use crate::domain::event::Act;
use crate::domain::slots::Shares;
use crate::flow::begin::BeginOrder;

fn next(writer: &Writer) -> String {
    run(writer.status()).unwrap().ending.next
}

/// Two services, stable at 1.0, then at 2.0.
fn two_services() -> Stage {
    let stage = Stage::default();
    stage.desk("ann").records(&stage, "api=1.0 web=1.0", 'a').unwrap();
    run(stage.desk("ann").verify(&look())).unwrap();
    stage.desk("ann").records(&stage, "api=2.0 web=2.0", 'b').unwrap();
    stage
}

#[test]
fn where_all_is_well_there_is_nothing_to_do() {
    assert_eq!(next(&two_services().desk("bob")), "Nothing.");
    assert_eq!(next(&sided(&shop(), "bob")), "Nothing.");
}

#[test]
fn what_is_under_way_is_waited_for_and_what_was_left_is_finished() {
    let stage = two_services();
    run(stage.desk("ann").begin(&begin_order("web=3.0"))).unwrap();
    assert!(next(&stage.desk("bob")).starts_with("Wait for it to end"));
    stage.later(Duration::from_secs(3600));
    assert_eq!(next(&stage.desk("bob")), "lastgood resume -e production");
}

#[test]
fn what_was_not_moved_is_moved_by_resume_and_what_is_unknown_by_a_rollback() {
    let stage = two_services();
    let bob = stage.desk("bob");
    bob.driver.fail("web");
    run(bob.rollback(&back())).unwrap();
    assert_eq!(next(&bob), "Mend the driver, then `lastgood resume` moves what is left.");
    let stage = two_services();
    let bob = stage.desk("bob");
    for service in ["api", "web"] {
        bob.driver.fail(service);
    }
    run(bob.rollback(&back())).unwrap();
    assert_eq!(
        next(&bob),
        "See what runs; `lastgood deploy -e production --service 'api=2.0' --service 'web=2.0'` brings it to what the ledger says."
    );
}

#[test]
fn what_runs_besides_the_ledger_is_looked_at_and_deployed_over() {
    let stage = two_services();
    stage.ship("web=9.9");
    let next = next(&stage.desk("bob"));
    assert!(next.ends_with(
        "`lastgood deploy -e production --service NAME=VERSION` brings it to its version again."
    ));
}

#[test]
fn traffic_that_is_astray_is_given_back_by_resume_and_a_mute_router_is_looked_at() {
    let stage = shop();
    run(sided(&stage, "ann").deploy(&BeginOrder { act: Act::Driven, ..two() })).unwrap();
    let bob = sided(&stage, "bob");
    *stage.shares.lock().unwrap() = Shares::of(&pair(), &pair().candidate, 25);
    assert_eq!(next(&bob), "`lastgood resume -e production` gives the traffic back.");
    bob.router.mute();
    assert_ne!(next(&bob), "Nothing.");
    assert!(!next(&bob).contains("resume"), "{}", next(&bob));
}
