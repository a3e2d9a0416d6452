//! When a check asks, and what ends it.

use super::super::check::Rehearsal;
use super::super::gate::Worth;
use proptest::prelude::*;

use super::super::check::{Answered, Reach, Weight};
use super::*;

mod plain;
mod vectors;

const P: Outcome = Outcome::Pass;
const F: Outcome = Outcome::Fail;
const I: Outcome = Outcome::Inconclusive;
const E: Outcome = Outcome::Error;

fn check(phase: Phase, change: impl FnOnce(&mut Limits)) -> Check {
    let mut limits = Limits::defaults(phase, Reach::Direct);
    change(&mut limits);
    let weight = Weight::Required;
    let (worth, rehearsal) = (Worth::default(), Rehearsal::default());
    Check { name: "api answers".into(), service: None, phase, weight, worth, rehearsal, limits }
}

fn measured(outcome: Outcome) -> Measurement {
    match outcome {
        Outcome::Pass => Measurement::pass("200"),
        Outcome::Inconclusive => Measurement::inconclusive("no data"),
        Outcome::Error => Measurement::error("no instrument"),
        Outcome::Fail => Measurement::fail("500"),
    }
}

fn secs(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// Obeys the watch; each measurement takes no time, and the last outcome given goes on.
/// Returns the moments of the measurements in seconds, and how it ended.
fn obey(check: &Check, window: Window, outcomes: &[Outcome]) -> (Vec<u64>, Duration, CheckVerdict) {
    let mut watch = Watch::new(check, window);
    let (mut now, mut moments) = (window.start, Vec::new());
    loop {
        match watch.next(now) {
            Next::Wait(time) => now += time,
            Next::Sample(_) => {
                let at = moments.len().min(outcomes.len() - 1);
                moments.push(now.as_secs());
                watch.tell(now, &measured(outcomes[at]));
            }
            Next::Done(verdict) => return (moments, now, *verdict),
        }
    }
}

fn decide(end: u64) -> Window {
    Window { start: Duration::ZERO, end: secs(end), aim: Aim::Decide }
}

fn settle(outcomes: &[Outcome]) -> (Outcome, u64, String) {
    let (_, end, verdict) = obey(&check(Phase::Settle, |_| ()), decide(600), outcomes);
    (verdict.outcome, end.as_secs(), verdict.message)
}

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

#[test]
fn the_gates_time_is_the_last_deadline_of_a_settling_check() {
    let (_, end, verdict) = obey(&check(Phase::Settle, |_| ()), decide(30), &[F]);
    assert_eq!((end, verdict.outcome), (secs(30), F));
}

#[test]
fn the_first_measurement_waits_for_the_initial_delay() {
    let late = check(Phase::Settle, |limits| limits.initial_delay = secs(7));
    assert_eq!(obey(&late, decide(600), &[P]).0, [7, 9, 11]);
    let late = check(Phase::Watch, |limits| {
        limits.initial_delay = secs(7);
        limits.count = Some(2);
    });
    let window = Window { start: secs(100), ..decide(600) };
    assert_eq!(obey(&late, window, &[P]).0, [107, 117]);
}

#[test]
fn a_measurement_has_its_timeout_and_never_more_than_is_left() {
    let mut watch = Watch::new(&check(Phase::Settle, |_| ()), decide(8));
    assert_eq!(watch.next(secs(0)), Next::Sample(secs(5)));
    watch.tell(secs(5), &measured(F));
    assert_eq!(watch.next(secs(5)), Next::Wait(secs(2)));
    assert_eq!(watch.next(secs(7)), Next::Sample(secs(1)));
}

#[test]
fn a_look_cut_short_by_the_end_says_nothing_against_what_passed() {
    let mut watch = Watch::new(&check(Phase::Settle, |_| ()), decide(3));
    watch.tell(secs(0), &measured(P));
    assert_eq!(watch.next(secs(2)), Next::Sample(secs(1)));
    watch.tell(secs(3), &Measurement::unreached(Reach::Direct, "no answer within `1s`"));
    let Next::Done(verdict) = watch.next(secs(3)) else { panic!("not done") };
    assert_eq!((verdict.outcome, verdict.tally.fails), (I, 0));
}

#[test]
fn a_look_cut_short_by_the_end_does_not_hide_why_the_one_before_failed() {
    let mut cut = Watch::new(&check(Phase::Settle, |limits| limits.deadline = secs(3)), decide(9));
    cut.tell(secs(0), &measured(F));
    assert_eq!(cut.next(secs(2)), Next::Sample(secs(1)));
    cut.tell(secs(3), &Measurement::fail("no answer within 1s"));
    let Next::Done(verdict) = cut.next(secs(3)) else { panic!("not done") };
    assert_eq!((verdict.outcome, verdict.message.as_str()), (F, "not healthy within `3s`: 500"));
}

#[test]
fn a_look_cut_short_by_the_end_counts_where_nothing_passed() {
    let mut watch = Watch::new(&check(Phase::Settle, |_| ()), decide(3));
    assert_eq!(watch.next(secs(0)), Next::Sample(secs(3)));
    watch.tell(secs(3), &Measurement::unreached(Reach::Direct, "no answer within `3s`"));
    let Next::Done(verdict) = watch.next(secs(3)) else { panic!("not done") };
    assert_eq!(verdict.outcome, F);
    assert!(verdict.is_unreached());
}

#[test]
fn a_look_that_had_all_its_time_counts_though_the_end_has_come() {
    let mut watch = Watch::new(&check(Phase::Settle, |_| ()), decide(7));
    watch.tell(secs(0), &measured(P));
    assert_eq!(watch.next(secs(2)), Next::Sample(secs(5)));
    watch.tell(secs(7), &measured(F));
    let Next::Done(verdict) = watch.next(secs(7)) else { panic!("not done") };
    assert_eq!((verdict.outcome, verdict.tally.fails), (F, 1));
}

#[test]
fn a_look_cut_short_while_watching_counts_only_where_nothing_passed() {
    for (first, fails, outcome) in [(P, 0, I), (E, 1, F)] {
        let mut cut = Watch::new(&watch(3, |limits| limits.error_limit = 9), decide(13));
        cut.tell(secs(0), &measured(first));
        assert_eq!(cut.next(secs(10)), Next::Sample(secs(3)));
        cut.tell(secs(13), &measured(F));
        let Next::Done(verdict) = cut.next(secs(13)) else { panic!("not done") };
        assert_eq!((verdict.outcome, verdict.tally.fails), (outcome, fails), "{first:?}");
    }
}

#[test]
fn a_fast_fail_just_before_the_end_counts() {
    let mut watch = Watch::new(&check(Phase::Settle, |_| ()), decide(3));
    watch.tell(secs(0), &measured(P));
    assert_eq!(watch.next(secs(2)), Next::Sample(secs(1)));
    watch.tell(secs(2), &measured(F));
    let Next::Done(verdict) = watch.next(secs(3)) else { panic!("not done") };
    assert_eq!(verdict.outcome, F);
}

fn watch(count: u32, change: impl FnOnce(&mut Limits)) -> Check {
    check(Phase::Watch, |limits| {
        limits.count = Some(count);
        change(limits);
    })
}

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
fn a_check_that_never_looked_is_inconclusive() {
    for phase in [Phase::Settle, Phase::Watch] {
        let late = check(phase, |limits| limits.initial_delay = secs(60));
        let verdict = obey(&late, decide(30), &[P]).2;
        assert_eq!((verdict.outcome, verdict.tally.attempts(), verdict.evidence), (I, 0, None));
    }
}

#[test]
fn a_check_that_is_stopped_could_not_tell() {
    for phase in [Phase::Settle, Phase::Watch] {
        let mut stopped = Watch::new(&check(phase, |_| ()), decide(600));
        stopped.tell(secs(0), &measured(P));
        let verdict = stopped.stop(Stop::Early("`web answers` failed".into()));
        assert_eq!(verdict.outcome, I);
        assert_eq!(verdict.message, "stopped: `web answers` failed: 200");
        let mut broken = Watch::new(&check(phase, |_| ()), decide(600));
        broken.tell(secs(0), &measured(E));
        let verdict = broken.stop(Stop::Interrupted);
        assert_eq!((verdict.outcome, verdict.stopped), (E, Some(Stop::Interrupted)));
    }
}

#[test]
fn stopping_a_check_that_has_ended_changes_nothing() {
    let mut ended = Watch::new(&watch(1, |_| ()), decide(600));
    ended.tell(secs(0), &measured(P));
    assert_eq!(ended.stop(Stop::Interrupted).outcome, P);
    ended.tell(secs(1), &measured(F));
    assert_eq!(ended.tally().attempts(), 1);
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

#[test]
fn the_evidence_is_the_newest_measurement_that_speaks_for_the_outcome() {
    let mut other = Watch::new(&check(Phase::Settle, |_| ()), decide(3));
    let answer = Measurement::fail("1.0 answered").answered_by(Answered::Other("1.0".into()));
    other.tell(secs(0), &answer);
    let Next::Done(verdict) = other.next(secs(3)) else { panic!("not done") };
    assert_eq!(verdict.evidence, Some(answer));
    assert!(!verdict.is_unreached());
}

#[test]
fn an_unreached_subject_is_an_error_when_the_control_is_unreached_too() {
    let mut alone = Watch::new(&check(Phase::Settle, |_| ()), decide(3));
    alone.tell(secs(0), &Measurement::unreached(Reach::Direct, "refused"));
    let Next::Done(verdict) = alone.next(secs(3)) else { panic!("not done") };
    let held = verdict.clone().held_against("gateway", &Measurement::pass("200"));
    assert_eq!(held, *verdict);
    let held = verdict.held_against("gateway", &Measurement::fail("refused"));
    assert_eq!(held.outcome, E);
    let message =
        "the control `gateway` was not reached either (refused): not healthy within `3s`: refused";
    assert_eq!(held.message, message);
}

fn outcomes() -> impl Strategy<Value = Vec<Outcome>> {
    prop::collection::vec(prop::sample::select(vec![P, P, P, F, I, E]), 1..40)
}

proptest! {
    #[test]
    fn every_check_ends_when_its_time_is_over_and_passes_only_with_a_pass(
        seen in outcomes(),
        phase in prop::sample::select(vec![Phase::Settle, Phase::Watch]),
        aim in prop::sample::select(vec![Aim::Decide, Aim::Keep]),
        end in 1_u64..300,
    ) {
        let window = Window { start: Duration::ZERO, end: secs(end), aim };
        let (moments, ended, verdict) = obey(&check(phase, |_| ()), window, &seen);
        prop_assert!(ended <= secs(end));
        prop_assert!(verdict.outcome != P || verdict.tally.passes > 0);
        prop_assert!(verdict.outcome != F || verdict.tally.fails > 0);
        prop_assert!(!moments.is_empty());
        let only_errors = verdict.tally.attempts() == verdict.tally.errors;
        prop_assert_eq!(only_errors, only_errors && verdict.outcome == E);
    }
}
