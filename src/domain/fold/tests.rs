//! What lines mean, whatever their order and wherever they lie.

use proptest::prelude::*;

use super::super::event::{Deployed, FinishOutcome, Judge, Quarantine, StepOutcome};
use super::super::history::{History, OURS, minute, op, production, service, versions};
use super::super::slots::Slot;
use super::super::verdict::Verdict;
use super::*;

fn two() -> History {
    History::new().deployed(1, "1.0").stable(1).deployed(2, "2.0")
}

fn unknown(state: &State) -> Vec<String> {
    state.unknown.keys().map(ToString::to_string).collect()
}

fn held(state: &State) -> Vec<(String, u64)> {
    state.quarantine.iter().map(|entry| (entry.version.version.clone(), entry.n)).collect()
}

fn stability(history: &History, n: u64) -> Stability {
    history.state().operation(op(n)).unwrap().stability.clone()
}

/// Every kind of line, so that no order of them may matter.
fn everything() -> History {
    two()
        .locked(2, LockScope::All, None)
        .started(3, "3.0 web=3.0")
        .done(3, "app", StepOutcome::Done)
        .run(2)
        .resumed(3)
        .run(OURS)
        .done(3, "web", StepOutcome::Done)
        .strayed(3, "web")
        .run(2)
        .deployed_with(3, "3.0", |_| ())
        .finished(3, FinishOutcome::Partial)
        .verified(3, Verdict::Unhealthy)
        .fled(4, 3, "1.0", "3.0")
        .point(1, "before-sale")
        .bad(2)
        .unlocked(4, LockScope::All)
        .requested(1, 4, 1)
        .by("bob")
        .approved(1)
        .requested(2, 4, 1)
        .withdrawn(2)
        .pruned(4, |pruned| pruned.through = 1)
}

proptest! {
    #[test]
    fn the_order_of_lines_and_their_copies_mean_nothing(seed in 0u64..2000) {
        let mut lines = everything().lines();
        let whole = everything();
        lines.extend(lines.clone());
        fastrand::Rng::with_seed(seed).shuffle(&mut lines);
        for reading in [Reading::Live, Reading::Whole] {
            let shuffled = fold(&production(), lines.iter().map(String::as_str), reading);
            prop_assert_eq!(shuffled, whole.read(reading));
        }
    }
}

#[test]
fn of_one_event_the_line_with_the_greatest_id_counts() {
    let mut history = two();
    let mut late = history.events[2].clone();
    late.n = 9;
    late.id = LineId(ulid::Ulid::from_parts(0, 1));
    let mut again = history.events[2].clone();
    again.n = 3;
    again.id = LineId::after(Some(again.id), minute(0), 0);
    history.events.extend([late.clone(), again, late]);
    let state = history.state();
    assert_eq!(state.operation(op(2)).unwrap().n, 3);
    assert_eq!(state.operations.len(), 2);
}

#[test]
fn of_two_lines_that_a_hand_gave_one_id_the_same_counts_wherever_they_lie() {
    let history = two();
    let mut forged = history.events[2].clone();
    forged.actor = "mallory".to_owned();
    let texts: Vec<String> = history.events.iter().chain([&forged]).map(line::write).collect();
    let folded = |lines: Vec<&String>| {
        fold(&production(), lines.into_iter().map(String::as_str), Reading::Live)
    };
    assert_eq!(folded(texts.iter().collect()), folded(texts.iter().rev().collect()));
}

#[test]
fn two_operations_that_bear_one_number_are_both_kept() {
    let state = two().twin().deployed(2, "2.1").state();
    assert_eq!(state.numbered(2).len(), 2);
    assert_eq!((state.ambiguous(), state.next_number()), (Some(2), 3));
    assert_eq!(two().state().ambiguous(), None);
    let settled = two().twin().deployed(2, "2.1").deployed(3, "3.0").state();
    assert_eq!(settled.ambiguous(), None);
}

#[test]
fn only_the_owner_of_an_operation_is_heeded() {
    let begun = two().started(3, "3.0");
    let foreign = begun.clone().run(2).done(3, "app", StepOutcome::Done);
    let state = foreign.state();
    assert!(state.operation(op(3)).unwrap().done.is_empty());
    assert_eq!(state.disowned.len(), 1);
    for body in [
        begun.clone().run(2).finished(3, FinishOutcome::Completed),
        begun.clone().run(2).deployed(3, "3.0"),
    ] {
        let state = body.state();
        assert!(state.operation(op(3)).unwrap().is_open());
        assert_eq!(state.versions(), versions("2.0"));
    }
    let intent = begun.events[3].id;
    let taken = begun.run(2).resumed(3).done(3, "app", StepOutcome::Done).state();
    assert_eq!(taken.operation(op(3)).unwrap().done.len(), 1);
    let operation = taken.operation(op(3)).unwrap();
    assert_ne!(operation.opener, operation.owner);
    assert_eq!(operation.opened, intent);
}

