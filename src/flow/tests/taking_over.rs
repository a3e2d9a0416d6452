//! Runs that die, that take over, and that wake too late.

use std::time::Duration;

use super::super::fakes::{Fault, Stage, Writer, reason, run, service, versions};
use super::super::resume::Ways;
use super::recording::begin_order;
use super::rolling_back::{back, pair};
use super::verifying::{guard, look, sick};
use crate::domain::ending::Reason;
use crate::domain::event::Act;

/// Kills a rollback before its write with this place in the order of writes.
fn killed_before_write(stage: &Stage, place: usize) {
    let bob = stage.desk("bob");
    killed_before(&bob, place);
    assert!(run(bob.rollback(&back())).is_err());
    stage.told();
}

/// Lets someone be killed right before so many of their writes and one more.
pub(super) fn killed_before(writer: &Writer, place: usize) {
    writer.ledger.faults(&vec![Fault::None; place]);
    writer.ledger.faults(&[Fault::Dies]);
}

#[test]
fn who_is_at_work_for_long_says_so_and_is_not_taken_over() {
    let stage = pair();
    let bob = stage.desk("bob");
    let ledger = bob.ledger.clone();
    bob.driver.meanwhile(move || ledger.away(true));
    assert!(run(bob.rollback(&back())).is_err());
    bob.ledger.away(false);
    stage.told();
    let state = stage.state();
    let open = state.open().next().unwrap();
    let works = async || {
        tokio::task::yield_now().await;
        "done"
    };
    stage.later(Duration::from_secs(600));
    assert_eq!(run(bob.alive(open, works())), "done");
    assert_eq!(stage.told(), ["bob: resumed 3"]);
    stage.later(Duration::from_secs(600));
    let state = stage.state();
    assert!(!state.open().next().unwrap().is_abandoned(bob.now()));
    run(stage.desk("eve").alive(open, works()));
    assert_eq!(stage.told(), [""; 0], "it is not hers");
}

#[test]
fn a_killed_rollback_is_finished_by_resume_and_only_what_is_left_is_driven() {
    let stage = pair();
    killed_before_write(&stage, 2);
    assert_eq!(stage.runs(), "api=1.0 web=1.0");
    assert_eq!(reason(run(stage.desk("eve").resume(Ways::Finish))), Reason::Returned);
    assert_eq!(
        stage.told(),
        [
            "eve: resumed 3",
            "eve: rollback web 1.0",
            "eve: service_done 3",
            "eve: deployed 3, finished 3, +deploy/production/3",
            "eve: verified 3, stable 3",
        ]
    );
}

#[test]
fn a_killed_rollback_that_is_undone_puts_everything_back_and_says_so_before() {
    let stage = pair();
    killed_before_write(&stage, 2);
    assert_eq!(reason(run(stage.desk("eve").resume(Ways::Undo))), Reason::Done);
    assert_eq!(stage.runs(), "api=2.0 web=2.0");
    let state = stage.state();
    assert_eq!(state.versions(), versions("api=2.0 web=2.0"));
    assert_eq!((state.open().count(), state.unknown.len()), (0, 0));
    assert_eq!(
        stage.told(),
        [
            "eve: resumed 3, service_done 3",
            "eve: rollback web 2.0",
            "eve: service_done 3",
            "eve: rollback api 2.0",
            "eve: service_done 3",
            "eve: finished 3",
        ]
    );
}

#[test]
fn an_undo_that_is_killed_too_forgets_what_was_done_before_it() {
    let stage = pair();
    killed_before_write(&stage, 2);
    let eve = stage.desk("eve");
    eve.ledger.faults(&[Fault::None, Fault::None, Fault::None, Fault::Dies]);
    assert!(run(eve.resume(Ways::Undo)).is_err());
    assert_eq!(stage.runs(), "api=2.0 web=2.0");
    assert_eq!(reason(run(stage.desk("ida").resume(Ways::Finish))), Reason::Returned);
    assert_eq!(stage.runs(), "api=1.0 web=1.0", "what the ledger says is what runs");
    assert_eq!(stage.state().versions(), versions("api=1.0 web=1.0"));
}

#[test]
fn an_undo_that_fails_leaves_the_service_unknown() {
    let stage = pair();
    killed_before_write(&stage, 2);
    let eve = stage.desk("eve");
    eve.driver.fail("web");
    assert_eq!(reason(run(eve.resume(Ways::Undo))), Reason::RollbackFailed);
    let state = stage.state();
    assert_eq!(state.open().count(), 0);
    assert_eq!(state.unknown.into_keys().collect::<Vec<_>>(), [service("web")]);
}

