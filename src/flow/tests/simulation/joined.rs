//! Two ledgers of one environment, joined by hand.

use std::collections::{BTreeMap, BTreeSet};

use super::super::super::fakes::{Stage, reason, run, versions};
use super::super::super::order::RollbackOrder;
use super::super::rolling_back::back;
use super::super::verifying::{guard, look};
use crate::domain::ending::Reason;
use crate::domain::fold::Reading;
use crate::domain::target::Wanted;
use crate::ports::FoundLine;

/// What `git notes merge -s cat_sort_uniq` makes of two ledgers: each note's lines, sorted, once.
fn joined(ours: &[FoundLine], theirs: &[FoundLine]) -> Vec<FoundLine> {
    let mut notes = BTreeMap::<&str, BTreeSet<&str>>::new();
    for line in ours.iter().chain(theirs) {
        notes.entry(&line.note).or_default().insert(&line.text);
    }
    let lines = notes.into_iter().flat_map(|(note, lines)| {
        lines.into_iter().map(move |text| FoundLine { note: note.into(), text: text.into() })
    });
    lines.collect()
}

fn lines(stage: &Stage) -> Vec<FoundLine> {
    stage.remote.lock().unwrap().live.lines.clone()
}

fn gets(stage: &Stage, lines: Vec<FoundLine>) {
    let live = &mut stage.remote.lock().unwrap().live;
    live.lines = lines;
    live.revision += 1;
}

/// Two that went on by themselves after one stable deployment, and were joined in both orders.
fn two_histories() -> (Stage, Stage) {
    let (ours, theirs) = (Stage::default(), Stage::default());
    ours.desk("ann").records(&ours, "1.0", 'a').unwrap();
    run(ours.desk("ann").verify(&look())).unwrap();
    gets(&theirs, lines(&ours));
    // Chance must not draw the same twice.
    for _ in 0..7 {
        let _ = theirs.desk("nobody");
    }
    ours.desk("ann").records(&ours, "2.0", 'b').unwrap();
    theirs.later(std::time::Duration::from_secs(60));
    theirs.desk("bob").records(&theirs, "3.0", 'c').unwrap();
    let (one, other) =
        (joined(&lines(&ours), &lines(&theirs)), joined(&lines(&theirs), &lines(&ours)));
    gets(&ours, one);
    gets(&theirs, other);
    (ours, theirs)
}

#[test]
fn joined_in_either_order_they_say_the_same_and_lose_nothing() {
    let (ours, theirs) = two_histories();
    assert_eq!(ours.state(), theirs.state());
    assert_eq!(ours.state().operations.len(), 3);
    assert_eq!(ours.state().numbered(2).len(), 2);
}

#[test]
fn joining_again_changes_nothing() {
    let (ours, _) = two_histories();
    let all = lines(&ours);
    assert_eq!(joined(&all, &all), joined(&all, &[]));
}

#[test]
fn a_number_that_two_bear_is_refused_and_its_version_names_one() {
    let (ours, _) = two_histories();
    let to = |name: &str| RollbackOrder { wanted: Wanted::Named(name.to_owned()), ..back() };
    let bob = ours.desk("bob");
    assert_eq!(reason(run(bob.plan_rollback(&to("2")))), Reason::Ambiguous);
    assert_eq!(reason(run(bob.plan_rollback(&to("deploy/production/2")))), Reason::Ambiguous);
    assert_eq!(reason(run(bob.plan_rollback(&to("2.0")))), Reason::TargetNotStable);
}

#[test]
fn nothing_automatic_happens_until_a_greater_number_is_written() {
    let (ours, _) = two_histories();
    ours.ship("3.0");
    ours.sicken("3.0");
    let asked = ours.desk("bob");
    assert_eq!(reason(run(asked.verify(&guard()))), Reason::Unsettled);
    ours.heal();
    assert_eq!(reason(run(asked.verify(&guard()))), Reason::NotMarked);
    assert_eq!(ours.state().last_stable().unwrap().n, 1);
    let outcome = ours.desk("ann").records(&ours, "4.0", 'd').unwrap();
    assert_eq!(outcome.deployment.unwrap().n, 3);
    ours.sicken("4.0");
    assert_eq!(reason(run(ours.desk("bob").verify(&guard()))), Reason::RolledBack);
    assert_eq!(ours.state().versions(), versions("1.0"));
}

#[test]
fn a_ledger_and_its_archive_joined_in_any_way_say_the_same() {
    let (ours, _) = two_histories();
    let texts: Vec<String> = lines(&ours).into_iter().map(|line| line.text).collect();
    let backwards = texts.iter().rev().chain(&texts);
    let whole = super::invariants::state(texts.iter(), Reading::Whole);
    assert_eq!(super::invariants::state(backwards, Reading::Whole), whole);
}
