//! When a request may be carried out, and when no more.

use proptest::prelude::*;

use super::super::event::{Body, Started, Trigger};
use super::super::fold::{Reading, fold};
use super::super::history::{History, minute, op, production, request};
use super::*;

/// One stable deployment, another after it, and `ann` who wants to go back.
fn asked() -> History {
    History::new().deployed(1, "1.0").stable(1).deployed(2, "2.0").requested(1, 2, 1)
}

fn standing(history: &History, at: i64) -> Standing {
    let state = history.state();
    state.requests[&request(1)].standing(&state, 0, minute(at))
}

/// The rollback that carries a request out.
fn carried_out(history: History, n: u64) -> History {
    let started = Started {
        trigger: Trigger::Comment,
        from: Some(op(2)),
        target: Some(op(1)),
        request: Some(request(1)),
        ..Started::new(Kind::Rollback, Vec::new())
    };
    history.event(n, Body::Started(started))
}

#[test]
fn an_approval_counts_once_a_person_and_never_by_who_asked() {
    let two =
        History::new()
            .deployed(1, "1.0")
            .deployed(2, "2.0")
            .requested_with(1, 2, 1, |what| what.approvals = 2);
    for (people, missing) in [
        (&[][..], 2),
        (&["ann"], 2),
        (&["ANN", " ann "], 2),
        (&["bob"], 1),
        (&["bob", "bob"], 1),
        (&["bob", "BOB", "Ann"], 1),
    ] {
        let history = people.iter().fold(two.clone(), |all, person| all.by(person).approved(1));
        assert_eq!(standing(&history, 10), Standing::Missing(missing), "{people:?}");
    }
    assert_eq!(standing(&two.by("bob").approved(1).by("eve").approved(1), 10), Standing::Due);
}

#[test]
fn it_stands_as_what_was_written_and_the_time_say() {
    let approved = asked().by("bob").approved(1);
    let later = |history: History| {
        history.requested_with(1, 2, 1, |what| {
            what.approvals = 0;
            what.not_before = Some(minute(100));
        })
    };
    let two = || History::new().deployed(1, "1.0").deployed(2, "2.0");
    for (history, at, expected) in [
        (asked(), 10, Standing::Missing(1)),
        (approved.clone(), 10, Standing::Due),
        (approved.clone(), 60 * 24 + 10, Standing::Expired),
        (approved.clone().withdrawn(1), 10, Standing::Withdrawn),
        (approved.clone().deployed(3, "3.0"), 10, Standing::Void),
        (carried_out(approved.clone(), 3), 10, Standing::CarriedOut),
        (carried_out(approved, 3).withdrawn(1).deployed(4, "4.0"), 9999, Standing::CarriedOut),
        (later(two()), 99, Standing::Waiting),
        (later(two()), 100, Standing::Due),
        (two().requested_with(1, 2, 1, |what| what.kind = Kind::Deploy), 9, Standing::Void),
    ] {
        assert_eq!(standing(&history, at), expected, "{:?}", history.lines());
    }
}

#[test]
fn a_team_can_demand_more_than_was_asked_for() {
    let state = asked().by("bob").approved(1).state();
    let request = &state.requests[&request(1)];
    assert_eq!(request.standing(&state, 2, minute(9)), Standing::Missing(1));
    assert_eq!(request.standing(&state, 1, minute(9)), Standing::Due);
}

#[test]
fn it_is_carried_out_by_the_first_that_names_it() {
    let twice = carried_out(carried_out(asked(), 3).twin(), 4);
    assert_eq!(twice.state().requests[&request(1)].carried_out, Some(op(3)));
}

#[test]
fn an_approval_of_nothing_is_an_orphan() {
    let state = History::new().deployed(1, "1.0").approved(7).state();
    assert!(state.requests.is_empty());
    assert_eq!(state.orphans.len(), 1);
}

#[test]
fn a_request_outlives_an_archiving_while_it_can_be_carried_out() {
    let pruned = |kept: Vec<OperationId>| {
        asked().by("bob").approved(1).pruned(2, |pruned| {
            pruned.through = 2;
            pruned.kept = [vec![op(2)], kept].concat();
        })
    };
    let state = pruned(vec![request(1)]).state();
    assert_eq!(state.requests[&request(1)].approved_by, ["bob"]);
    let moved = pruned(Vec::new());
    assert!(moved.state().requests.is_empty());
    assert_eq!(moved.read(Reading::Whole).requests.len(), 1);
    assert!(moved.by("eve").approved(1).state().requests.is_empty());
}

#[test]
fn a_line_with_more_in_it_than_is_known_here_is_read_all_the_same() {
    let more = |line: &String| line.replace(r#""approvals":1"#, r#""approvals":1,"ballot":[1]"#);
    let lines: Vec<String> = asked().lines().iter().map(more).collect();
    let state = fold(&production(), lines.iter().map(String::as_str), Reading::Live);
    assert_eq!((state.requests.len(), state.foreign.len()), (1, 0));
}

proptest! {
    #[test]
    fn neither_the_order_of_lines_nor_their_copies_approve_anything(
        people in proptest::collection::vec(0usize..4, 0..8),
        seed in 0u64..500,
    ) {
        let names = ["ann", "Bob", "bob", "eve"];
        let history = people.iter().fold(asked(), |all, one| all.by(names[*one]).approved(1));
        let others: std::collections::BTreeSet<usize> =
            people.iter().filter(|one| **one > 0).map(|one| (*one).max(2)).collect();
        let mut lines = history.lines();
        lines.extend(lines.clone());
        fastrand::Rng::with_seed(seed).shuffle(&mut lines);
        let state = fold(&production(), lines.iter().map(String::as_str), Reading::Live);
        prop_assert_eq!(&state, &history.state());
        prop_assert_eq!(state.requests[&request(1)].approved_by.len(), others.len());
    }
}