#[test]
fn an_operation_is_opened_made_and_ended_once() {
    let history = two()
        .started(3, "3.0")
        .started(3, "9.0")
        .deployed(3, "3.0")
        .deployed(3, "9.0")
        .finished(3, FinishOutcome::Partial)
        .finished(3, FinishOutcome::Completed);
    let state = history.state();
    let operation = state.operation(op(3)).unwrap();
    assert_eq!(operation.plan()[0].to.version, "3.0");
    assert_eq!(operation.versions().unwrap(), &versions("3.0"));
    assert_eq!(operation.finished.as_ref().unwrap().outcome, FinishOutcome::Partial);
    assert_eq!(state.operations.len(), 3);
}

#[test]
fn what_was_seen_before_it_served_says_nothing_of_how_it_serves() {
    let looked = two().started(3, "3.0").verified(3, Verdict::Healthy);
    let verdict = |history: &History| {
        let state = history.state();
        state.operation(op(3)).unwrap().verified.as_ref().map(|(seen, _)| seen.verdict)
    };
    assert_eq!(verdict(&looked), Some(Verdict::Healthy));
    let served = looked.deployed(3, "3.0").finished(3, FinishOutcome::Completed);
    assert_eq!(verdict(&served), None);
    assert_eq!(verdict(&served.verified(3, Verdict::Unhealthy)), Some(Verdict::Unhealthy));
}

#[test]
fn what_never_ran_is_not_stable() {
    let kept = two().started(3, "3.0").verified(3, Verdict::Healthy).stable(3);
    assert_eq!(stability(&kept, 3), Stability::Unproven);
    let served = kept.deployed(3, "3.0").stable(3);
    assert!(matches!(stability(&served, 3), Stability::Stable { .. }));
}

#[test]
fn a_line_of_nothing_opened_is_an_orphan() {
    let state = two().verified(9, Verdict::Healthy).strayed(8, "app").state();
    assert_eq!(state.orphans.len(), 2);
    assert_eq!(unknown(&state), ["app"], "what strayed is unknown all the same");
}

#[test]
fn being_fled_from_ends_stability_and_holds_the_version() {
    let history = two().stable(2).fled(3, 2, "1.0", "2.0");
    assert_eq!(stability(&history, 2), Stability::Ended(Ended::Fled));
    assert_eq!(held(&history.state()), [("2.0".to_owned(), 3)]);
    let later = history.demoted(2);
    assert_eq!(stability(&later, 2), Stability::Ended(Ended::Fled), "a look softens nothing");
    assert_eq!(stability(&later.bad(2), 2), Stability::Ended(Ended::MarkedBad));
}

#[test]
fn only_a_rollback_flees() {
    let history = two().stable(2).started_with(3, "3.0", |started| started.from = Some(op(2)));
    let history = history.deployed_with(3, "3.0", |what| what.quarantined = versions("2.0"));
    assert!(matches!(stability(&history, 2), Stability::Stable { .. }));
    assert_eq!(held(&history.state()), []);
}

#[test]
fn the_gate_demotes_and_restores_and_a_person_says_good_and_bad() {
    assert_eq!(stability(&two().demoted(1), 1), Stability::Ended(Ended::Demoted));
    assert!(matches!(stability(&two().demoted(1).stable(1), 1), Stability::Stable { .. }));
    let bad = two().bad(2);
    assert_eq!(stability(&bad, 2), Stability::Ended(Ended::MarkedBad));
    assert_eq!(held(&bad.state()), [("2.0".to_owned(), 2)]);
    let good = bad.good(2);
    assert_eq!(held(&good.state()), []);
    let since = Stability::Stable { by: Judge::Person, since: minute(4) };
    assert_eq!(stability(&good, 2), since);
    assert_eq!(held(&two().demoted(1).state()), [], "the gate quarantines nothing by a look");
    assert_eq!(held(&two().bad(2).stable(2).state()).len(), 1, "nor does it lift");
}

