//! Two slots, read from histories.

use super::super::event::{Body, Finished, StepOutcome};
use super::super::history::{History, versions};
use super::*;

fn slot(name: &str) -> Slot {
    Slot::new(name).unwrap()
}

fn pair() -> Pair {
    Pair { stable: slot("blue"), candidate: slot("green") }
}

fn shown(history: &History) -> String {
    let slots = Slots::of(&history.state(), &pair());
    let one = |state: SlotState| {
        let holds: Vec<String> =
            state.holds.iter().map(|(service, v)| format!("{service}={}", v.version)).collect();
        let standing = serde_json::to_value(state.standing).unwrap();
        format!("{} {} {}", state.slot, standing.as_str().unwrap(), holds.join(" "))
    };
    slots.each().into_iter().map(one).collect::<Vec<_>>().join(" | ")
}

/// Something is being brought to a slot.
fn bringing(history: History, n: u64, to: &str, text: &str) -> History {
    history.started_with(n, text, |started| started.slot = Some(slot(to)))
}

/// A slot holds this, whole or not.
fn holding(history: History, n: u64, text: &str, outcome: FinishOutcome) -> History {
    let holds = Some(versions(text));
    history.event(n, Body::Finished(Finished { holds, ..Finished::plain(outcome) }))
}

/// The traffic is moved to a slot.
fn switched(history: History, n: u64, to: &str, text: &str) -> History {
    history.deployed_with(n, text, |what| what.live = Some(slot(to)))
}

#[test]
fn before_anything_is_switched_the_stable_one_serves() {
    assert_eq!(shown(&History::new()), "blue live  | green idle ");
    assert_eq!(shown(&History::new().deployed(1, "api=1")), "blue live api=1 | green idle ");
}

#[test]
fn a_slot_that_something_is_brought_to_is_deploying_until_that_is_over() {
    let open = bringing(History::new().deployed(1, "api=1"), 2, "green", "api=2");
    assert_eq!(shown(&open), "blue live api=1 | green deploying ");
    let ready = holding(open.verified(2, Verdict::Healthy), 2, "api=2", FinishOutcome::Completed);
    assert_eq!(shown(&ready), "blue live api=1 | green ready api=2");
}

#[test]
fn what_the_gate_did_not_find_healthy_is_not_ready() {
    let open = || bringing(History::new().deployed(1, "api=1"), 2, "green", "api=2");
    let sick = holding(open().verified(2, Verdict::Unhealthy), 2, "api=2", FinishOutcome::Failed);
    assert_eq!(shown(&sick), "blue live api=1 | green failed api=2");
    let unjudged = holding(open(), 2, "api=2", FinishOutcome::Completed);
    assert_eq!(shown(&unjudged), "blue live api=1 | green failed api=2");
}

#[test]
fn a_switch_leaves_what_served_where_it_is() {
    let open = bringing(History::new().deployed(1, "api=1"), 2, "green", "api=2");
    let over = holding(switched(open, 2, "green", "api=2"), 2, "api=2", FinishOutcome::Completed);
    assert_eq!(shown(&over), "blue idle api=1 | green live api=2");
    let back = switched(over, 3, "blue", "api=1");
    assert_eq!(shown(&back), "blue live api=1 | green idle api=2");
}

#[test]
fn only_what_a_slot_lacks_is_brought_there_and_all_where_it_failed() {
    let lacks = |history: &History| {
        let slots = Slots::of(&history.state(), &pair());
        let steps = slots.steps(&slot("green"), &versions("api=2 db=1"));
        steps.iter().map(|step| step.service.to_string()).collect::<Vec<_>>().join(" ")
    };
    let open = || bringing(History::new().deployed(1, "api=1 db=1"), 2, "green", "api=2");
    assert_eq!(lacks(&History::new().deployed(1, "api=1 db=1")), "api db");
    let healthy = open().verified(2, Verdict::Healthy);
    assert_eq!(lacks(&holding(healthy, 2, "api=2 db=1", FinishOutcome::Completed)), "");
    assert_eq!(lacks(&holding(open(), 2, "api=2 db=1", FinishOutcome::Failed)), "api db");
}

#[test]
fn a_switch_that_came_to_nothing_leaves_the_slot_as_it_was() {
    let failed = || {
        let open = bringing(History::new().deployed(1, "api=1"), 2, "green", "api=2");
        holding(open.verified(2, Verdict::Unhealthy), 2, "api=2", FinishOutcome::Failed)
    };
    let tried = failed().started_with(3, "api=2", |started| {
        started.slot = Some(slot("green"));
        started.kind = Kind::Switch;
    });
    assert_eq!(shown(&tried), "blue live api=1 | green failed api=2");
    let over = holding(tried, 3, "api=2", FinishOutcome::Failed);
    assert_eq!(shown(&over), "blue live api=1 | green failed api=2");
}