#[test]
fn a_run_that_was_taken_over_while_its_driver_ran_says_what_it_touched_and_stops() {
    let stage = pair();
    let bob = stage.desk("bob");
    let meanwhile = stage.clone();
    bob.driver.meanwhile(move || {
        assert_eq!(reason(run(meanwhile.desk("eve").resume(Ways::Finish))), Reason::Returned);
    });
    assert_eq!(reason(run(bob.rollback(&back()))), Reason::Overtaken);
    assert_eq!(
        stage.told(),
        [
            "bob: started 3",
            "bob: rollback api 1.0",
            "eve: resumed 3",
            "eve: rollback api 1.0",
            "eve: service_done 3",
            "eve: rollback web 1.0",
            "eve: service_done 3",
            "eve: deployed 3, finished 3, +deploy/production/3",
            "eve: verified 3, stable 3",
            "bob: strayed 3",
        ]
    );
    assert_eq!(stage.state().unknown.into_keys().collect::<Vec<_>>(), [service("api")]);
    assert_eq!(reason(run(stage.desk("eve").verify(&look()))), Reason::Healthy);
}

#[test]
fn while_a_version_is_unknown_nothing_is_rolled_back_automatically() {
    let stage = pair();
    let bob = stage.desk("bob");
    let meanwhile = stage.clone();
    bob.driver.meanwhile(move || {
        run(meanwhile.desk("eve").resume(Ways::Finish)).unwrap();
    });
    assert_eq!(reason(run(bob.rollback(&back()))), Reason::Overtaken);
    stage.desk("ann").records(&stage, "web=3.0", 'c').unwrap();
    stage.sicken("3.0");
    assert_eq!(reason(run(stage.desk("ann").verify(&guard()))), Reason::Unsettled);
}

#[test]
fn a_run_that_wakes_between_two_drives_touches_nothing_more() {
    let stage = pair();
    let bob = stage.desk("bob");
    let meanwhile = stage.clone();
    bob.ledger.before_write(1, move || {
        run(meanwhile.desk("eve").resume(Ways::Finish)).unwrap();
    });
    assert_eq!(reason(run(bob.rollback(&back()))), Reason::Overtaken);
    let told = stage.told();
    assert_eq!(told.iter().filter(|line| line.starts_with("bob: rollback")).count(), 1);
    assert_eq!(told.last().unwrap(), "bob: strayed 3");
}

#[test]
fn a_run_that_wakes_after_more_than_its_patience_still_looks_who_took_over() {
    let stage = pair();
    let bob = stage.desk("bob");
    let meanwhile = stage.clone();
    bob.ledger.before_write(1, move || {
        run(meanwhile.desk("eve").resume(Ways::Finish)).unwrap();
        meanwhile.later(Duration::from_secs(3600));
    });
    assert_eq!(reason(run(bob.rollback(&back()))), Reason::Overtaken);
    assert_eq!(stage.told().last().unwrap(), "bob: strayed 3");
}

#[test]
fn a_handed_over_operation_is_closed_by_record_or_given_up_and_never_repeated() {
    let stage = sick();
    run(stage.ci("9").begin(&begin_order("3.0"))).unwrap();
    let eve = stage.desk("eve");
    assert_eq!(reason(run(eve.resume(Ways::Finish))), Reason::RefusedInterrupted);
    assert_eq!(reason(run(eve.resume(Ways::Undo))), Reason::Done);
    assert_eq!(stage.state().open().count(), 0);
    assert_eq!(stage.state().versions(), versions("2.0"));
    assert_eq!(reason(run(stage.desk("ann").begin(&begin_order("4.0")))), Reason::Begun);
}

#[test]
fn a_run_that_finds_something_newer_says_what_it_touched_and_makes_room() {
    let stage = pair();
    let bob = stage.desk("bob");
    let meanwhile = stage.clone();
    bob.ledger.before_write(2, move || {
        let red = meanwhile.ci("7").records(&meanwhile, "web=3.0", 'c').unwrap();
        assert_eq!(red.ending.reason, Reason::RefusedBusy);
    });
    assert_eq!(reason(run(bob.rollback(&back()))), Reason::Overtaken);
    let state = stage.state();
    assert_eq!(state.open().count(), 0);
    assert_eq!(state.unknown.keys().collect::<Vec<_>>(), [&service("api"), &service("web")]);
    let told = stage.told();
    assert_eq!(told[told.len() - 2..], ["bob: strayed 3", "bob: strayed 3, finished 3"]);
    assert_eq!(reason(run(stage.desk("ann").begin(&begin_order("5.0")))), Reason::Begun);
}

