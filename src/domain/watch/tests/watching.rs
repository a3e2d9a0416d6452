//! A check that watches counts its measurements, or keeps looking.

use super::*;

#[test]
fn watching_passes_after_count_measurements() {
    let (moments, _, verdict) = obey(&watch(3, |_| ()), decide(600), &[P]);
    assert_eq!((moments, verdict.outcome), (vec![0, 10, 20], P));
    assert_eq!(verdict.message, "3 of 3 passed: 200");
}

#[test]
fn watching_fails_when_more_fail_than_is_tolerated() {
    let one = watch(3, |limits| limits.failure_limit = Some(1));
    assert_eq!(obey(&one, decide(600), &[F, P, P]).2.outcome, P);
    let verdict = obey(&one, decide(600), &[F, P, F]).2;
    assert_eq!((verdict.outcome, verdict.message.as_str()), (F, "2 failed, 1 tolerated: 500"));
}

#[test]
fn watching_fails_when_too_many_fail_in_a_row() {
    let row = watch(9, |limits| {
        limits.failure_limit = Some(8);
        limits.failure_streak = Some(2);
    });
    assert_eq!(obey(&row, decide(600), &[F, P, F, P]).2.outcome, P);
    let (moments, _, verdict) = obey(&row, decide(600), &[F, P, F, E, F, P]);
    assert_eq!((moments.len(), verdict.outcome), (5, F), "an error is no answer between two fails");
    assert_eq!(verdict.message, "2 failed in a row: 500");
    assert_eq!(obey(&row, decide(600), &[F, I]).2.outcome, I);
}

#[test]
fn errors_do_not_consume_count_and_are_retried_by_themselves() {
    let (moments, _, verdict) = obey(
        &watch(2, |limits| {
            limits.failure_limit = Some(1);
            limits.interval = secs(60);
        }),
        decide(600),
        &[E, E, E, E, F, E, E, E, E, P],
    );
    assert_eq!(moments, [0, 10, 20, 30, 40, 100, 110, 120, 130, 140]);
    assert_eq!((verdict.outcome, verdict.tally.errors), (P, 8));
    assert_eq!(obey(&watch(2, |_| ()), decide(600), &[E]).2.outcome, E);
}

#[test]
fn limits_that_tolerate_everything_seen_are_no_pass() {
    let lax = watch(3, |limits| {
        limits.failure_limit = Some(2);
        limits.inconclusive_limit = 2;
    });
    assert_eq!(obey(&lax, decide(600), &[F, I, I]).2.outcome, I);
    assert_eq!(obey(&lax, decide(600), &[F, I, P]).2.outcome, P);
}

#[test]
fn out_of_time_before_enough_measurements_is_inconclusive_never_pass() {
    let (moments, end, verdict) = obey(&watch(5, |_| ()), decide(25), &[P]);
    assert_eq!((moments, end, verdict.outcome), (vec![0, 10, 20], secs(25), I));
    assert_eq!(verdict.message, "out of time after 3 of 5 measurements: 200");
    assert_eq!(obey(&watch(5, |_| ()), decide(25), &[E]).2.outcome, E);
    let endless = check(Phase::Watch, |_| ());
    let verdict = obey(&endless, decide(25), &[P]).2;
    assert_eq!(verdict.message, "out of time after 3 measurements: 200");
    assert_eq!(verdict.outcome, I);
}

