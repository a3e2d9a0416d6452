//! A check that settles passes by passes in a row.

use super::*;

#[test]
fn settling_ends_with_three_passes_in_a_row_two_seconds_apart() {
    let (moments, _, verdict) = obey(&check(Phase::Settle, |_| ()), decide(600), &[P]);
    assert_eq!((moments, verdict.outcome), (vec![0, 2, 4], P));
    assert_eq!(settle(&[F, F, P, F, P, P, P]), (P, 12, "200".into()));
}

#[test]
fn a_fail_while_settling_is_not_there_yet_and_a_fail_at_the_deadline() {
    assert_eq!(settle(&[F]), (F, 120, "not healthy within `2m`: 500".into()));
    let (moments, _, verdict) = obey(&check(Phase::Settle, |_| ()), decide(600), &[F]);
    assert_eq!((moments.len(), verdict.tally.fails), (60, 60));
}

#[test]
fn one_answer_between_two_crashes_is_not_health() {
    let flapping: Vec<_> = [P, P, F].into_iter().cycle().take(99).collect();
    assert_eq!(settle(&flapping).0, F);
}

#[test]
fn an_unclear_look_while_settling_is_inconclusive_at_the_deadline() {
    assert_eq!(settle(&[I]), (I, 120, "not healthy within `2m`: no data".into()));
    assert_eq!(settle(&[F, I]).0, I);
    assert_eq!(settle(&[I, F]).0, F);
    assert_eq!(settle(&[I, I, P, P, P]).0, P);
}

#[test]
fn only_errors_is_an_error() {
    assert_eq!(settle(&[E]), (E, 40, "5 errors in a row: no instrument".into()));
    let short = check(Phase::Settle, |limits| limits.deadline = secs(15));
    let (moments, end, verdict) = obey(&short, decide(600), &[E]);
    assert_eq!((moments, end, verdict.outcome), (vec![0, 10], secs(15), E));
}

#[test]
fn an_error_breaks_a_row_of_passes() {
    let two = check(Phase::Settle, |limits| limits.success_streak = Some(2));
    let (moments, _, verdict) = obey(&two, decide(600), &[P, E, P, P]);
    assert_eq!((moments, verdict.outcome), (vec![0, 2, 12, 14], P));
}

#[test]
fn passes_that_were_too_few_in_the_time_are_inconclusive() {
    let (_, end, verdict) = obey(&check(Phase::Settle, |_| ()), decide(3), &[P]);
    assert_eq!((end, verdict.outcome), (secs(3), I));
    assert_eq!(verdict.message, "not healthy within `3s`: 200");
}

#[test]
fn passes_that_came_too_late_after_a_fail_are_no_health() {
    assert_eq!(obey(&check(Phase::Settle, |_| ()), decide(5), &[F, P]).2.outcome, F);
}