#[test]
fn a_cancel_lifts_what_its_rollback_held() {
    let fled = two().fled(3, 2, "1.0", "2.0").bad(1);
    assert_eq!(held(&fled.state()).len(), 2);
    let state = fled.cancelled(3, 3).state();
    assert_eq!(held(&state), [("1.0".to_owned(), 1)]);
    assert!(state.operation(op(3)).unwrap().cancelled);
    assert!(!state.operation(op(2)).unwrap().cancelled);
}

#[test]
fn what_is_unknown_is_known_again_when_a_deployment_covers_it() {
    let strayed = two().strayed(1, "app").strayed(1, "web");
    assert_eq!(unknown(&strayed.state()), ["app", "web"]);
    assert_eq!(strayed.state().operation(op(1)).unwrap().strayed.len(), 2);
    assert_eq!(unknown(&strayed.deployed(3, "3.0").state()), ["web"]);
    let failed = two().deployed_with(3, "", |what| what.unknown = vec![service("app")]);
    assert_eq!(unknown(&failed.state()), ["app"]);
}

#[test]
fn a_cleanup_that_strays_makes_nothing_unknown_unless_its_slot_serves() {
    let slot = |name| Some(Slot::new(name).unwrap());
    let serves = |what: &mut Deployed, name| what.live = slot(name);
    let emptying = |history: History| {
        history.started_with(3, "1.0", |started| {
            (started.kind, started.slot, started.empties) = (Kind::Switch, slot("blue"), true);
        })
    };
    let begun = emptying(History::new().deployed_with(2, "2.0", |what| serves(what, "green")));
    assert_eq!(unknown(&begun.clone().strayed(3, "app").state()), [""; 0]);
    let served = begun.clone().deployed_with(4, "4.0", |what| serves(what, "blue"));
    assert_eq!(unknown(&served.clone().strayed(3, "app").state()), ["app"]);
    let back = served.deployed_with(5, "2.0", |what| serves(what, "green"));
    assert_eq!(unknown(&back.strayed(3, "app").state()), [""; 0]);
    let never = emptying(two()).strayed(3, "app").state();
    assert_eq!(unknown(&never), [""; 0], "what was never switched serves elsewhere");
    assert_eq!(never.operation(op(3)).unwrap().strayed.len(), 1);
}

#[test]
fn an_end_tells_what_was_put_back_and_what_was_not() {
    let undone = two()
        .strayed(1, "web")
        .started(3, "3.0 web=3.0 db=3.0")
        .done(3, "web", StepOutcome::Skipped)
        .done(3, "app", StepOutcome::Failed)
        .done(3, "db", StepOutcome::Done);
    assert_eq!(unknown(&undone.state()), ["web"]);
    let ended = undone.finished(3, FinishOutcome::Failed);
    assert_eq!(unknown(&ended.state()), ["app"]);
    let foreign = two().started(3, "3.0").done(3, "app", StepOutcome::Failed);
    let foreign = foreign.run(2).finished(3, FinishOutcome::Failed);
    assert_eq!(unknown(&foreign.state()), [""; 0]);
    let twice = two().started(3, "3.0").finished(3, FinishOutcome::Undone);
    let twice = twice.done(3, "app", StepOutcome::Failed).finished(3, FinishOutcome::Failed);
    assert_eq!(unknown(&twice.state()), [""; 0], "an operation ends once");
}

#[test]
fn what_was_done_before_a_service_strayed_settles_nothing() {
    let begun = two().started(3, "3.0").done(3, "app", StepOutcome::Done).strayed(1, "app");
    assert_eq!(unknown(&begun.clone().deployed(3, "3.0").state()), ["app"]);
    let again = begun.clone().done(3, "app", StepOutcome::Done).deployed(3, "3.0");
    assert_eq!(unknown(&again.state()), [""; 0]);
    let back = two().started(3, "3.0").done(3, "app", StepOutcome::Skipped).strayed(1, "app");
    assert_eq!(unknown(&back.clone().finished(3, FinishOutcome::Undone).state()), ["app"]);
    assert_eq!(unknown(&begun.deployed(4, "4.0").state()), [""; 0], "who records knows");
}

#[test]
fn locks_are_held_by_scope() {
    let locked = two().locked(2, LockScope::All, None).locked(2, LockScope::Rollback, Some(9));
    let state = locked.state();
    assert_eq!(state.locks.len(), 2);
    let lock = state.lock(LockScope::All, minute(99)).unwrap();
    assert_eq!((lock.by.as_str(), lock.reason.as_deref()), ("ann", Some("a sale")));
    assert!(state.lock(LockScope::Rollback, minute(8)).is_some());
    assert!(state.lock(LockScope::Rollback, minute(9)).is_none());
    let open = locked.unlocked(2, LockScope::All).state();
    assert_eq!(open.locks.len(), 1);
}

