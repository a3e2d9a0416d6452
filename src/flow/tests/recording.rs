//! Writing down what other steps deployed.

use super::super::begin::BeginOrder;
use super::super::fakes::{Stage, Writer, commit, production, reason, run, versions};
use crate::domain::admission::Insistence;
use crate::domain::ending::Reason;
use crate::domain::event::{Act, LockScope, Locked};

pub(super) fn begin_order(text: &str) -> BeginOrder {
    BeginOrder {
        versions: versions(text),
        commit: Some(commit('b')),
        reason: None,
        insistence: Insistence::None,
        act: Act::HandedOver,
        strategy: None,
        unity: crate::domain::event::Unity::Each,
    }
}

fn lock(ann: &Writer) {
    run(ann.lock(Locked { scope: LockScope::All, reason: None, until: None })).unwrap();
}

#[test]
fn a_record_is_one_push_with_its_tag() {
    let stage = Stage::default();
    let outcome = stage.desk("ann").records(&stage, "1.0", 'a').unwrap();
    assert_eq!(outcome.ending.reason, Reason::Recorded);
    let deployment = outcome.deployment.unwrap();
    assert_eq!((deployment.n, deployment.tag_result.as_deref()), (1, Some("created")));
    assert_eq!(stage.told(), ["ann: deployed 1, +deploy/production/1"]);
}

#[test]
fn begin_writes_the_intent_and_record_closes_it_with_the_same_number() {
    let stage = Stage::default();
    run(stage.desk("ann").begin(&begin_order("1.0"))).unwrap();
    let record = stage.desk("ann");
    let order = record.record_order(versions(""), None);
    assert_eq!(reason(run(record.record(&order))), Reason::Recorded);
    let state = stage.state();
    assert_eq!((state.top, state.versions()), (1, versions("1.0")));
    assert_eq!(state.open().count(), 0);
    let told = [
        "ann: started 1, +deploy/production/1",
        "ann: resumed 1, deployed 1, finished 1, +deploy/production/1",
    ];
    assert_eq!(stage.told(), told);
}

#[test]
fn a_second_begin_is_told_who_was_first() {
    let stage = Stage::default();
    run(stage.desk("ann").begin(&begin_order("1.0"))).unwrap();
    assert_eq!(reason(run(stage.desk("bob").begin(&begin_order("1.1")))), Reason::RefusedBusy);
    assert_eq!(stage.state().operations.len(), 1);
}

#[test]
fn two_that_begin_at_once_meet_in_the_compare_and_swap() {
    let stage = Stage::default();
    let (ann, bob) = (stage.desk("ann"), stage.desk("bob"));
    ann.ledger.before_write(0, move || {
        run(bob.begin(&begin_order("1.1"))).unwrap();
    });
    assert_eq!(reason(run(ann.begin(&begin_order("1.0")))), Reason::RefusedBusy);
    assert_eq!(
        stage.told(),
        ["bob: started 1, +deploy/production/1", "ann: started 1, +deploy/production/1 (moved)",]
    );
}

#[test]
fn a_lock_keeps_others_out_and_lets_its_holder_in() {
    let stage = Stage::default();
    lock(&stage.desk("ann"));
    assert_eq!(reason(run(stage.desk("bob").begin(&begin_order("1.0")))), Reason::Locked);
    assert_eq!(reason(run(stage.desk("ann").begin(&begin_order("1.0")))), Reason::Begun);
}

#[test]
fn what_has_happened_is_written_down_though_a_lock_stood_against_it_and_never_made_stable() {
    let stage = Stage::default();
    lock(&stage.desk("ann"));
    let bob = stage.desk("bob");
    let outcome = bob.records(&stage, "1.0", 'a').unwrap();
    assert_eq!(outcome.ending.reason, Reason::Locked);
    assert_eq!(outcome.ending.reason.outcome().exit_code(), 6);
    assert_eq!(stage.state().versions(), versions("1.0"));
    assert_eq!(reason(run(bob.verify(&super::verifying::look()))), Reason::NotMarked);
    assert!(!stage.state().current().unwrap().is_stable());
}

#[test]
fn a_begin_without_a_version_needs_one_at_record() {
    let stage = Stage::default();
    run(stage.desk("ann").begin(&begin_order(""))).unwrap();
    assert_eq!(stage.told(), ["ann: started 1"]);
    let ann = stage.desk("ann");
    let order = ann.record_order(versions(""), None);
    assert_eq!(reason(run(ann.record(&order))), Reason::Invalid);
    assert_eq!(reason(ann.records(&stage, "1.0", 'c')), Reason::Recorded);
    let made = stage.state();
    let commit = made.current().unwrap().commit().unwrap();
    assert_eq!(*commit, super::super::fakes::commit('b'), "lines lie where it was begun");
}

#[test]
fn a_record_of_one_service_holds_the_whole_restore_point() {
    let stage = Stage::default();
    stage.desk("ann").records(&stage, "api=1.0 web=1.0", 'a').unwrap();
    stage.desk("bob").records(&stage, "web=2.0", 'b').unwrap();
    let state = stage.state();
    assert_eq!(state.versions(), versions("api=1.0 web=2.0"));
    let changed = &state.current().unwrap().deployed.as_ref().unwrap().what.changed;
    assert_eq!(changed.len(), 1);
}

#[test]
fn a_record_closes_only_the_intent_of_its_own_run() {
    let stage = Stage::default();
    run(stage.ci("7").begin(&begin_order("1.0"))).unwrap();
    let outcome = stage.ci("8").records(&stage, "1.1", 'b').unwrap();
    assert_eq!(outcome.ending.reason, Reason::RefusedBusy);
    assert_eq!(outcome.deployment.unwrap().n, 2);
    let own = stage.ci("7");
    let outcome = own.records(&stage, "1.0", 'b').unwrap();
    assert_eq!(outcome.deployment.unwrap().n, 1);
}

#[test]
fn a_remote_that_refuses_tags_still_gets_the_ledger() {
    let stage = Stage::default();
    let ann = stage.desk("ann");
    *ann.ledger.refuses_tags.lock().unwrap() = true;
    let outcome = ann.records(&stage, "1.0", 'a').unwrap();
    let result = outcome.deployment.unwrap().tag_result.unwrap();
    assert_eq!(result, "refused: a hook says no");
    assert_eq!(stage.state().versions(), versions("1.0"));
}

#[test]
fn a_re_run_of_an_old_pipeline_is_refused_and_when_it_happened_it_is_written_down_red() {
    let stage = Stage::default();
    stage.ci("7").records(&stage, "1.0", 'a').unwrap();
    stage.ci("8").records(&stage, "1.1", 'b').unwrap();
    let again = run(stage.ci("7").begin(&begin_order("1.0")));
    assert_eq!(reason(again), Reason::RefusedSuperseded);
    let outcome = stage.ci("7").records(&stage, "1.0", 'a').unwrap();
    assert_eq!(outcome.ending.reason, Reason::RefusedSuperseded);
    assert_eq!(stage.state().versions(), versions("1.0"));
    let _ = production();
}
