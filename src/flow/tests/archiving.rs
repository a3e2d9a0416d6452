//! What moves to the archive, and what is still known of it.

use std::time::Duration;

use super::super::fakes::{Fault, Stage, Writer, production, reason, run, service, versions};
use super::super::mark::Mark;
use super::super::order::RollbackOrder;
use super::recording::begin_order;
use super::rolling_back::back;
use super::verifying::{guard, look};
use crate::domain::archive::Extent;
use crate::domain::ending::Reason;
use crate::domain::event::{LockScope, Locked};
use crate::domain::fold::{self, Reading};
use crate::domain::names::PointName;
use crate::domain::state::State;
use crate::domain::target::Wanted;

/// Who keeps this many deployments.
fn keeper(stage: &Stage, keep: usize) -> Writer {
    stage.desk_under("ann", |policy| policy.keep.deployments = keep)
}

/// `1.0` to `6.0`, the first two stable, and nothing archived yet.
fn six() -> Stage {
    let stage = Stage::default();
    for n in 1..=6 {
        let digit = char::from_digit(n, 10).unwrap();
        stage.desk("ann").records(&stage, &format!("{n}.0"), digit).unwrap();
        if n <= 2 {
            run(stage.desk("ann").verify(&look())).unwrap();
        }
        stage.later(Duration::from_secs(60));
    }
    stage.told();
    stage
}

fn prune(stage: &Stage, keep: usize) {
    run(keeper(stage, keep).prune(Extent::Keep(keep))).unwrap();
}

/// What no archiving may change.
fn essence(state: &State) -> impl PartialEq + std::fmt::Debug + use<> {
    let id = |operation: Option<&crate::domain::operation::Operation>| operation.map(|op| op.id);
    (
        id(state.current()),
        id(state.last_stable()),
        state.versions(),
        state.quarantine.clone(),
        state.next_number(),
        state.unknown.clone(),
        state.locks.clone(),
    )
}

#[test]
fn lines_are_shelved_before_they_are_taken_away() {
    let stage = six();
    prune(&stage, 3);
    let told = stage.told();
    assert_eq!(told, ["ann: 4 lines to the archive", "ann: pruned 6, minus 4 lines"]);
    let live: Vec<u64> = stage.state().operations.iter().map(|op| op.n).collect();
    assert_eq!(live, [2, 4, 5, 6], "the last stable one stays");
    assert_eq!(stage.whole().operations.len(), 6);
}

#[test]
fn archiving_changes_nothing_of_what_is_true() {
    let stage = six();
    let before = essence(&stage.state());
    prune(&stage, 1);
    assert_eq!(essence(&stage.state()), before);
}

#[test]
fn a_record_archives_when_the_ledger_has_outgrown_what_is_kept() {
    let stage = Stage::default();
    for n in 1..=4 {
        keeper(&stage, 2).records(&stage, &format!("{n}.0"), 'a').unwrap();
    }
    assert_eq!(
        stage.told()[3..],
        [
            "ann: deployed 4, +deploy/production/4",
            "ann: 2 lines to the archive",
            "ann: pruned 4, minus 2 lines",
        ]
    );
}

#[test]
fn what_never_became_a_deployment_does_not_push_deployments_out() {
    let stage = six();
    for _ in 0..4 {
        run(stage.desk("ann").begin(&begin_order("7.0"))).unwrap();
        run(stage.desk("ann").resume(super::super::resume::Ways::Undo)).unwrap();
    }
    stage.told();
    prune(&stage, 5);
    let state = stage.state();
    let live: Vec<u64> = state.deployments().iter().map(|op| op.n).collect();
    assert_eq!(live, [6, 5, 4, 3, 2]);
}

#[test]
fn everything_archived_is_still_a_target() {
    let stage = six();
    let name = PointName::new("before-sale").unwrap();
    run(stage.desk("ann").mark(1, &Mark::Name(name), None)).unwrap();
    run(stage.desk("ann").mark(2, &Mark::Bad, None)).unwrap();
    prune(&stage, 1);
    for wanted in ["1", "before-sale", "1.0", "deploy/production/1", "stable/production/1"] {
        let order = RollbackOrder { wanted: Wanted::Named(wanted.to_owned()), ..back() };
        let plan = run(stage.desk("bob").plan_rollback(&order)).unwrap();
        assert_eq!((wanted, plan.rollback.unwrap().to), (wanted, Some(1)));
    }
}

