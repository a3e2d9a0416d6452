//! When the gate goes back by itself, and when it only tells.

use super::super::rolling_back::back;
use super::*;

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
fn a_lock_on_rollbacks_keeps_the_gate_from_acting_and_lets_people_act() {
    let stage = sick();
    let locked = Locked { scope: LockScope::Rollback, reason: None, until: None };
    run(stage.desk("ann").lock(locked)).unwrap();
    assert_eq!(reason(run(stage.desk("bob").verify(&guard()))), Reason::LockedRollback);
    let back = back();
    assert_eq!(reason(run(stage.desk("bob").rollback(&back))), Reason::Returned);
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
