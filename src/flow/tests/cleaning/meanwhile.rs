//! What others do while a slot is emptied.

use super::*;

/// Nobody doubts what serves, whatever is known of the slot that does not.
fn only_the_slot_is_doubtful(stage: &Stage, serving: &str) {
    assert!(stage.state().unknown.is_empty(), "{:?}", stage.state().unknown);
    assert_eq!(blue(stage).0, Standing::Failed);
    assert!(!slots(stage).is_sure(&pair().stable));
    stage.sicken(serving);
    assert_eq!(reason(run(sided(stage, "ida").verify(&guard()))), Reason::RolledBack);
}

/// Other steps bring a newer `web` to the slot that serves.
fn newer_web(stage: &Stage) {
    stage.ship("web@green=2.1");
    let ann = sided(stage, "ann");
    run(ann.record(&ann.record_order(versions("web=2.1"), Some(commit('c'))))).unwrap();
}

#[test]
fn a_cleanup_that_was_taken_over_while_it_stopped_something_leaves_what_serves_known() {
    let stage = shop_on_green();
    let bob = sided(&stage, "bob");
    let meanwhile = stage.clone();
    bob.driver.meanwhile(move || {
        meanwhile.later(Duration::from_secs(3600));
        let resumed = run(sided(&meanwhile, "eve").resume(Ways::Finish));
        assert_eq!(reason(resumed), Reason::Done);
    });
    assert_eq!(clean(&bob), Reason::Overtaken);
    assert_eq!(stage.told().pop().as_deref(), Some("bob: strayed 3"));
    only_the_slot_is_doubtful(&stage, "2.0");
}

#[test]
fn a_cleanup_that_a_record_has_passed_leaves_what_serves_known() {
    let stage = pair_on_green();
    let bob = sided(&stage, "bob");
    let meanwhile = stage.clone();
    bob.driver.meanwhile(move || {
        newer_web(&meanwhile);
    });
    assert_eq!(clean(&bob), Reason::Overtaken);
    assert!(stage.state().open().next().is_none());
    assert!(stage.runs().contains("web@blue=1.0"), "{}", stage.runs());
    only_the_slot_is_doubtful(&stage, "2.1");
}

#[test]
fn a_killed_cleanup_that_something_newer_has_passed_is_closed_and_what_serves_is_known() {
    let stage = pair_on_green();
    let bob = sided(&stage, "bob");
    killed_before(&bob, 1);
    let _ = run(bob.clean(&order()));
    newer_web(&stage);
    stage.later(Duration::from_secs(3600));
    assert_eq!(reason(run(sided(&stage, "eve").resume(Ways::Finish))), Reason::Done);
    only_the_slot_is_doubtful(&stage, "2.1");
}

#[test]
fn a_cleanup_asks_the_router_before_each_stop_and_says_how_far_it_came() {
    let stage = pair_on_green();
    let eve = sided(&stage, "eve");
    let meanwhile = stage.clone();
    eve.driver.meanwhile(move || {
        *meanwhile.shares.lock().unwrap() = Shares::all(&pair(), &pair().stable);
    });
    let ending = run(eve.clean(&order())).unwrap_err().ending().unwrap();
    assert_eq!(
        (ending.reason, ending.message.as_str()),
        (
            Reason::MayServe,
            "`blue` of `production` is not emptied: \
             the router gives blue 100 %, green 0 %; `api` 1.0 is stopped already"
        )
    );
    assert_eq!(
        stage.told(),
        ["eve: started 3", "eve: stop api@blue", "eve: service_done 3", "eve: finished 3"]
    );
    assert_eq!(stage.runs(), "api@green=2.0 web@blue=1.0 web@green=2.0");
    assert_eq!(blue(&stage).0, Standing::Failed);
    let state = stage.state();
    assert!(state.open().next().is_none());
    assert!(!state.unknown.contains_key(&service("api")));
}

#[test]
fn a_cleanup_that_touched_nothing_keeps_the_quick_way_back() {
    let stage = shop_on_green();
    let eve = sided(&stage, "eve");
    eve.router.stammer(1);
    assert_eq!(clean(&eve), Reason::MayServe);
    let finished = stage.state().operations[2].finished.clone().unwrap();
    assert_eq!(
        (finished.outcome, finished.message.as_str()),
        (
            FinishOutcome::Undone,
            "`blue` of `production` is not emptied: \
             how traffic is shared could not be read: it says nothing"
        )
    );
    assert_eq!(blue(&stage), (Standing::Idle, "1.0".to_owned()));
    assert!(slots(&stage).is_sure(&pair().stable));
    stage.told();
    assert_eq!(reason(run(eve.rollback(&back()))), Reason::Returned);
    let told = stage.told();
    assert!(!told.iter().any(|line| line.contains("rollback")), "nothing is driven: {told:?}");
}
