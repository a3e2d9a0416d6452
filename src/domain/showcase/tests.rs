//! What ought to be shown, and in how few moves it is.

use std::collections::BTreeSet;

use super::*;
use crate::domain::event::StepOutcome;
use crate::domain::history::{History, minute, op};
use crate::domain::verdict::Verdict;

fn commit(digit: &str) -> Commit {
    Commit::new(digit.repeat(40)).unwrap()
}

/// A history in which 1.0 is good.
fn good() -> History {
    History::new().deployed(1, "1.0").verified(1, Verdict::Healthy).stable(1)
}

/// The same, with 2.0 of another commit after it.
fn second() -> History {
    good().deployed_with(2, "2.0", |made| made.commit = Some(commit("b")))
}

fn wanted(history: &History) -> Vec<Display> {
    wanted_by(history, Outlook::Gate, 60)
}

fn wanted_by(history: &History, outlook: Outlook, at: i64) -> Vec<Display> {
    displays(&history.state(), &BTreeSet::new(), outlook, minute(at))
}

fn told(displays: &[Display]) -> Vec<String> {
    let word = |d: &Display| d.commit_word.map_or("-".to_owned(), |word| format!("{word:?}"));
    displays.iter().map(|d| format!("{:?}/{} {}", d.showing, word(d), d.words)).collect()
}

fn newest(displays: &[Display]) -> String {
    told(displays).pop().unwrap()
}

#[test]
fn a_deployment_is_in_progress_until_something_proves_it() {
    let begun = good().started_with(2, "2.0", |begun| begun.commit = Some(commit("b")));
    let both = ["Success/Success lastgood 1: stable", "InProgress/Pending lastgood 2: under way"];
    assert_eq!(told(&wanted_by(&begun, Outlook::Gate, 5)), both);
    let left = "Error/Error lastgood 2: left in the middle; `lastgood resume` finishes it";
    assert_eq!(newest(&wanted(&begun)), left);
    let both = [
        "Inactive/- lastgood 1: replaced; 2 runs now",
        "InProgress/Pending lastgood 2: deployed; the gate has not judged it yet",
    ];
    assert_eq!(told(&wanted(&second())), both);
    let unproven = "Success/Success lastgood 2: deployed; no check could prove it";
    assert_eq!(newest(&wanted_by(&second(), Outlook::NoGate, 5)), unproven);
    let unsure =
        "InProgress/Pending lastgood 2: deployed; the gate could not tell whether it is good";
    assert_eq!(newest(&wanted(&second().verified(2, Verdict::Inconclusive))), unsure);
}

#[test]
fn what_the_gate_or_a_person_says_is_shown() {
    for (history, told) in [
        (second().verified(2, Verdict::Healthy).stable(2), "Success/Success lastgood 2: stable"),
        (second().good(2), "Success/Success lastgood 2: a person marked it good"),
        (second().verified(2, Verdict::Unhealthy), "Failure/Failure lastgood 2: unhealthy"),
        (second().bad(2), "Failure/Failure lastgood 2: a person marked it bad"),
    ] {
        assert_eq!(newest(&wanted(&history)), told);
    }
}

#[test]
fn what_was_fled_stays_red_and_the_rollback_is_a_deployment_of_its_own() {
    let fled = second().verified(2, Verdict::Unhealthy).fled(3, 2, "1.0", "2.0");
    let all = [
        "Inactive/- lastgood 1: replaced; 3 runs now",
        "Failure/Failure lastgood 2: rolled back by 3",
        "InProgress/- lastgood 3: deployed; the gate has not judged it yet",
    ];
    assert_eq!(told(&wanted(&fled)), all);
    let proven = wanted(&fled.verified(3, Verdict::Healthy).stable(3));
    assert_eq!(newest(&proven), "Success/- lastgood 3: stable");
    assert_eq!(proven[2].title, "rollback 3: app 1.0");
}