#[test]
fn a_watch_that_asks_for_a_row_ends_when_it_stands() {
    let row = |limit| {
        watch(6, move |limits| {
            (limits.success_streak, limits.failure_limit) = (Some(3), limit);
        })
    };
    let (moments, _, verdict) = obey(&row(Some(0)), decide(600), &[P]);
    assert_eq!((moments, verdict.message.as_str()), (vec![0, 10, 20], "3 passed in a row: 200"));
    let (moments, _, verdict) = obey(&row(Some(2)), decide(600), &[P, P, F, P, P, P]);
    assert_eq!((moments.len(), verdict.outcome), (6, P));
    let verdict = obey(&row(Some(2)), decide(600), &[P, P, F, P, P, F]).2;
    let message = "4 of 6 passed, and not 3 in a row: 500";
    assert_eq!((verdict.outcome, verdict.message.as_str()), (I, message), "tolerated one by one");
    assert_eq!(obey(&row(Some(2)), decide(600), &[F, F, F, P, P, P]).2.outcome, F);
    assert_eq!(obey(&row(Some(2)), decide(600), &[P, P, E, P, P, P]).2.outcome, P);
}

#[test]
fn a_watch_that_tolerates_any_fail_fails_without_its_row() {
    let row = watch(5, |limits| {
        (limits.success_streak, limits.failure_limit) = (Some(3), None);
        limits.inconclusive_limit = 4;
    });
    assert_eq!(obey(&row, decide(600), &[F, F, P, P, P]).2.outcome, P);
    assert_eq!(obey(&row, decide(600), &[F, P, P, F, P]).2.outcome, F);
    assert_eq!(obey(&row, decide(600), &[P, P, I, P, I]).2.outcome, I, "nothing ever failed");
    assert_eq!(obey(&row, decide(15), &[F]).2.outcome, I, "out of time before enough");
    let streak = watch(5, |limits| {
        (limits.failure_streak, limits.failure_limit) = (Some(2), None);
    });
    assert_eq!(obey(&streak, decide(600), &[F, P, F, P, F]).2.outcome, P);
    assert_eq!(obey(&streak, decide(600), &[P, F, F]).2.outcome, F);
}

#[test]
fn a_row_does_not_end_a_watch_that_keeps_looking_and_must_stand_at_its_end() {
    let row = watch(3, |limits| {
        (limits.success_streak, limits.failure_limit) = (Some(2), Some(1));
    });
    let (moments, _, verdict) = obey(&row, keep(45), &[P, P, P, F, P]);
    assert_eq!((moments.len(), verdict.outcome), (5, I));
    assert_eq!(obey(&row, keep(55), &[P, P, P, F, P]).2.outcome, P);
}

fn keep(end: u64) -> Window {
    Window { aim: Aim::Keep, ..decide(end) }
}

#[test]
fn a_check_that_keeps_looking_passes_when_the_time_is_over() {
    let settle = check(Phase::Settle, |_| ());
    let (moments, end, verdict) = obey(&settle, keep(60), &[P]);
    assert_eq!(moments, [0, 2, 4, 14, 24, 34, 44, 54]);
    assert_eq!((end, verdict.outcome), (secs(60), P));
    let (moments, _, verdict) = obey(&watch(2, |_| ()), keep(35), &[P]);
    assert_eq!((moments, verdict.outcome), (vec![0, 10, 20, 30], P));
    assert_eq!(verdict.message, "4 of 4 passed: 200");
    assert_eq!(obey(&watch(2, |_| ()), keep(35), &[E]).2.outcome, E);
}

#[test]
fn a_check_that_keeps_looking_gives_a_sick_service_its_deadline_again() {
    let settle = check(Phase::Settle, |_| ());
    let blip = [P, P, P, F, P, P, P];
    assert_eq!(obey(&settle, keep(60), &blip).2.outcome, P);
    let (_, end, verdict) = obey(&settle, keep(900), &[P, P, P, F]);
    assert_eq!((end, verdict.outcome), (secs(14 + 120), F));
    assert_eq!(verdict.message, "not healthy again within `2m`: 500");
    let (_, end, verdict) = obey(&settle, keep(60), &[P, P, P, F]);
    assert_eq!((end, verdict.outcome), (secs(60), I));
    assert_eq!(verdict.message, "not healthy again when the time was over: 500");
    assert_eq!(obey(&settle, keep(60), &[F]).2.outcome, F);
}