#[test]
fn what_was_undone_is_trusted_only_where_nothing_was_driven() {
    let open = || {
        let ready = bringing(History::new().deployed(1, "api=1"), 2, "green", "api=2");
        let ready = ready.verified(2, Verdict::Healthy);
        let ready = holding(ready, 2, "api=2", FinishOutcome::Completed);
        bringing(ready, 3, "green", "api=3")
    };
    let undone = open().finished(3, FinishOutcome::Undone);
    assert_eq!(shown(&undone), "blue live api=1 | green ready api=2");
    let driven = open().done(3, "api", StepOutcome::Failed).finished(3, FinishOutcome::Undone);
    assert_eq!(shown(&driven), "blue live api=1 | green failed api=2");
}

/// A slot is being emptied of this.
fn emptying(history: History, n: u64, of: &str, text: &str) -> History {
    history.started_with(n, text, |started| {
        started.slot = Some(slot(of));
        started.kind = Kind::Switch;
        started.empties = true;
    })
}

#[test]
fn a_slot_that_was_emptied_is_idle_and_holds_nothing_for_sure() {
    let both = || {
        let open = bringing(History::new().deployed(1, "api=1"), 2, "green", "api=2");
        holding(switched(open, 2, "green", "api=2"), 2, "api=2", FinishOutcome::Completed)
    };
    let sure = |history: &History| Slots::of(&history.state(), &pair()).is_sure(&slot("blue"));
    let open = || emptying(both(), 3, "blue", "api=1");
    assert_eq!(shown(&open()), "blue emptying api=1 | green live api=2");
    assert!(!sure(&open()), "whoever is killed may have stopped it and not said so");
    let empty = holding(open(), 3, "", FinishOutcome::Completed);
    assert_eq!(shown(&empty), "blue idle  | green live api=2");
    assert!(sure(&empty));
    for ended in [FinishOutcome::Failed, FinishOutcome::Partial, FinishOutcome::Undone] {
        let left = open().done(3, "api", StepOutcome::Failed).finished(3, ended);
        assert_eq!(shown(&left), "blue failed api=1 | green live api=2");
        assert!(!sure(&left), "{ended:?}");
        assert!(Slots::of(&left.state(), &pair()).is_half_emptied(&slot("blue")));
    }
    let untouched = open().finished(3, FinishOutcome::Undone);
    assert_eq!(shown(&untouched), "blue idle api=1 | green live api=2");
    assert!(sure(&untouched), "it never came to stop anything");
    let taken = open().run(2).resumed(3).finished(3, FinishOutcome::Undone);
    assert_eq!(shown(&taken), "blue failed api=1 | green live api=2");
    assert!(!sure(&taken), "whoever was killed may have stopped it and not said so");
    let again = bringing(empty, 4, "blue", "api=3").verified(4, Verdict::Healthy);
    let again = holding(again, 4, "api=3", FinishOutcome::Completed);
    assert_eq!(shown(&again), "blue ready api=3 | green live api=2");
}

#[test]
fn a_cleanup_that_strayed_leaves_its_slot_doubtful_until_something_begins_there_after_it() {
    let sure = |history: &History| Slots::of(&history.state(), &pair()).is_sure(&slot("green"));
    let begun = || emptying(History::new().deployed(1, "api=1"), 2, "green", "api=0");
    let emptied = || holding(begun(), 2, "", FinishOutcome::Completed);
    assert!(sure(&emptied()));
    assert!(!sure(&emptied().strayed(2, "api")));
    let good = |history: History| {
        holding(history.verified(3, Verdict::Healthy), 3, "api=3", FinishOutcome::Completed)
    };
    let late = good(bringing(emptied(), 3, "green", "api=3")).strayed(2, "api");
    assert_eq!(shown(&late), "blue live api=1 | green failed api=3", "it may be stopped by now");
    assert!(!sure(&late));
    let after = good(bringing(emptied().strayed(2, "api"), 3, "green", "api=3"));
    assert_eq!(shown(&after), "blue live api=1 | green ready api=3");
    assert!(sure(&after));
}

#[test]
fn what_a_slot_held_before_the_live_ledger_begins_is_not_known() {
    let idle = |history: &History| Slots::of(&history.state(), &pair()).is_sure(&slot("green"));
    assert!(idle(&History::new().deployed(1, "api=1")));
    let archived = History::new().deployed(5, "api=5").pruned(5, |pruned| pruned.through = 4);
    assert!(!idle(&archived));
    assert!(idle(&holding(
        emptying(archived, 6, "green", "api=4"),
        6,
        "",
        FinishOutcome::Completed
    )));
}
