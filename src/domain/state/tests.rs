//! The questions put to a ledger.

use super::super::event::{FinishOutcome, StepOutcome};
use super::super::history::{History, OURS, ci, minute, op, service, versions};
use super::*;

fn two() -> History {
    History::new().deployed(1, "1.0").stable(1).deployed(2, "2.0")
}

fn n(operation: Option<&Operation>) -> Option<u64> {
    operation.map(|operation| operation.n)
}

#[test]
fn the_current_deployment_is_the_one_made_last_whenever_it_was_begun() {
    let state = two().started(3, "3.0").deployed(4, "4.0").deployed(3, "3.0").state();
    assert_eq!(n(state.current()), Some(3));
    assert_eq!(state.versions(), versions("3.0"));
    let numbers: Vec<u64> = state.deployments().iter().map(|operation| operation.n).collect();
    assert_eq!(numbers, [3, 4, 2, 1]);
    assert_eq!(n(state.last_stable()), Some(1));
    assert_eq!(n(History::new().state().current()), None);
}

#[test]
fn open_operations_are_told_oldest_first() {
    let state = two().started(3, "3.0").started(4, "4.0").finished(4, FinishOutcome::Undone);
    let state = state.started(5, "5.0").state();
    let open: Vec<u64> = state.open().map(|operation| operation.n).collect();
    assert_eq!(open, [3, 5]);
    assert_eq!(state.next_number(), 6);
}

#[test]
fn a_version_is_quarantined_for_its_service_alone() {
    let state = two().fled(3, 2, "1.0", "2.0").state();
    let version = Version::named("2.0");
    assert_eq!(state.quarantined(&service("app"), &version).unwrap().n, 3);
    assert!(state.quarantined(&service("web"), &version).is_none());
    assert!(state.quarantined(&service("app"), &Version::named("2.1")).is_none());
}

#[test]
fn automatic_rollbacks_are_counted_up_to_exactly_the_time_and_once() {
    let history = two().at(10).fled(3, 2, "1.0", "2.0").at(20).started_with(4, "1.0", |started| {
        started.kind = Kind::Rollback;
    });
    let at = |history: &History, now, minutes| {
        let within = SignedDuration::from_mins(minutes);
        history.state().automatic_rollbacks(minute(now), within)
    };
    assert_eq!(at(&history, 30, 20), [minute(10)], "a person's rollback does not count");
    assert_eq!(at(&history, 30, 19), []);
    assert_eq!(at(&history, 5, 1), [minute(10)], "a clock that is ahead still counts");
    let archived = history.pruned(4, |pruned| pruned.limits = vec![minute(10), minute(12)]);
    assert_eq!(at(&archived, 30, 20), [minute(10), minute(12)]);
    let deploy = two().started_with(3, "3.0", |started| started.trigger = Trigger::Automatic);
    assert_eq!(at(&deploy, 5, 60), []);
}

#[test]
fn the_newest_operation_of_a_pipeline_is_found_by_provider_and_id() {
    let state =
        History::new().ci("7").deployed(1, "1.0").deployed(2, "2.0").ci("8").deployed(3, "3.0");
    let state = state.state();
    assert_eq!(n(state.of_ci(&ci("7"))), Some(2));
    assert_eq!(n(state.of_ci(&ci("9"))), None);
    let elsewhere = CiRun { provider: "elsewhere".into(), ..ci("7") };
    assert_eq!(n(state.of_ci(&elsewhere)), None);
}

#[test]
fn an_environment_is_retired_until_something_is_deployed_again() {
    let closed = two().pruned(2, |pruned| {
        pruned.through = 2;
        pruned.retired = true;
    });
    assert!(closed.state().is_retired());
    assert!(!closed.deployed(3, "3.0").state().is_retired());
    assert!(!two().state().is_retired());
}

#[test]
fn what_an_operation_may_have_touched_is_covered_by_what_was_set_after_it() {
    let begun = History::new().started(1, "a=1 b=1 c=1 d=1").done(1, "a", StepOutcome::Done);
    let begun = begun.done(1, "b", StepOutcome::Failed).done(1, "c", StepOutcome::Skipped);
    let uncovered = |history: &History| {
        let state = history.state();
        let services = state.uncovered(state.operation(op(1)).unwrap());
        services.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(uncovered(&begun), "a b");
    assert_eq!(uncovered(&begun.clone().strayed(1, "a")), "b");
    let taken = begun.clone().run(2).resumed(1).run(OURS);
    assert_eq!(uncovered(&taken), "a b d", "another's run can have died before its line");
    assert_eq!(uncovered(&begun.clone().deployed(2, "a=2")), "b");
    assert_eq!(uncovered(&taken.deployed(2, "d=2")), "a b");
    let late = History::new().started(1, "a=1").deployed(2, "a=2").done(1, "a", StepOutcome::Done);
    assert_eq!(uncovered(&late), "a", "its driver may have run last");
    assert_eq!(uncovered(&begun.clone().started(2, "a=2")), "a b", "an intent sets nothing");
    assert_eq!(uncovered(&begun.deployed(1, "a=1 b=1")), "a b", "its own end covers nothing");
    let empties = History::new().started_with(1, "a=1", |started| started.empties = true);
    let empties = empties.done(1, "a", StepOutcome::Failed).run(2).resumed(1);
    assert_eq!(uncovered(&empties), "", "what serves was not touched");
}

#[test]
fn what_a_service_may_run_is_what_the_newest_that_touched_it_meant_to_bring() {
    let suspected = |history: &History, name| {
        history.state().suspected(&service(name)).map(|version| version.version.clone())
    };
    let may_be = |version: &str| Some(version.to_owned());
    let failed = two().started(3, "app=3.0 web=3.1").done(3, "app", StepOutcome::Failed);
    let failed = failed.done(3, "web", StepOutcome::Done).finished(3, FinishOutcome::Failed);
    assert_eq!(suspected(&failed, "app"), may_be("3.0"));
    assert_eq!(suspected(&failed, "web"), None, "it is known what it runs");
    let newer = failed.started(4, "web=4.1 app=4.0").strayed(4, "web");
    assert_eq!(suspected(&newer, "web"), may_be("4.1"));
    assert_eq!(suspected(&newer, "app"), may_be("3.0"), "the newest never touched it");
    assert_eq!(suspected(&newer.strayed(4, "app"), "app"), may_be("4.0"));
    assert_eq!(suspected(&two().strayed(1, "app"), "app"), None, "a record has no plan");
}

#[test]
fn lock_scopes_have_an_order() {
    assert!(LockScope::All < LockScope::Rollback);
}
