//! When a check asks, and what ends it.

use super::super::check::Rehearsal;
use super::super::gate::Worth;
use proptest::prelude::*;

use super::super::check::{Answered, Reach, Weight};
use super::*;

mod cut_short;
mod plain;
mod settling;
mod vectors;
mod watching;

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

fn watch(count: u32, change: impl FnOnce(&mut Limits)) -> Check {
    check(Phase::Watch, |limits| {
        limits.count = Some(count);
        change(limits);
    })
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