#[test]
fn what_could_not_be_made_is_a_failure() {
    let begun = good().started_with(2, "2.0", |begun| begun.commit = Some(commit("b")));
    let failed = begun.done(2, "app", StepOutcome::Failed).finished(2, FinishOutcome::Failed);
    let both =
        ["Success/Success lastgood 1: stable", "Failure/Failure lastgood 2: could not be made"];
    assert_eq!(told(&wanted(&failed)), both);
}

#[test]
fn nothing_is_live_in_an_environment_that_was_closed() {
    let closed = wanted_by(&second().good(2), Outlook::Closed, 5);
    assert_eq!(newest(&closed), "Inactive/- lastgood 2: the environment was closed");
}

#[test]
fn an_outage_of_what_was_stable_is_no_fault_of_the_deployment() {
    let out = good().verified(1, Verdict::Unhealthy);
    assert_eq!(newest(&wanted(&out)), "Success/Success lastgood 1: stable");
}

#[test]
fn only_the_newest_are_shown_and_what_was_touched() {
    let all = (2..9).fold(good(), |history, n| history.deployed(n, "2.0"));
    let numbers = |touched: &[OperationId]| -> Vec<u64> {
        let touched = touched.iter().copied().collect();
        displays(&all.state(), &touched, Outlook::Gate, minute(60)).iter().map(|d| d.n).collect()
    };
    assert_eq!(numbers(&[]), [6, 7, 8]);
    assert_eq!(numbers(&[op(2)]), [2, 6, 7, 8]);
}

#[test]
fn an_environment_is_for_everybody_only_where_its_name_says_so() {
    for (name, purpose) in [
        ("production", Purpose::Production),
        ("Prod", Purpose::Production),
        ("production-copy", Purpose::Internal),
        ("reprod", Purpose::Internal),
        ("review-12", Purpose::Internal),
        ("", Purpose::Internal),
    ] {
        assert_eq!(Purpose::of(name), purpose, "{name}");
    }
}

#[test]
fn no_word_is_longer_than_a_forge_takes() {
    let long = "ü".repeat(150);
    let history =
        good().deployed(2, &long).verified(2, Verdict::Unhealthy).fled(3, 2, "1.0", &long);
    for display in wanted(&history) {
        assert!(display.title.chars().count() <= 140, "{}", display.title);
        assert!(display.words.chars().count() <= 140, "{}", display.words);
    }
}

/// A forge in a few words.
#[derive(Default)]
struct Forge {
    picture: Picture,
    hidden: Vec<(u64, Seen)>,
}

impl Forge {
    /// One that shows deployments that jobs have made: number, commit, run.
    fn with(jobs: &[(u64, &str, &str)]) -> Self {
        let mut forge = Self::default();
        for (id, digit, run) in jobs {
            let log = format!("https://github.example/o/r/actions/runs/{run}/job/1");
            let said = Saying { showing: Some(Showing::InProgress), log, ..Saying::default() };
            forge.hidden.push((*id, Seen::new(&[said])));
            let commit = commit(digit);
            forge.picture.deployments.push(Shown { id: *id, commit, operation: None, seen: None });
        }
        forge
    }

    /// Makes every move and returns them.
    fn level(&mut self, wanted: &[Display], touched: &[u64]) -> Vec<String> {
        let touched = touched.iter().map(|n| op(*n)).collect();
        let mut moves = Vec::new();
        while let Some(next) = self.picture.next(wanted, &touched) {
            assert!(moves.len() < 20, "it never ends: {moves:?}");
            moves.push(match next {
                Move::Look(id) => {
                    let seen = self.hidden.iter().find(|(hidden, _)| *hidden == id).unwrap();
                    self.picture.looked(id, &seen.1);
                    format!("look {id}")
                }
                Move::Make(display) => {
                    self.picture.made(100 + display.n, display);
                    format!("make {}", display.n)
                }
                Move::Tell(id, display) => {
                    self.picture.told(id, display);
                    format!("tell {id} {:?}", display.showing)
                }
                Move::Add(id, display) => {
                    self.picture.told(id, display);
                    format!("add {id} {}", display.words)
                }
            });
        }
        moves
    }

