//! A slot that serves by the router's word is left alone.

use super::*;

#[test]
fn a_slot_that_serves_by_the_routers_word_is_never_driven() {
    let stage = shop();
    *stage.shares.lock().unwrap() = Shares::of(&pair(), &pair().candidate, 25);
    assert_eq!(reason(run(sided(&stage, "bob").deploy(&two()))), Reason::MayServe);
    assert_eq!(stage.told(), [""; 0], "nothing is written either");
    assert_eq!(shares(&stage), "blue 75 %, green 25 %", "what a person did is left as it is");
    let given = run(sided(&stage, "bob").resume(Ways::Finish)).unwrap();
    assert_eq!(
        given.ending.message,
        "gave the traffic of `production` back: blue 100 %, green 0 %"
    );
}

#[test]
fn nor_by_whoever_takes_up_what_a_killed_run_began() {
    let stage = shop();
    let bob = sided(&stage, "bob");
    killed_before(&bob, 1);
    assert!(run(bob.deploy(&two())).is_err());
    *stage.shares.lock().unwrap() = Shares::all(&pair(), &pair().candidate);
    stage.later(Duration::from_secs(3600));
    stage.told();
    let outcome = run(sided(&stage, "eve").resume(Ways::Finish)).unwrap();
    assert_eq!(outcome.ending.reason, Reason::RouterFailed);
    assert!(outcome.ending.message.ends_with("nothing more was touched"), "{:?}", outcome.ending);
    assert_eq!(stage.told(), ["eve: resumed 2", "eve: finished 2"]);
    assert_eq!(shares(&stage), "blue 0 %, green 100 %", "what a person did is left as it is");
}

#[test]
fn a_dry_resume_says_that_the_traffic_would_be_given_back() {
    let stage = shop();
    *stage.shares.lock().unwrap() = Shares::of(&pair(), &pair().candidate, 25);
    let planned = run(sided(&stage, "bob").plan_resume(Ways::Finish)).unwrap();
    assert_eq!(planned.ending.reason, Reason::Planned);
    assert_eq!(shares(&stage), "blue 75 %, green 25 %");
}

/// `app` is at 3.0 in `blue`; `green` holds 2.0, which is bad, so that the way back is to bring 1.0 there.
fn two_back() -> Stage {
    let stage = shop();
    let ann = sided(&stage, "ann");
    for version in ["2.0", "3.0"] {
        let order = BeginOrder { act: Act::Driven, ..begin_order(version) };
        assert_eq!(reason(run(ann.deploy(&order))), Reason::Healthy);
    }
    run(ann.mark(2, &Mark::Bad, None)).unwrap();
    *stage.shares.lock().unwrap() = Shares::of(&pair(), &pair().candidate, 25);
    stage.told();
    stage
}

#[test]
fn a_way_back_that_would_drive_a_slot_that_serves_is_refused_before_it_is_written() {
    let stage = two_back();
    let bob = sided(&stage, "bob");
    assert_eq!(reason(run(bob.plan_rollback(&back()))), Reason::MayServe);
    assert_eq!(reason(run(bob.rollback(&back()))), Reason::MayServe);
    bob.router.mute();
    assert_eq!(reason(run(bob.rollback(&back()))), Reason::MayServe);
    assert_eq!(stage.told(), [""; 0]);
    assert_eq!(shares(&stage), "blue 75 %, green 25 %");
    assert!(stage.state().open().next().is_none());
}

#[test]
fn after_a_sick_verdict_that_refusal_needs_help() {
    let stage = two_back();
    stage.sicken("3.0");
    let outcome = run(sided(&stage, "bob").verify(&guard())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::RouterFailed);
    assert_eq!(stage.told(), ["bob: verified 3, unstable 3"]);
}

#[test]
fn what_was_fled_is_not_brought_to_a_slot_that_serves_either() {
    let stage = shop();
    let ann = sided(&stage, "ann");
    run(ann.deploy(&two())).unwrap();
    run(ann.rollback(&back())).unwrap();
    run(ann.clean(&CleanOrder::default())).unwrap();
    *stage.shares.lock().unwrap() = Shares::of(&pair(), &pair().candidate, 25);
    stage.told();
    let order = CancelOrder::default();
    assert_eq!(reason(run(ann.plan_cancel(&order))), Reason::MayServe);
    assert_eq!(reason(run(ann.cancel(&order))), Reason::MayServe);
    assert_eq!(stage.told(), [""; 0]);
}
