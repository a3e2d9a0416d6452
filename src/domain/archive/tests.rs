//! What moves, what stays, and what is said in its place.

use super::super::event::{Event, StepOutcome};
use super::super::history::{History, minute, op, production, service};
use super::*;

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn six() -> History {
    (1..=6).fold(History::new(), |history, n| history.deployed(n, &format!("{n}.0")))
}

fn planned(history: &History, extent: Extent) -> Option<Archival> {
    let tags = TagNames::new("", &production());
    plan(&history.state(), extent, DAY, &tags, minute(60))
}

fn pruned(history: &History, keep: usize) -> Pruned {
    planned(history, Extent::Keep(keep)).unwrap().pruned
}

#[test]
fn a_tenth_of_slack_and_at_least_one() {
    assert_eq!([1, 9, 10, 19, 20, 500].map(slack), [1, 1, 1, 1, 2, 50]);
}

#[test]
fn the_newest_deployments_stay_and_the_rest_moves() {
    assert_eq!(pruned(&six(), 4).through, 2);
    assert_eq!(pruned(&six(), 5).through, 1);
    assert_eq!(planned(&six(), Extent::Keep(6)), None);
    assert_eq!(pruned(&six(), 0).through, 5, "the current one stays always");
    assert_eq!(pruned(&six(), 4).top, 6);
    assert!(!pruned(&six(), 4).retired);
}

#[test]
fn what_never_became_a_deployment_is_not_counted() {
    let history = six().started(7, "7.0").started(8, "8.0");
    assert_eq!(pruned(&history, 4).through, 2);
}

#[test]
fn what_still_holds_stays_whatever_its_number() {
    let history = six().stable(1).stable(2).stable(3).started_with(7, "7.0", |_| ());
    assert_eq!(pruned(&history, 1).kept, [op(3)]);
    let opened = History::new().started(1, "0.9").deployed(2, "2.0").deployed(3, "3.0");
    assert_eq!(pruned(&opened.deployed(4, "4.0"), 1).kept, [op(1)]);
    let late = six().deployed_with(7, "7.0", |_| ()).stable(1);
    assert_eq!(pruned(&late, 2).kept, [op(1)]);
}

#[test]
fn the_last_stable_one_stays_and_the_one_to_go_back_to() {
    let history = six().stable(2).stable(6);
    assert_eq!(pruned(&history, 1).kept, [op(2)], "the target differs from what runs");
}

#[test]
fn a_lock_that_holds_stays_and_one_that_ended_moves() {
    let lock = |until| six().twin().locked(6, LockScope::All, until);
    assert_eq!(pruned(&lock(None), 1).kept.len(), 1);
    assert_eq!(pruned(&lock(Some(60)), 1).kept.len(), 0);
    let closed = planned(&lock(None), Extent::Retire).unwrap().pruned;
    assert_eq!(closed.kept.len(), 1);
}

#[test]
fn what_must_still_be_known_is_said() {
    let history = six().fled(7, 6, "5.0", "6.0").strayed(7, "web").deployed(8, "8.0");
    let said = pruned(&history, 1);
    assert_eq!(said.quarantined[0].n, 7);
    assert_eq!(said.unknown.keys().collect::<Vec<_>>(), [&service("web")]);
    assert_eq!(said.limits, [minute(6)]);
    let tags = TagNames::new("", &production());
    let window = SignedDuration::from_mins(53);
    let short = plan(&history.state(), Extent::Keep(1), window, &tags, minute(60)).unwrap();
    assert_eq!(short.pruned.limits, []);
}

#[test]
fn retiring_moves_everything_once() {
    let closed = planned(&six(), Extent::Retire).unwrap().pruned;
    assert_eq!((closed.through, closed.retired, closed.kept.len()), (6, true, 0));
    let again = History::new().pruned(6, |pruned| {
        pruned.through = 6;
        pruned.retired = true;
    });
    assert_eq!(planned(&again, Extent::Retire), None);
    assert!(planned(&again.clone().deployed(7, "7.0"), Extent::Retire).is_some());
    let late = again.locked(7, LockScope::All, Some(8));
    assert!(planned(&late, Extent::Retire).is_some(), "a line of no operation is left");
    let kept = History::new().pruned(6, |pruned| pruned.through = 6);
    assert!(planned(&kept, Extent::Retire).is_some(), "it was pruned, and not yet retired");
    let locked = six().pruned(6, |pruned| {
        pruned.through = 6;
        pruned.kept = vec![op(6)];
        pruned.retired = true;
    });
    assert!(planned(&locked, Extent::Retire).is_some());
}

#[test]
fn what_comes_back_moves_again_although_nothing_else_does() {
    let tidy = History::new().deployed(5, "5.0").deployed(6, "6.0").pruned(6, |pruned| {
        pruned.through = 4;
    });
    assert_eq!(planned(&tidy, Extent::Keep(2)), None);
    let back = tidy.deployed(3, "3.0");
    assert_eq!(pruned(&back, 2).through, 4, "it never goes back");
}

#[test]
fn exactly_the_lines_of_what_moves_are_taken_away() {
    let history =
        six().stable(2).pruned(6, |_| ()).started(7, "7.0").done(7, "app", StepOutcome::Done);
    let archival = planned(&history, Extent::Keep(2)).unwrap();
    let moved: Vec<(u64, &str)> = history
        .events
        .iter()
        .zip(history.lines())
        .filter(|(_, text)| archival.moves(text))
        .map(|(event, _)| (event.n, word(event)))
        .collect();
    let deployed = |n| (n, "deployed");
    assert_eq!(moved, [deployed(1), deployed(3), deployed(4), (6, "pruned")]);
    assert!(!archival.moves("hello"));
    let later = History::new().at(90).pruned(6, |_| ());
    assert!(!archival.moves(&later.lines()[0]), "a newer one says what holds now");
}

fn word(event: &Event) -> &'static str {
    match event.body {
        Body::Deployed(_) => "deployed",
        Body::Pruned(_) => "pruned",
        _ => "other",
    }
}

#[test]
fn what_stays_may_have_newer_stable_ones_above_it_in_the_archive() {
    let history = six().stable(2).stable(4).stable(6);
    let pruned = pruned(&history, 1);
    assert_eq!(pruned.stable, Some(op(6)), "it is the newest that was stable then");
    assert_eq!(pruned.kept, [op(4)]);
    let mut state = history.state();
    assert!(state.knows_last_stable());
    state.pruned = Some(pruned);
    assert!(state.knows_last_stable());
    // The newest is fled from, and what is left of the older ones need not be the newest of them.
    let [fourth, sixth] = [4, 6].map(|n| state.operation(op(n)).unwrap().clone());
    assert!(state.hides_no_stable_above(&sixth));
    assert!(!state.hides_no_stable_above(&fourth));
    state.operations.retain(|operation| operation.id != op(6));
    assert!(!state.knows_last_stable());
}