#[test]
fn the_gate_finds_its_way_back_in_the_archive() {
    let stage = six();
    prune(&stage, 1);
    run(stage.desk("ann").mark(2, &Mark::Bad, None)).unwrap();
    stage.sicken("6.0");
    assert_eq!(reason(run(stage.desk("bob").verify(&guard()))), Reason::RolledBack);
    assert_eq!(stage.runs(), "app=1.0");
}

#[test]
fn a_driver_that_fails_finds_the_way_back_in_the_archive_too() {
    let stage = six();
    prune(&stage, 1);
    run(stage.desk("ann").mark(2, &Mark::Bad, None)).unwrap();
    let bob = stage.desk("bob");
    bob.driver.fail_once("app");
    let act = crate::domain::event::Act::Driven;
    let order = super::super::begin::BeginOrder { act, ..begin_order("7.0") };
    assert_eq!(reason(run(bob.deploy(&order))), Reason::RolledBack);
    assert_eq!(stage.runs(), "app=1.0");
}

#[test]
fn a_quarantine_outlives_the_deployment_that_set_it_and_good_lifts_it_all_the_same() {
    let stage = six();
    run(stage.desk("bob").rollback(&back())).unwrap();
    stage.desk("ann").records(&stage, "8.0", '8').unwrap();
    stage.desk("ann").records(&stage, "9.0", '9').unwrap();
    prune(&stage, 1);
    assert_eq!(stage.state().quarantine.len(), 1);
    stage.told();
    run(stage.desk("ann").mark(6, &Mark::Good, None)).unwrap();
    assert!(stage.state().quarantine.is_empty());
    assert!(stage.whole().quarantine.is_empty());
    assert_eq!(stage.told(), ["ann: deployed 6, pruned 9, stable 6, +stable/production/6"]);
    run(stage.desk("ann").mark(6, &Mark::Bad, None)).unwrap();
    assert_eq!(stage.state().quarantine.len(), 1);
    prune(&stage, 1);
    assert_eq!(stage.state().quarantine, stage.whole().quarantine);
}

#[test]
fn the_count_of_automatic_rollbacks_outlives_them() {
    let stage = six();
    stage.sicken("6.0");
    run(stage.desk("bob").verify(&guard())).unwrap();
    for n in 8..=9 {
        stage.desk("ann").records(&stage, &format!("{n}.0"), '8').unwrap();
        run(stage.desk("ann").verify(&look())).unwrap();
    }
    prune(&stage, 1);
    let (now, day) = (stage.desk("reader").now(), jiff::SignedDuration::from_hours(24));
    assert_eq!(stage.state().automatic_rollbacks(now, day).len(), 1);
    assert!(stage.state().operations.iter().all(|operation| operation.n > 7));
}

#[test]
fn an_unknown_version_stays_unknown() {
    let stage = six();
    let bob = stage.desk("bob");
    bob.driver.fail("app");
    run(bob.rollback(&back())).unwrap();
    stage.desk("ann").records(&stage, "web=1.0", '8').unwrap();
    stage.desk("ann").records(&stage, "web=1.1", '9').unwrap();
    prune(&stage, 1);
    assert!(stage.state().unknown.contains_key(&service("app")));
}

/// Lets a run stray while others take over and go on, and do one thing more.
fn strays(stage: &Stage, more: impl FnOnce(&Stage) + Send + 'static) {
    let bob = stage.desk("bob");
    let meanwhile = stage.clone();
    bob.driver.meanwhile(move || {
        run(meanwhile.desk("eve").resume(super::super::resume::Ways::Finish)).unwrap();
        for version in ["8.0", "9.0"] {
            meanwhile.desk("ann").records(&meanwhile, version, '8').unwrap();
            run(meanwhile.desk("ann").verify(&look())).unwrap();
        }
        more(&meanwhile);
    });
    assert_eq!(reason(run(bob.rollback(&back()))), Reason::Overtaken);
    assert!(stage.state().unknown.contains_key(&service("app")));
    prune(stage, 1);
    assert!(stage.state().unknown.contains_key(&service("app")));
}

