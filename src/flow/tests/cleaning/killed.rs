//! Cleanups that were killed: finished, given up, or left to the gate.

use super::*;

#[test]
fn killed_before_any_of_its_writes_a_cleanup_is_finished_and_does_nothing_twice() {
    for kill in 0..3 {
        let stage = shop_on_green();
        let bob = sided(&stage, "bob");
        killed_before(&bob, kill);
        assert!(run(bob.clean(&order())).is_err(), "kill {kill}");
        let was_stopped = stage.runs() == "app@green=2.0";
        let was_told = stage.told().contains(&"bob: service_done 3".to_owned());
        stage.later(Duration::from_secs(3600));
        let eve = sided(&stage, "eve");
        let resumed = reason(run(eve.resume(Ways::Finish)));
        let told = stage.told();
        one_serves(&stage, &format!("kill {kill}"));
        if kill == 0 {
            assert_eq!((resumed, was_stopped), (Reason::NothingToResume, false));
            continue;
        }
        assert_eq!(resumed, Reason::Done, "kill {kill}");
        assert_eq!(stage.runs(), "app@green=2.0", "kill {kill}");
        assert_eq!(blue(&stage), (Standing::Idle, String::new()), "kill {kill}");
        let again = told.contains(&"eve: stop app@blue".to_owned());
        assert_eq!(again, !was_told, "kill {kill}: {told:?}");
    }
}

#[test]
fn a_killed_cleanup_that_is_given_up_leaves_a_slot_that_nobody_trusts() {
    for kill in 1..3 {
        let stage = shop_on_green();
        let bob = sided(&stage, "bob");
        killed_before(&bob, kill);
        let _ = run(bob.clean(&order()));
        stage.later(Duration::from_secs(3600));
        let outcome = run(sided(&stage, "eve").resume(Ways::Undo)).unwrap();
        assert_eq!(outcome.ending.reason, Reason::Done);
        one_serves(&stage, &format!("kill {kill}"));
        assert_eq!(blue(&stage).0, Standing::Failed, "kill {kill}");
        assert_eq!(reason(run(sided(&stage, "eve").rollback(&back()))), Reason::Returned);
        assert_eq!(stage.runs(), "app@blue=1.0 app@green=2.0", "kill {kill}");
    }
}

#[test]
fn a_killed_cleanup_stops_nothing_more_where_a_person_moved_traffic_meanwhile() {
    let stage = shop_on_green();
    let bob = sided(&stage, "bob");
    killed_before(&bob, 1);
    bob.driver.fail("app");
    let _ = run(bob.clean(&order()));
    *stage.shares.lock().unwrap() = Shares::all(&pair(), &pair().stable);
    stage.later(Duration::from_secs(3600));
    let eve = sided(&stage, "eve");
    assert_eq!(reason(run(eve.resume(Ways::Finish))), Reason::MayServe);
    assert_eq!(stage.runs(), "app@blue=1.0 app@green=2.0");
    assert!(stage.state().open().next().is_none());
    assert_eq!(blue(&stage).0, Standing::Failed, "nobody knows how far it came");
}

#[test]
fn a_dry_resume_shows_what_is_left_to_stop() {
    let stage = shop_on_green();
    let bob = sided(&stage, "bob");
    killed_before(&bob, 1);
    let _ = run(bob.clean(&order()));
    stage.later(Duration::from_secs(3600));
    let commands = |ways| {
        let outcome = run(sided(&stage, "eve").plan_resume(ways)).unwrap();
        let crate::domain::outcome::More::Planned { plan } = outcome.more else { panic!("none") };
        plan.into_iter().flat_map(|line| line.commands).collect::<Vec<_>>()
    };
    assert_eq!(commands(Ways::Finish), ["./stop app@blue"]);
    assert_eq!(commands(Ways::Undo), [""; 0]);
}

/// A cleanup was killed once it had stopped `api`, and what serves is sick.
fn killed_and_sick() -> Stage {
    let stage = pair_on_green();
    let bob = sided(&stage, "bob");
    killed_before(&bob, 1);
    assert!(run(bob.clean(&order())).is_err());
    assert_eq!(stage.runs(), "api@green=2.0 web@blue=1.0 web@green=2.0");
    stage.later(Duration::from_secs(3600));
    stage.sicken("2.0");
    stage.told();
    stage
}

#[test]
fn a_gate_that_may_act_gives_a_killed_cleanup_up_and_looks_at_what_serves() {
    let stage = killed_and_sick();
    assert_eq!(reason(run(sided(&stage, "eve").verify(&guard()))), Reason::RolledBack);
    let told = stage.told();
    assert_eq!(told[..3], ["eve: resumed 3", "eve: finished 3", "eve: verified 2, unstable 2"]);
    assert!(!told.iter().any(|line| line.contains("stop")), "{told:?}");
    assert_eq!(stage.runs(), "api@blue=1.0 api@green=2.0 web@blue=1.0 web@green=2.0");
    let finished = stage.state().operations[2].finished.clone().unwrap();
    assert_eq!(finished.outcome, FinishOutcome::Undone);
}

#[test]
fn a_gate_that_may_act_looks_though_the_cleanup_could_not_be_finished() {
    type Against = fn(&Writer);
    let cases: [(&str, Against); 2] =
        [("a mute router", |eve| eve.router.mute()), ("no driver", |eve| eve.driver.lack())];
    for (what, against) in cases {
        let stage = killed_and_sick();
        let eve = sided(&stage, "eve");
        against(&eve);
        let _ = run(eve.verify(&guard()));
        let told = stage.told();
        assert!(told.contains(&"eve: verified 2, unstable 2".to_owned()), "{what}: {told:?}");
    }
}

#[test]
fn a_killed_cleanup_is_given_up_where_no_driver_is_ready() {
    let stage = killed_and_sick();
    let eve = sided(&stage, "eve");
    eve.driver.lack();
    assert_eq!(reason(run(eve.resume(Ways::Finish))), Reason::Invalid);
    assert_eq!(reason(run(eve.resume(Ways::Undo))), Reason::Done);
    assert!(stage.state().open().next().is_none());
}