    /// Forgets what was seen, as the next command does.
    fn next_command(&mut self) {
        for shown in &mut self.picture.deployments {
            if let Some(seen) = shown.seen.take() {
                self.hidden.retain(|(id, _)| *id != shown.id);
                self.hidden.push((shown.id, seen));
            }
        }
    }
}

#[test]
fn what_is_level_costs_one_look() {
    let mut forge = Forge::default();
    let wanted = wanted(&second().verified(2, Verdict::Healthy).stable(2));
    assert_eq!(forge.level(&wanted, &[]), ["make 2", "tell 102 Success"]);
    forge.next_command();
    assert_eq!(forge.level(&wanted, &[]), ["look 102"]);
}

#[test]
fn older_ones_are_told_before_newer_ones() {
    let mut forge = Forge::default();
    forge.level(&wanted(&second()), &[]);
    forge.next_command();
    let fled = second().verified(2, Verdict::Unhealthy).fled(3, 2, "1.0", "2.0");
    let proven = fled.verified(3, Verdict::Healthy).stable(3);
    let moves = ["look 102", "tell 102 Failure", "make 3", "tell 103 Success"];
    assert_eq!(forge.level(&wanted(&proven), &[3]), moves);
}

#[test]
fn what_is_red_already_is_told_once_by_what_it_was_rolled_back() {
    let mut forge = Forge::default();
    let sick = second().verified(2, Verdict::Unhealthy);
    forge.level(&wanted(&sick), &[]);
    forge.next_command();
    let fled = sick.fled(3, 2, "1.0", "2.0").verified(3, Verdict::Healthy).stable(3);
    let moves = ["look 102", "add 102 lastgood 2: rolled back by 3", "make 3", "tell 103 Success"];
    assert_eq!(forge.level(&wanted(&fled), &[3]), moves);
    forge.next_command();
    assert_eq!(forge.level(&wanted(&fled), &[2]), ["look 103", "look 102"]);
}

#[test]
fn what_is_under_way_is_told_once_with_each_share_of_the_traffic() {
    let mut forge = Forge::default();
    let begun = good().started_with(2, "2.0", |begun| begun.commit = Some(commit("b")));
    let mut open = wanted_by(&begun, Outlook::Gate, 5);
    forge.level(&open, &[2]);
    let slot = Slot::new("green").unwrap();
    for (percent, moves) in [(25, 1), (25, 0), (50, 1)] {
        open[1].at_stage(&slot, percent);
        let told = forge.level(&open, &[2]);
        assert_eq!(told.len(), moves, "{told:?}");
        let said = format!("add 102 lastgood 2: under way; {percent} % of the traffic at green");
        assert!(told.iter().all(|told| *told == said), "{told:?}");
    }
    let ended = wanted(&second().verified(2, Verdict::Healthy));
    let words = ended.last().unwrap().words.clone();
    let mut ended = ended.last().unwrap().clone();
    ended.at_stage(&slot, 50);
    assert_eq!(ended.words, words, "what is over has no share any more");
}

#[test]
fn what_empties_a_slot_is_shown_nowhere_and_hides_nothing() {
    let cleanup = |history: History, n| {
        let begun = history.started_with(n, "1.0", |started| {
            started.commit = Some(commit("b"));
            started.kind = Kind::Switch;
            started.empties = true;
        });
        begun.finished(n, FinishOutcome::Completed)
    };
    let many = (3..8).fold(second(), cleanup);
    assert_eq!(wanted(&many), wanted(&second()));
    let touched = BTreeSet::from([op(7)]);
    let shown = displays(&many.state(), &touched, Outlook::Gate, minute(60));
    assert_eq!(shown, wanted(&second()));
}