#[test]
fn who_strayed_late_is_not_forgotten_with_the_operation() {
    strays(&six(), |_| ());
}

#[test]
fn a_run_that_strays_from_an_archived_operation_says_so_all_the_same() {
    let stage = six();
    strays(&stage, |meanwhile| {
        prune(meanwhile, 1);
        assert!(meanwhile.state().operations.iter().all(|operation| operation.n > 7));
    });
    stage.desk("ann").records(&stage, "10.0", '8').unwrap();
    assert!(stage.state().unknown.is_empty());
}

#[test]
fn a_killed_archiving_loses_nothing_and_the_next_finishes_it() {
    let stage = six();
    let before = essence(&stage.state());
    let ann = keeper(&stage, 2);
    ann.ledger.faults(&[Fault::None, Fault::Dies]);
    assert!(run(ann.prune(Extent::Keep(2))).is_err());
    assert_eq!(essence(&stage.state()), before);
    prune(&stage, 2);
    assert_eq!(essence(&stage.state()), before);
    assert_eq!(stage.whole().operations.len(), 6);
    let archived = stage.remote.lock().unwrap().archive.lines.len();
    assert_eq!(archived, 5, "what was shelved before is not shelved twice");
}

#[test]
fn lines_that_come_back_are_without_effect_and_move_again() {
    let stage = six();
    let old = stage.remote.lock().unwrap().live.lines.clone();
    prune(&stage, 2);
    let before = essence(&stage.state());
    {
        let mut remote = stage.remote.lock().unwrap();
        let back: Vec<_> =
            old.into_iter().filter(|line| !remote.live.lines.contains(line)).collect();
        remote.live.lines.extend(back);
        remote.live.revision += 1;
    }
    assert_eq!(essence(&stage.state()), before);
    assert!(!stage.state().ineffective.is_empty());
    prune(&stage, 2);
    assert_eq!(essence(&stage.state()), before);
    assert!(stage.state().ineffective.is_empty());
}

#[test]
fn without_through_a_lock_that_comes_back_alone_holds_again() {
    let stage = Stage::default();
    stage.desk("ann").records(&stage, "1.0", 'a').unwrap();
    let locked = Locked { scope: LockScope::All, reason: None, until: None };
    run(stage.desk("ann").lock(locked)).unwrap();
    let line = stage.remote.lock().unwrap().live.lines.last().unwrap().clone();
    run(stage.desk("ann").unlock(LockScope::All, None)).unwrap();
    for n in 2..=4 {
        stage.desk("ann").records(&stage, &format!("{n}.0"), 'a').unwrap();
    }
    prune(&stage, 1);
    stage.remote.lock().unwrap().live.lines.push(line);
    assert_eq!(stage.state().locks.len(), 0);
    let lines = stage.remote.lock().unwrap().live.lines.clone();
    let dropped: Vec<String> =
        lines.iter().map(|line| line.text.replace("\"through\":3", "\"through\":0")).collect();
    let lines = dropped.iter().map(String::as_str);
    let state = fold::fold(&production(), lines, Reading::Live);
    assert_eq!(state.locks.len(), 1, "the test would not notice the rule");
}

#[test]
fn a_lock_outlives_the_lines_around_it() {
    let stage = Stage::default();
    let locked = Locked { scope: LockScope::All, reason: None, until: None };
    run(stage.desk("ann").lock(locked)).unwrap();
    for n in 1..=4 {
        stage.desk("ann").records(&stage, &format!("{n}.0"), 'a').unwrap();
    }
    prune(&stage, 1);
    assert_eq!(reason(run(stage.desk("bob").begin(&begin_order("5.0")))), Reason::Locked);
    run(stage.desk("ann").unlock(LockScope::All, None)).unwrap();
    prune(&stage, 1);
    assert_eq!(reason(run(stage.desk("bob").begin(&begin_order("5.0")))), Reason::Begun);
}