#[test]
fn lines_that_moved_are_without_effect_but_for_those_that_are_kept() {
    let moved = two().stable(2).deployed(3, "3.0");
    let live = moved.clone().pruned(3, |pruned| {
        pruned.through = 2;
        pruned.kept = vec![op(1)];
    });
    let numbers: Vec<u64> = live.state().operations.iter().map(|operation| operation.n).collect();
    assert_eq!(numbers, [1, 3]);
    assert_eq!(live.state().ineffective.len(), 2);
    assert_eq!(live.read(Reading::Whole).operations.len(), 3);
    assert_eq!(moved.state().ineffective.len(), 0);
}

#[test]
fn quarantine_and_what_is_unknown_are_taken_from_the_newest_pruned_on() {
    let entry = Quarantine {
        service: service("app"),
        version: super::super::version::Version::named("0.9"),
        by: op(1),
        n: 1,
    };
    let first = two().bad(2).strayed(2, "db").pruned(2, |_| ());
    let history = first.bad(2).strayed(2, "app").pruned(2, |pruned| {
        pruned.quarantined = vec![entry];
        pruned.unknown = [(service("web"), LineId(ulid::Ulid::nil()))].into();
    });
    let state = history.state();
    assert_eq!((held(&state), unknown(&state)), (vec![("0.9".to_owned(), 1)], vec!["web".into()]));
    let whole = history.read(Reading::Whole);
    assert_eq!(
        (held(&whole), unknown(&whole)),
        (vec![("2.0".to_owned(), 2)], vec!["app".into(), "db".into()])
    );
    let later = history.bad(2).strayed(2, "app").state();
    assert_eq!((held(&later).len(), unknown(&later)), (2, vec!["app".into(), "web".into()]));
}

#[test]
fn what_is_about_no_operation_counts_when_it_is_newer_than_what_moved() {
    let closed = two().locked(2, LockScope::All, None).pruned(2, |pruned| pruned.through = 2);
    assert_eq!(closed.state().locks.len(), 0);
    assert_eq!(closed.clone().locked(2, LockScope::Rollback, None).state().locks.len(), 1);
    assert_eq!(unknown(&closed.clone().strayed(1, "app").state()), ["app"]);
    assert_eq!(closed.verified(2, Verdict::Healthy).state().ineffective.len(), 5);
}

#[test]
fn the_greatest_number_ever_given_is_never_forgotten() {
    assert_eq!(two().state().next_number(), 3);
    assert_eq!(two().pruned(2, |pruned| pruned.top = 40).state().next_number(), 41);
    let hostile = two().pruned(2, |pruned| pruned.top = u64::MAX).state();
    assert_eq!(hostile.top, line::GREATEST_NUMBER);
    let empty = History::new().state();
    assert_eq!((empty.next_number(), empty.newest), (1, None));
}

#[test]
fn the_last_word_on_an_operation_is_the_later_of_clock_and_id() {
    let state = two().started(3, "3.0").at(40).resumed(3).state();
    assert_eq!(state.operation(op(3)).unwrap().last_at, minute(40));
    let mut slow = two().started(3, "3.0").at(40).resumed(3);
    slow.events.last_mut().unwrap().at = minute(1);
    assert_eq!(slow.state().operation(op(3)).unwrap().last_at, minute(40));
    let mut fast = two().started(3, "3.0").at(40).resumed(3);
    fast.events.last_mut().unwrap().at = minute(90);
    assert_eq!(fast.state().operation(op(3)).unwrap().last_at, minute(90));
    let mut opened = two().at(40).started(3, "3.0");
    assert_eq!(opened.state().operation(op(3)).unwrap().last_at, minute(40));
    opened.events.last_mut().unwrap().at = minute(1);
    assert_eq!(opened.state().operation(op(3)).unwrap().last_at, minute(40), "by its id");
}

#[test]
fn what_is_no_event_is_named_once_and_counts_for_nothing() {
    let mut lines = two().lines();
    lines.extend(["hello".to_owned(), "hello".to_owned(), "{}".to_owned()]);
    let state = fold(&production(), lines.iter().map(String::as_str), Reading::Live);
    assert_eq!(state.foreign.len(), 2);
    assert_eq!(state.operations.len(), 2);
    assert_eq!(state.known.len(), 3);
}
