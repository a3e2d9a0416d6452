//! How an operation stands, by what is written of it.

use super::super::event::{FinishOutcome, StepOutcome, Trigger};
use super::super::history::{History, ci, minute, op, service, versions};
use super::super::verdict::Verdict;
use super::*;

fn only(history: &History) -> Operation {
    history.state().operation(op(1)).unwrap().clone()
}

fn status(history: &History, now: i64) -> Status {
    only(history).status(minute(now))
}

#[test]
fn an_open_operation_is_interrupted_a_moment_after_a_quarter_of_an_hour() {
    let begun = History::new().started(1, "1.0");
    assert_eq!(status(&begun, 15), Status::Started);
    assert_eq!(status(&begun, 16), Status::Interrupted);
    let spoken = begun.clone().at(10).done(1, "app", StepOutcome::Done);
    assert_eq!(status(&spoken, 25), Status::Started);
    assert_eq!(status(&spoken, 26), Status::Interrupted);
    let closed = begun.finished(1, FinishOutcome::Undone);
    assert!(!only(&closed).is_abandoned(minute(99)));
}

#[test]
fn an_operation_is_open_until_it_is_made_or_ended() {
    let begun = History::new().started(1, "1.0");
    assert!(only(&begun).is_open());
    assert!(!only(&begun.clone().deployed(1, "1.0")).is_open());
    assert!(!only(&begun.finished(1, FinishOutcome::Failed)).is_open());
    assert!(!only(&History::new().deployed(1, "1.0")).is_open());
}

#[test]
fn each_end_has_its_status() {
    for (outcome, expected) in [
        (FinishOutcome::Failed, Status::Failed),
        (FinishOutcome::Undone, Status::Failed),
        (FinishOutcome::Partial, Status::Partial),
        (FinishOutcome::Completed, Status::Deployed),
    ] {
        let history = History::new().started(1, "1.0").deployed(1, "1.0").finished(1, outcome);
        assert_eq!(status(&history, 5), expected);
    }
}

#[test]
fn each_stability_has_its_status() {
    let made = History::new().deployed(1, "1.0");
    assert_eq!(status(&made, 5), Status::Deployed);
    assert_eq!(status(&made.clone().stable(1), 5), Status::Stable);
    assert_eq!(status(&made.clone().bad(1), 5), Status::Unhealthy);
    assert_eq!(status(&made.clone().demoted(1), 5), Status::Unhealthy);
    assert_eq!(status(&made.clone().verified(1, Verdict::Unhealthy), 5), Status::Unhealthy);
    assert_eq!(status(&made.clone().verified(1, Verdict::Error), 5), Status::Deployed);
    assert_eq!(status(&made.fled(2, 1, "0.9", "1.0"), 5), Status::RolledBack);
    let barred = |code: &'static str| {
        History::new().deployed_with(1, "1.0", |what| what.barred = Some(code.into()))
    };
    assert_eq!(status(&barred("superseded"), 5), Status::Superseded);
    assert_eq!(status(&barred("locked"), 5), Status::Deployed);
    assert_eq!(status(&barred("superseded").verified(1, Verdict::Unhealthy), 5), Status::Unhealthy);
}

#[test]
fn what_is_left_is_all_that_is_not_done() {
    let history = History::new()
        .started(1, "a=1 b=1 c=1 d=1")
        .done(1, "a", StepOutcome::Done)
        .done(1, "b", StepOutcome::Failed)
        .done(1, "c", StepOutcome::Skipped);
    let left: Vec<_> = only(&history).left().map(|step| step.service.clone()).collect();
    assert_eq!(left, [service("b"), service("c"), service("d")]);
}

#[test]
fn an_operation_answers_from_its_intent_or_else_from_what_it_made() {
    let intent = only(&History::new().ci("7").started_with(1, "1.0", |started| {
        started.reason = Some("a sale".into());
        started.target = Some(op(9));
        started.trigger = Trigger::Comment;
        started.act = Act::HandedOver;
        started.commit = Some(Commit::new("b".repeat(40)).unwrap());
    }));
    assert_eq!((intent.reason(), intent.target()), (Some("a sale"), Some(op(9))));
    assert_eq!((intent.ci(), intent.trigger()), (Some(&ci("7")), Trigger::Comment));
    assert_eq!((intent.act(), intent.plan().len()), (Act::HandedOver, 1));
    assert_eq!(intent.commit().unwrap().as_str(), "b".repeat(40));
    assert_eq!(intent.versions(), None);
    let made = only(&History::new().ci("8").deployed_with(1, "1.0", |what| {
        what.reason = Some("a repair".into());
        what.target = Some(op(4));
    }));
    assert_eq!((made.reason(), made.target()), (Some("a repair"), Some(op(4))));
    assert_eq!((made.ci(), made.trigger()), (Some(&ci("8")), Trigger::Manual));
    assert_eq!((made.act(), made.plan().len()), (Act::HandedOver, 0));
    assert_eq!(made.commit().unwrap().as_str(), "a".repeat(40));
    assert_eq!(made.versions(), Some(&versions("1.0")));
    assert_eq!(only(&History::new().started(1, "1.0")).act(), Act::Driven);
}

#[test]
fn an_operation_becomes_what_it_made() {
    let what = only(&History::new().deployed(1, "1.0")).deployed.unwrap().what;
    let mut operation = Operation::new(op(1), 1, minute(0), "ann");
    operation.becomes(what, minute(3));
    assert_eq!(operation.versions(), Some(&versions("1.0")));
    assert_eq!(operation.deployed.unwrap().at, minute(3));
}
