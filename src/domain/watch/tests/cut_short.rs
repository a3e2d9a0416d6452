//! What a look says that the end cut short.

use super::*;

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
