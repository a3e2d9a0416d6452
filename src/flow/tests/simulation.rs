//! Many writers, bad clocks, lost answers: nothing is lost, nothing lies.

mod actions;
mod invariants;
mod rules;
mod town;

use invariants::Broken;
use rules::Dropped;
use town::Town;

/// How many histories are played with every rule kept.
const RUNS: u64 = 300;
/// How many are tried to find the one that a dropped rule spoils.
const TRIES: u64 = 700;

/// Plays one history and returns what is wrong with it.
fn play(seed: u64, dropped: Option<Dropped>) -> Vec<Broken> {
    let town = Town::new(seed, dropped);
    for _ in 0..town.length() {
        town.act();
        if !town.broken().is_empty() {
            return town.broken();
        }
    }
    town.settle();
    town.broken()
}

#[test]
fn with_every_rule_kept_no_history_loses_or_invents_anything() {
    for seed in 0..RUNS {
        let broken = play(seed, None);
        assert!(broken.is_empty(), "history {seed}: {broken:?}");
    }
}

/// Asserts that histories go wrong without a rule, in the way that it is there to prevent.
#[track_caller]
fn spoils(dropped: Dropped, expected: &[Broken]) {
    let mut other = Vec::new();
    for seed in 0..TRIES {
        let broken = play(seed, Some(dropped));
        if broken.iter().any(|broken| expected.contains(broken)) {
            return;
        }
        other.extend(broken);
    }
    panic!("{TRIES} histories without the rule stayed right; found only {other:?}");
}

macro_rules! without {
    ($($name:ident: $rule:ident => $($broken:ident)|+;)*) => {
        $(#[test] fn $name() { spoils(Dropped::$rule, &[$(Broken::$broken),+]); })*
    };
}

without! {
    without_a_lease_lines_are_lost: Lease => Lost;
    without_ids_after_all_that_was_read_the_order_of_writing_is_lost: LaterIds => OutOfOrder;
    with_an_event_drawn_anew_at_every_try_it_is_written_twice: OneEvent => WrittenTwice;
    with_a_number_kept_over_a_retry_it_is_given_twice: DecidedAnew => NumberTwice;
    with_a_local_copy_joined_in_what_was_refused_is_written: NothingJoined => NumberTwice | TwoOpen;
    without_intent_as_the_lock_two_are_open_at_once: IntentIsTheLock => TwoOpen;
    without_ownership_an_overtaken_run_goes_on_driving: Ownership => DroveWithoutOwning;
    without_asking_before_each_drive_an_overtaken_run_goes_on_driving: AskedBefore => DroveWithoutOwning;
    without_straying_told_the_ledger_lies: StrayingTold => Lies;
    without_each_result_at_once_the_ledger_lies: EachAtOnce => Lies;
    without_deployed_and_finished_in_one_push_an_operation_is_half_closed: OnePush => HalfClosed;
    with_lines_taken_away_before_they_are_shelved_they_are_lost: ShelvedFirst => Lost;
    without_kept_what_still_holds_is_lost: Kept => Differs;
    without_the_quarantine_in_pruned_it_is_lost: PrunedQuarantine => Differs;
    without_the_limits_in_pruned_they_are_lost: PrunedLimits => Differs;
    without_the_unknown_in_pruned_it_is_lost: PrunedUnknown => Differs | Lies;
    without_the_top_in_pruned_a_number_is_given_twice: PrunedTop => NumberTwice;
    with_each_line_counted_a_late_copy_counts_twice: OnceByEvent => WrittenTwice;
    without_the_whole_restore_point_what_ran_is_forgotten: WholeRestorePoint => Lies;
}