#[test]
fn a_retired_environment_is_opened_by_a_record_that_goes_on_counting() {
    let stage = six();
    run(stage.desk("ann").prune(Extent::Retire)).unwrap();
    let state = stage.state();
    assert_eq!((state.operations.len(), state.pruned.unwrap().retired), (0, true));
    assert!(stage.remote.lock().unwrap().tags.is_empty());
    stage.told();
    run(stage.desk("ann").prune(Extent::Retire)).unwrap();
    assert_eq!(stage.told(), [""; 0], "closing twice writes nothing");
    let outcome = stage.desk("ann").records(&stage, "7.0", '7').unwrap();
    assert_eq!(outcome.deployment.unwrap().n, 7);
    assert_eq!(stage.whole().operations.len(), 7);
}

#[test]
fn a_lock_outlives_the_retirement_of_its_environment() {
    let stage = six();
    let locked = Locked { scope: LockScope::Rollback, reason: None, until: None };
    run(stage.desk("ann").lock(locked)).unwrap();
    run(stage.desk("ann").prune(Extent::Retire)).unwrap();
    assert_eq!(stage.state().locks.len(), 1);
}

#[test]
fn a_retired_environment_can_be_locked_and_unlocked() {
    let stage = six();
    run(stage.desk("ann").prune(Extent::Retire)).unwrap();
    let locked = Locked { scope: LockScope::All, reason: None, until: None };
    run(stage.desk("ann").lock(locked)).unwrap();
    run(stage.desk("ann").mark(6, &Mark::Good, None)).unwrap();
    assert_eq!(reason(run(stage.desk("bob").begin(&begin_order("7.0")))), Reason::Locked);
    run(stage.desk("ann").unlock(LockScope::All, None)).unwrap();
    assert_eq!(reason(run(stage.desk("bob").begin(&begin_order("7.0")))), Reason::Begun);
}

#[test]
fn an_environment_is_not_retired_while_something_is_open_or_another_holds_its_lock() {
    let stage = six();
    run(stage.desk("ann").begin(&begin_order("7.0"))).unwrap();
    assert_eq!(reason(run(stage.desk("bob").prune(Extent::Retire))), Reason::RefusedBusy);
    assert_eq!(stage.state().open().count(), 1);
}

#[test]
fn a_lost_answer_is_found_even_where_another_has_archived_it() {
    let stage = six();
    let ann = stage.desk("ann");
    let meanwhile = stage.clone();
    ann.ledger.faults(&[Fault::LostAfter]);
    ann.ledger.after_write(move || {
        for n in 8..=9 {
            meanwhile.desk("bob").records(&meanwhile, &format!("{n}.0"), 'b').unwrap();
        }
        prune(&meanwhile, 1);
    });
    let outcome = ann.records(&stage, "7.0", '7').unwrap();
    assert_eq!(outcome.deployment.unwrap().n, 7);
    assert_eq!(stage.state().top, 9, "no number was given again");
    assert_eq!(stage.whole().numbered(7).len(), 1);
    assert_eq!(stage.state().versions(), versions("9.0"));
}

#[test]
fn a_waiting_record_that_was_archived_meanwhile_is_not_written_again() {
    let stage = six();
    let ann = stage.desk("ann");
    let ledger = ann.ledger.clone();
    let arrived = stage.clone();
    let order = ann.record_order(versions("7.0"), None);
    let same = order.clone();
    ann.ledger.before_write(0, move || {
        run(arrived.desk("ann").record(&same)).unwrap();
        for n in 8..=9 {
            arrived.desk("bob").records(&arrived, &format!("{n}.0"), 'b').unwrap();
        }
        prune(&arrived, 1);
        ledger.away(true);
    });
    assert_eq!(reason(run(ann.record(&order))), Reason::NotRecorded);
    run(stage.desk("eve").resume(super::super::resume::Ways::Finish)).unwrap();
    assert_eq!((stage.state().top, stage.state().versions()), (9, versions("9.0")));
    assert_eq!(stage.desk("x").environment, production());
}

#[test]
fn an_archived_deployment_that_a_person_calls_good_is_the_last_stable_one_again() {
    let stage = six();
    prune(&stage, 1);
    run(stage.desk("ann").mark(4, &Mark::Good, None)).unwrap();
    assert_eq!(stage.state().last_stable().unwrap().n, 4);
    run(stage.desk("bob").rollback(&back())).unwrap();
    assert_eq!(stage.runs(), "app=4.0");
}
