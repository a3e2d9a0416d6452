//! Answers that are lost, and remotes that are away.

use super::super::fakes::{Fault, Stage, reason, run, versions};
use super::super::halt::Halt;
use super::super::resume::Ways;
use super::recording::begin_order;
use super::rolling_back::back;
use super::verifying::{look, sick};
use crate::domain::ending::Reason;
use crate::domain::fold::Reading;
use crate::error::Kind;

#[test]
fn a_lost_answer_never_writes_twice() {
    for fault in [Fault::LostAfter, Fault::LostBefore] {
        let stage = Stage::default();
        let ann = stage.desk("ann");
        ann.ledger.faults(&[fault]);
        let outcome = ann.records(&stage, "1.0", 'a').unwrap();
        let state = stage.state();
        assert_eq!((outcome.deployment.unwrap().n, state.operations.len()), (1, 1));
        assert_eq!(stage.remote.lock().unwrap().live.lines.len(), 1);
    }
}

#[test]
fn a_lost_answer_at_any_write_of_a_rollback_changes_nothing_of_how_it_ends() {
    for fault in [Fault::LostAfter, Fault::LostBefore] {
        for place in 0..5 {
            let stage = sick();
            let bob = stage.desk("bob");
            bob.ledger.faults(&vec![Fault::None; place]);
            bob.ledger.faults(&[fault]);
            let ended = reason(run(bob.rollback(&back())));
            assert_eq!((place, ended), (place, Reason::Returned));
            let state = stage.state();
            assert_eq!((state.top, state.operations.len()), (3, 3));
            let drives = stage.told().iter().filter(|line| line.contains("rollback app")).count();
            assert_eq!(drives, 1);
        }
    }
}

#[test]
fn a_lost_answer_that_another_wrote_over_is_still_found() {
    let stage = Stage::default();
    let ann = stage.desk("ann");
    ann.ledger.faults(&[Fault::LostAfter]);
    let meanwhile = stage.clone();
    ann.ledger.before_write(0, || ());
    let outcome = ann.records(&stage, "1.0", 'a').unwrap();
    meanwhile.desk("bob").records(&stage, "2.0", 'b').unwrap();
    assert_eq!(outcome.deployment.unwrap().n, 1);
    assert_eq!(stage.state().top, 2);
}

#[test]
fn a_remote_that_is_away_before_the_act_is_told_and_nothing_was_done() {
    let stage = sick();
    let bob = stage.desk("bob");
    bob.ledger.away(true);
    match run(bob.rollback(&back())) {
        Err(Halt::Broke(error)) => assert_eq!(error.kind(), Kind::Unreachable),
        other => panic!("{other:?}"),
    }
    assert_eq!(stage.told(), [""; 0]);
    assert_eq!(stage.runs(), "app=2.0");
}

#[test]
fn what_was_done_and_could_not_be_written_waits_and_resume_writes_it() {
    let stage = sick();
    let bob = stage.desk("bob");
    let ledger = bob.ledger.clone();
    bob.driver.meanwhile(move || ledger.away(true));
    assert_eq!(reason(run(bob.rollback(&back()))), Reason::NotRecorded);
    assert_eq!(stage.outbox.letters.lock().unwrap().len(), 1);
    stage.told();
    assert_eq!(reason(run(stage.desk("eve").resume(Ways::Finish))), Reason::Returned);
    assert!(stage.outbox.letters.lock().unwrap().is_empty());
    assert_eq!(
        stage.told(),
        [
            "eve: service_done 3",
            "eve: resumed 3",
            "eve: deployed 3, finished 3, +deploy/production/3",
            "eve: verified 3, stable 3",
        ]
    );
}

#[test]
fn a_record_that_could_not_be_written_waits_and_resume_writes_it() {
    let stage = Stage::default();
    let ann = stage.desk("ann");
    ann.ledger.away(true);
    assert_eq!(reason(ann.records(&stage, "1.0", 'a')), Reason::NotRecorded);
    assert_eq!(reason(run(stage.desk("eve").resume(Ways::Finish))), Reason::Done);
    assert_eq!(stage.state().versions(), versions("1.0"));
    assert!(stage.outbox.letters.lock().unwrap().is_empty());
}

#[test]
fn a_waiting_record_that_had_arrived_after_all_is_not_written_again() {
    let stage = Stage::default();
    run(stage.desk("ann").begin(&begin_order("1.0"))).unwrap();
    let ann = stage.desk("ann");
    let ledger = ann.ledger.clone();
    let arrived = stage.clone();
    let order = ann.record_order(versions("1.0"), None);
    let same = order.clone();
    ann.ledger.before_write(0, move || {
        run(arrived.desk("ann").record(&same)).unwrap();
        ledger.away(true);
    });
    assert_eq!(reason(run(ann.record(&order))), Reason::NotRecorded);
    assert_eq!(reason(run(stage.desk("eve").resume(Ways::Finish))), Reason::Done);
    let state = stage.state();
    assert_eq!((state.operations.len(), state.top), (1, 1));
    assert!(stage.outbox.letters.lock().unwrap().is_empty());
}

#[test]
fn an_end_that_could_not_be_written_is_told_as_such_and_resume_writes_it() {
    let stage = sick();
    let bob = stage.desk("bob");
    let ledger = bob.ledger.clone();
    bob.ledger.before_write(2, move || ledger.away(true));
    assert_eq!(reason(run(bob.rollback(&back()))), Reason::NotRecorded);
    assert_eq!(reason(run(stage.desk("eve").resume(Ways::Finish))), Reason::Returned);
}

#[test]
fn a_rollback_whose_proof_could_not_be_written_is_not_told_as_nothing_done() {
    let stage = sick();
    let bob = stage.desk("bob");
    let ledger = bob.ledger.clone();
    bob.ledger.before_write(3, move || ledger.away(true));
    assert_eq!(reason(run(bob.rollback(&back()))), Reason::NotRecorded);
    assert_eq!(reason(run(stage.desk("eve").verify(&look()))), Reason::Healthy);
}

#[test]
fn a_deploy_whose_verdict_could_not_be_written_is_not_told_as_nothing_done() {
    let stage = sick();
    let bob = stage.desk("bob");
    let ledger = bob.ledger.clone();
    bob.ledger.before_write(3, move || ledger.away(true));
    let act = crate::domain::event::Act::Driven;
    let order = super::super::begin::BeginOrder { act, ..begin_order("3.0") };
    assert_eq!(reason(run(bob.deploy(&order))), Reason::NotRecorded);
    assert_eq!(stage.state().versions(), versions("3.0"));
}

#[test]
fn a_joined_ledger_folds_the_same_wherever_its_lines_lie() {
    let stage = sick();
    let (before, mut lines) = (stage.state(), stage.remote.lock().unwrap().live.lines.clone());
    lines.reverse();
    for line in &mut lines {
        line.note = "elsewhere".to_owned();
    }
    let reader = stage.desk("reader");
    let texts = lines.iter().chain(&lines).map(|line| line.text.as_str());
    let after = crate::domain::fold::fold(&reader.environment, texts, Reading::Live);
    assert_eq!(after, before);
}