#[test]
fn what_others_said_last_is_answered_once() {
    let fled = second().verified(2, Verdict::Unhealthy).fled(3, 2, "1.0", "2.0");
    let wanted = wanted(&fled);
    let said = |words: &str| {
        let showing = Some(Showing::Failure);
        Saying { showing, words: words.to_owned(), log: String::new() }
    };
    let shown = |sayings: &[Saying]| {
        let (id, commit, operation) = (102, commit("b"), Some(op(2)));
        let seen = Some(Seen::new(sayings));
        Picture::new(vec![Shown { id, commit, operation, seen }])
    };
    let ours = "lastgood 2: rolled back by 3; api: 500";
    let adds = |sayings: &[Saying]| {
        matches!(shown(sayings).next(&wanted[1..2], &BTreeSet::new()), Some(Move::Add(..)))
    };
    assert!(!adds(&[said(ours)]));
    for other in ["", "the job failed", "rolled back by 3", "lastgood 2: rolled back by 1; x"] {
        assert!(adds(&[said(other), said(ours)]), "{other}");
    }
}

#[test]
fn what_was_touched_is_told_although_the_newest_is_level() {
    let mut forge = Forge::default();
    let history = second().verified(2, Verdict::Healthy).stable(2);
    forge.level(&wanted(&good()), &[]);
    forge.level(&wanted(&history), &[]);
    forge.next_command();
    let moves = ["look 102", "look 101", "tell 101 Failure"];
    assert_eq!(forge.level(&wanted(&history.bad(1)), &[1]), moves);
}

fn run(id: &str) -> CiRun {
    CiRun { provider: "github".into(), id: id.into(), attempt: None, url: None }
}

fn of_run(id: &str, digit: &str) -> History {
    History::new().deployed_with(1, "1.0", |made| {
        made.commit = Some(commit(digit));
        made.ci = Some(run(id));
    })
}

#[test]
fn the_deployment_of_the_job_is_taken_where_commit_and_run_are_the_same() {
    let mut forge = Forge::with(&[(7, "a", "17")]);
    let history = of_run("17", "a");
    assert_eq!(forge.level(&wanted(&history), &[]), ["look 7"], "it is in progress there already");
    let stable = wanted(&history.verified(1, Verdict::Healthy).stable(1));
    assert_eq!(forge.level(&stable, &[]), ["tell 7 Success"]);
    forge.next_command();
    assert_eq!(forge.level(&stable, &[]), ["look 7"]);
}

#[test]
fn the_deployment_of_another_run_or_commit_is_left_alone() {
    for (id, digit, run) in [(7, "a", "18"), (7, "b", "17"), (7, "a", "1"), (7, "a", "171")] {
        let mut forge = Forge::with(&[(id, digit, run)]);
        let stable = of_run("17", "a").verified(1, Verdict::Healthy).stable(1);
        let moves = forge.level(&wanted(&stable), &[]);
        let own = ["make 1", "tell 101 Success"];
        assert_eq!(&moves[moves.len() - 2..], own, "{digit} {run}");
        assert!(moves.iter().all(|told| told != "tell 7 Success"), "{digit} {run}");
    }
}

#[test]
fn a_rollback_of_the_same_run_and_commit_does_not_take_what_its_deployment_took() {
    let mut forge = Forge::with(&[(7, "a", "17")]);
    let sick = of_run("17", "a").verified(1, Verdict::Unhealthy);
    let back = sick.clone().started_with(2, "0.9", |begun| {
        (begun.kind, begun.from) = (Kind::Rollback, Some(op(1)));
        begun.ci = Some(run("17"));
    });
    let fled = back.deployed_with(2, "0.9", |made| made.kind = Kind::Rollback);
    forge.level(&wanted(&sick), &[]);
    let moves = forge.level(&wanted(&fled.verified(2, Verdict::Healthy).stable(2)), &[2]);
    let told = ["add 7 lastgood 1: rolled back by 2", "make 2", "tell 102 Success"];
    assert_eq!(moves, told);
}

#[test]
fn a_deployment_of_ours_that_became_another_commit_is_not_made_again() {
    let mut forge = Forge::default();
    let shown = Shown { id: 7, commit: commit("c"), operation: Some(op(1)), seen: None };
    forge.picture.deployments.push(shown);
    assert_eq!(forge.level(&wanted(&good()), &[]), [""; 0]);
}