#[test]
fn an_interrupted_operation_with_something_newer_is_closed_by_resume_and_drives_nothing() {
    for ways in [Ways::Finish, Ways::Undo] {
        let stage = pair();
        killed_before_write(&stage, 2);
        stage.ci("7").records(&stage, "web=3.0", 'c').unwrap();
        stage.told();
        assert_eq!(reason(run(stage.desk("eve").resume(ways))), Reason::Overtaken);
        let state = stage.state();
        assert_eq!((state.open().count(), state.versions()), (0, versions("api=2.0 web=3.0")));
        assert!(state.unknown.contains_key(&service("api")));
        assert!(stage.told().iter().all(|line| !line.contains("rollback")));
    }
}

#[test]
fn who_gives_an_operation_up_and_is_overtaken_writes_nothing_more() {
    let stage = sick();
    run(stage.ci("9").begin(&begin_order("3.0"))).unwrap();
    let eve = stage.desk("eve");
    let meanwhile = stage.clone();
    eve.ledger.before_write(1, move || {
        run(meanwhile.desk("ida").resume(Ways::Undo)).unwrap();
    });
    stage.told();
    assert_eq!(reason(run(eve.resume(Ways::Undo))), Reason::Overtaken);
    let finished = "ida: finished 3";
    assert_eq!(
        stage.told(),
        ["eve: resumed 3", "ida: resumed 3", finished, "eve: finished 3 (moved)"]
    );
}

#[test]
fn two_that_close_what_was_passed_close_it_once() {
    let stage = pair();
    killed_before_write(&stage, 2);
    stage.ci("7").records(&stage, "web=3.0", 'c').unwrap();
    let (eve, meanwhile) = (stage.desk("eve"), stage.clone());
    eve.ledger.before_write(1, move || {
        let bob = meanwhile.desk("bob");
        bob.ledger.faults(&[Fault::None, Fault::Dies]);
        assert!(run(bob.resume(Ways::Finish)).is_err());
    });
    assert_eq!(reason(run(eve.resume(Ways::Finish))), Reason::Overtaken);
    assert_eq!(stage.state().open().count(), 1, "it is bob's now");
    assert!(stage.state().disowned.is_empty());
}

#[test]
fn a_killed_deploy_is_seen_through_by_resume() {
    let stage = sick();
    let bob = stage.desk("bob");
    bob.ledger.faults(&[Fault::None, Fault::Dies]);
    let order = super::super::begin::BeginOrder { act: Act::Driven, ..begin_order("3.0") };
    assert!(run(bob.deploy(&order)).is_err());
    assert_eq!(reason(run(stage.desk("eve").resume(Ways::Finish))), Reason::Healthy);
    assert_eq!(stage.runs(), "app=3.0");
    assert!(stage.state().current().unwrap().is_stable());
}

#[test]
fn nothing_left_is_no_failure() {
    let eve: Writer = sick().desk("eve");
    assert_eq!(reason(run(eve.resume(Ways::Finish))), Reason::NothingToResume);
}

#[test]
fn what_a_run_finished_and_never_judged_is_told_by_resume_with_the_next_command() {
    let stage = pair();
    killed_before_write(&stage, 4);
    for ways in [Ways::Finish, Ways::Undo] {
        let ending = run(stage.desk("eve").resume(ways)).unwrap().ending;
        let said = "no operation of `production` is open; 3 was never judged";
        assert_eq!(ending.message, said);
        assert_eq!(ending.next, "lastgood verify -e production");
    }
    let judged = sick();
    run(judged.desk("ann").verify(&look())).unwrap();
    let ending = run(judged.desk("eve").resume(Ways::Finish)).unwrap().ending;
    assert_eq!(ending.next, Reason::NothingToResume.next());
}

#[test]
fn a_rollback_killed_before_any_of_its_writes_ends_where_it_was_going() {
    for place in 1..5 {
        let stage = pair();
        killed_before_write(&stage, place);
        let resumed = reason(run(stage.desk("eve").resume(Ways::Finish)));
        let ended = if place == 4 { Reason::NothingToResume } else { Reason::Returned };
        assert_eq!((place, resumed), (place, ended));
        assert_eq!(stage.runs(), "api=1.0 web=1.0");
        assert_eq!(stage.state().versions(), versions("api=1.0 web=1.0"));
    }
}
