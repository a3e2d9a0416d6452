//! A slot is emptied: what runs there is stopped, and nothing else.

use std::time::Duration;

use super::super::clean::CleanOrder;
use super::super::fakes::{Stage, Writer, commit, reason, run, service, slots as pair, versions};
use super::super::resume::Ways;
use super::super::switch::SwitchOrder;
use super::recording::begin_order;
use super::rolling_back::back;
use super::switching::{one_serves, shares, shop, sided, two};
use super::taking_over::killed_before;
use super::verifying::{guard, look};
use crate::domain::admission::Insistence;
use crate::domain::ending::Reason;
use crate::domain::event::{Act, FinishOutcome, LockScope, Locked};
use crate::domain::operation::Status;
use crate::domain::slots::Shares;
use crate::domain::slotted::{Slots, Standing};
use crate::flow::begin::BeginOrder;

/// 2.0 serves in `green`, and `blue` still holds 1.0.
fn shop_on_green() -> Stage {
    let stage = shop();
    run(sided(&stage, "bob").deploy(&two())).unwrap();
    stage.told();
    stage
}

fn order() -> CleanOrder {
    CleanOrder { reason: Some("it costs money".to_owned()) }
}

fn clean(writer: &Writer) -> Reason {
    reason(run(writer.clean(&order())))
}

fn slots(stage: &Stage) -> Slots {
    Slots::of(&stage.state(), &pair())
}

/// How `blue` stands, and what it holds.
fn blue(stage: &Stage) -> (Standing, String) {
    let slots = slots(stage);
    let holds = slots.holds(&pair().stable).into_values().map(|version| version.version);
    (slots.standing(&pair().stable), holds.collect::<Vec<_>>().join(" "))
}

#[test]
fn a_cleanup_stops_what_the_idle_slot_holds_and_says_what_is_lost() {
    let stage = shop_on_green();
    let before = stage.state();
    let outcome = run(sided(&stage, "eve").clean(&order())).unwrap();
    assert_eq!(
        (outcome.ending.reason, outcome.ending.message.as_str()),
        (
            Reason::Done,
            "emptied `blue` of `production`: `app` 1.0 is stopped; \
             the way back to it takes a deployment now"
        )
    );
    assert_eq!(
        stage.told(),
        ["eve: started 3", "eve: stop app@blue", "eve: service_done 3", "eve: finished 3"]
    );
    assert_eq!(stage.runs(), "app@green=2.0");
    assert_eq!(blue(&stage), (Standing::Idle, String::new()));
    let state = stage.state();
    assert_eq!(state.versions(), versions("2.0"));
    assert_eq!(state.current(), before.current(), "nothing was deployed");
    assert_eq!(state.last_stable(), before.last_stable());
    let told = outcome.deployment.unwrap();
    assert_eq!((told.n, told.empties, told.status), (3, true, Status::Emptied));
}

#[test]
fn a_dry_run_shows_what_the_slot_holds_and_the_very_commands() {
    let stage = shop_on_green();
    let outcome = run(sided(&stage, "eve").plan_clean(&order())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::Planned);
    let crate::domain::outcome::More::Planned { plan } = outcome.more else { panic!("no plan") };
    assert_eq!(plan[0].commands, ["./stop app@blue"]);
    let from = plan[0].from.as_ref().map(|version| version.version.as_str());
    assert_eq!((from, &plan[0].to), (Some("1.0"), &None));
    assert_eq!((stage.told(), stage.runs().as_str()), (vec![], "app@blue=1.0 app@green=2.0"));
}

#[test]
fn a_slot_that_holds_nothing_is_left_alone() {
    let stage = shop();
    assert_eq!(clean(&sided(&stage, "eve")), Reason::AlreadyThere);
    let stage = shop_on_green();
    assert_eq!(clean(&sided(&stage, "eve")), Reason::Done);
    stage.told();
    assert_eq!(clean(&sided(&stage, "eve")), Reason::AlreadyThere);
    assert_eq!(stage.told(), [""; 0]);
}

/// Nothing is touched or written, and what ran still runs.
fn refused(what: &str, against: impl FnOnce(&Stage, &mut Writer), expected: Reason) {
    let stage = shop_on_green();
    let mut eve = sided(&stage, "eve");
    against(&stage, &mut eve);
    stage.told();
    let runs = stage.runs();
    assert_eq!(clean(&eve), expected, "{what}");
    assert_eq!(stage.told(), [""; 0], "{what}");
    assert_eq!(stage.runs(), runs, "{what}");
}

#[test]
fn a_cleanup_that_a_rule_stands_against_touches_nothing() {
    refused("no slots", |_, eve| eve.desk.ports.router = None, Reason::NoSlots);
    refused(
        "a person moved traffic by hand",
        |stage, _| *stage.shares.lock().unwrap() = Shares::of(&pair(), &pair().stable, 1),
        Reason::MayServe,
    );
    refused("the router is mute", |_, eve| eve.router.mute(), Reason::MayServe);
    refused(
        "another is at work",
        |stage, _| {
            let bob = sided(stage, "bob");
            killed_before(&bob, 1);
            let _ = run(bob.deploy(&BeginOrder { act: Act::Driven, ..begin_order("3.0") }));
        },
        Reason::RefusedBusy,
    );
    refused(
        "a person keeps others out",
        |stage, _| {
            let locked = Locked { scope: LockScope::All, reason: None, until: None };
            drop(run(stage.desk("ann").lock(locked)).unwrap());
        },
        Reason::Locked,
    );
    refused(
        "no driver could",
        |stage, _| stage.world.lock().unwrap().rooted.extend(["app".to_owned()]),
        Reason::NoCleanup,
    );
    refused("a driver lacks its program", |_, eve| eve.driver.lack(), Reason::Invalid);
}

#[test]
fn what_cannot_be_stopped_is_named_with_what_would_help() {
    let stage = shop_on_green();
    stage.world.lock().unwrap().rooted.insert("app".to_owned());
    let halt = run(sided(&stage, "eve").clean(&order())).unwrap_err();
    let ending = halt.ending().unwrap();
    assert_eq!(
        (ending.message.as_str(), ending.next.as_str()),
        (
            "`blue` of `production` cannot be emptied: `app`: the fake driver stops nothing",
            "add `stops: true`"
        )
    );
}

#[test]
fn a_cleanup_that_failed_leaves_a_slot_that_nobody_trusts_and_is_done_again() {
    let stage = shop_on_green();
    let eve = sided(&stage, "eve");
    eve.driver.fail_once("app");
    let outcome = run(eve.clean(&order())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::NotEmptied);
    assert_eq!(outcome.ending.next, "lastgood switch --cleanup -e production, or deploy over it");
    assert_eq!(blue(&stage).0, Standing::Failed);
    assert!(stage.state().unknown.is_empty(), "what serves is as it was");
    assert_eq!(slots(&stage).steps(&pair().stable, &versions("1.0")).len(), 1, "driven anew");
    stage.told();
    assert_eq!(clean(&eve), Reason::Done);
    assert_eq!(blue(&stage), (Standing::Idle, String::new()));
    assert_eq!(stage.runs(), "app@green=2.0");
}

#[test]
fn a_driver_that_says_it_is_done_and_stopped_nothing_has_failed() {
    let stage = shop_on_green();
    stage.world.lock().unwrap().stubborn.insert("app".to_owned());
    let outcome = run(sided(&stage, "eve").clean(&order())).unwrap();
    assert_eq!(
        outcome.ending.message,
        "`blue` of `production` was not emptied: \
         `app`: the driver ended well and stopped nothing: `app` still runs"
    );
}

#[test]
fn a_rollback_to_what_was_emptied_brings_it_anew_and_looks_before_any_traffic() {
    let stage = shop_on_green();
    run(sided(&stage, "eve").clean(&order())).unwrap();
    stage.told();
    assert_eq!(reason(run(sided(&stage, "eve").rollback(&back()))), Reason::Returned);
    assert_eq!(
        stage.told()[..5],
        [
            "eve: started 4",
            "eve: rollback app@blue 1.0",
            "eve: service_done 4",
            "eve: verified 4",
            "eve: blue 100 %, green 0 %",
        ]
    );
    assert_eq!(stage.runs(), "app@blue=1.0 app@green=2.0");
}

#[test]
fn a_rollback_to_an_empty_slot_is_refused_where_nothing_can_be_driven() {
    let stage = shop_on_green();
    run(sided(&stage, "eve").clean(&order())).unwrap();
    stage.told();
    let mut eve = sided(&stage, "eve");
    eve.desk.ports.driver = None;
    assert_eq!(reason(run(eve.rollback(&back()))), Reason::Invalid);
    assert_eq!(stage.told(), [""; 0]);
    assert_eq!(shares(&stage), "blue 0 %, green 100 %");
}

#[test]
fn an_empty_slot_is_not_switched_to_and_the_next_deployment_fills_it() {
    let stage = shop_on_green();
    run(sided(&stage, "eve").clean(&order())).unwrap();
    assert_eq!(reason(run(sided(&stage, "eve").switch(&SwitchOrder::default()))), Reason::NotReady);
    let three = BeginOrder { act: Act::Driven, ..begin_order("3.0") };
    assert_eq!(reason(run(sided(&stage, "eve").deploy(&three))), Reason::Healthy);
    assert_eq!(stage.runs(), "app@blue=3.0 app@green=2.0");
    assert_eq!(shares(&stage), "blue 100 %, green 0 %");
}

#[test]
fn a_verdict_is_about_what_serves_and_not_about_a_cleanup() {
    let stage = shop_on_green();
    run(sided(&stage, "eve").clean(&order())).unwrap();
    let mut eve = sided(&stage, "eve");
    let ci = crate::domain::event::CiRun {
        provider: "ci".into(),
        id: "7".into(),
        attempt: None,
        url: None,
    };
    eve.desk.who.ci = Some(ci);
    let outcome = run(eve.verify(&look())).unwrap();
    assert_eq!(outcome.deployment.unwrap().n, 2);
}

#[test]
fn what_was_left_half_driven_is_emptied_whole() {
    let stage = shop_on_green();
    let bob = sided(&stage, "bob");
    bob.driver.fail_once("app");
    let three = BeginOrder { act: Act::Driven, ..begin_order("3.0") };
    assert_eq!(reason(run(bob.deploy(&three))), Reason::NotSwitched);
    assert_eq!(blue(&stage).0, Standing::Failed);
    assert_eq!(clean(&bob), Reason::Done);
    assert_eq!(stage.runs(), "app@green=2.0");
    assert_eq!(blue(&stage), (Standing::Idle, String::new()));
}

#[test]
fn killed_before_any_of_its_writes_a_cleanup_is_finished_and_does_nothing_twice() {
    for kill in 0..3 {
        let stage = shop_on_green();
        let bob = sided(&stage, "bob");
        killed_before(&bob, kill);
        assert!(run(bob.clean(&order())).is_err(), "kill {kill}");
        let was_stopped = stage.runs() == "app@green=2.0";
        let was_told = stage.told().contains(&"bob: service_done 3".to_owned());
        stage.later(Duration::from_secs(3600));
        let eve = sided(&stage, "eve");
        let resumed = reason(run(eve.resume(Ways::Finish)));
        let told = stage.told();
        one_serves(&stage, &format!("kill {kill}"));
        if kill == 0 {
            assert_eq!((resumed, was_stopped), (Reason::NothingToResume, false));
            continue;
        }
        assert_eq!(resumed, Reason::Done, "kill {kill}");
        assert_eq!(stage.runs(), "app@green=2.0", "kill {kill}");
        assert_eq!(blue(&stage), (Standing::Idle, String::new()), "kill {kill}");
        let again = told.contains(&"eve: stop app@blue".to_owned());
        assert_eq!(again, !was_told, "kill {kill}: {told:?}");
    }
}

#[test]
fn a_killed_cleanup_that_is_given_up_leaves_a_slot_that_nobody_trusts() {
    for kill in 1..3 {
        let stage = shop_on_green();
        let bob = sided(&stage, "bob");
        killed_before(&bob, kill);
        let _ = run(bob.clean(&order()));
        stage.later(Duration::from_secs(3600));
        let outcome = run(sided(&stage, "eve").resume(Ways::Undo)).unwrap();
        assert_eq!(outcome.ending.reason, Reason::Done);
        one_serves(&stage, &format!("kill {kill}"));
        assert_eq!(blue(&stage).0, Standing::Failed, "kill {kill}");
        assert_eq!(reason(run(sided(&stage, "eve").rollback(&back()))), Reason::Returned);
        assert_eq!(stage.runs(), "app@blue=1.0 app@green=2.0", "kill {kill}");
    }
}

#[test]
fn a_killed_cleanup_stops_nothing_more_where_a_person_moved_traffic_meanwhile() {
    let stage = shop_on_green();
    let bob = sided(&stage, "bob");
    killed_before(&bob, 1);
    bob.driver.fail("app");
    let _ = run(bob.clean(&order()));
    *stage.shares.lock().unwrap() = Shares::all(&pair(), &pair().stable);
    stage.later(Duration::from_secs(3600));
    let eve = sided(&stage, "eve");
    assert_eq!(reason(run(eve.resume(Ways::Finish))), Reason::MayServe);
    assert_eq!(stage.runs(), "app@blue=1.0 app@green=2.0");
    assert!(stage.state().open().next().is_none());
    assert_eq!(blue(&stage).0, Standing::Failed, "nobody knows how far it came");
}

#[test]
fn a_dry_resume_shows_what_is_left_to_stop() {
    let stage = shop_on_green();
    let bob = sided(&stage, "bob");
    killed_before(&bob, 1);
    let _ = run(bob.clean(&order()));
    stage.later(Duration::from_secs(3600));
    let commands = |ways| {
        let outcome = run(sided(&stage, "eve").plan_resume(ways)).unwrap();
        let crate::domain::outcome::More::Planned { plan } = outcome.more else { panic!("none") };
        plan.into_iter().flat_map(|line| line.commands).collect::<Vec<_>>()
    };
    assert_eq!(commands(Ways::Finish), ["./stop app@blue"]);
    assert_eq!(commands(Ways::Undo), [""; 0]);
}

#[test]
fn an_archived_cleanup_brings_nothing_back() {
    let stage = shop_on_green();
    run(sided(&stage, "eve").clean(&order())).unwrap();
    for version in ["3.0", "4.0", "5.0"] {
        let next = BeginOrder { act: Act::Driven, ..begin_order(version) };
        run(sided(&stage, "bob").deploy(&next)).unwrap();
    }
    let keep = crate::domain::archive::Extent::Keep(1);
    run(sided(&stage, "ann").prune(keep)).unwrap();
    let slots = slots(&stage);
    let idle = slots.idle().clone();
    assert!(!slots.holds(&idle).values().any(|version| version.version == "1.0"));
    assert!(!slots.is_sure(&idle), "what it holds stands in the archive alone");
    assert_eq!(clean(&sided(&stage, "eve")), Reason::Done);
    one_serves(&stage, "after the archive");
    assert_eq!(stage.runs().split(' ').count(), 1, "{}", stage.runs());
}

/// `api` and `web`: 2.0 serves in `green`, and `blue` still holds 1.0 of both.
fn pair_on_green() -> Stage {
    let stage = Stage::default();
    *stage.shares.lock().unwrap() = Shares::all(&pair(), &pair().stable);
    stage.ship("api@blue=1.0 web@blue=1.0");
    let ann = sided(&stage, "ann");
    let both = versions("api=1.0 web=1.0");
    run(ann.record(&ann.record_order(both, Some(commit('a'))))).unwrap();
    run(ann.verify(&look())).unwrap();
    let two = BeginOrder { act: Act::Driven, ..begin_order("api=2.0 web=2.0") };
    assert_eq!(reason(run(sided(&stage, "bob").deploy(&two))), Reason::Healthy);
    stage.told();
    stage
}

/// Nobody doubts what serves, whatever is known of the slot that does not.
fn only_the_slot_is_doubtful(stage: &Stage, serving: &str) {
    assert!(stage.state().unknown.is_empty(), "{:?}", stage.state().unknown);
    assert_eq!(blue(stage).0, Standing::Failed);
    assert!(!slots(stage).is_sure(&pair().stable));
    stage.sicken(serving);
    assert_eq!(reason(run(sided(stage, "ida").verify(&guard()))), Reason::RolledBack);
}

/// Other steps bring a newer `web` to the slot that serves.
fn newer_web(stage: &Stage) {
    stage.ship("web@green=2.1");
    let ann = sided(stage, "ann");
    run(ann.record(&ann.record_order(versions("web=2.1"), Some(commit('c'))))).unwrap();
}

#[test]
fn a_cleanup_that_was_taken_over_while_it_stopped_something_leaves_what_serves_known() {
    let stage = shop_on_green();
    let bob = sided(&stage, "bob");
    let meanwhile = stage.clone();
    bob.driver.meanwhile(move || {
        meanwhile.later(Duration::from_secs(3600));
        let resumed = run(sided(&meanwhile, "eve").resume(Ways::Finish));
        assert_eq!(reason(resumed), Reason::Done);
    });
    assert_eq!(clean(&bob), Reason::Overtaken);
    assert_eq!(stage.told().pop().as_deref(), Some("bob: strayed 3"));
    only_the_slot_is_doubtful(&stage, "2.0");
}

#[test]
fn a_cleanup_that_a_record_has_passed_leaves_what_serves_known() {
    let stage = pair_on_green();
    let bob = sided(&stage, "bob");
    let meanwhile = stage.clone();
    bob.driver.meanwhile(move || {
        newer_web(&meanwhile);
    });
    assert_eq!(clean(&bob), Reason::Overtaken);
    assert!(stage.state().open().next().is_none());
    assert!(stage.runs().contains("web@blue=1.0"), "{}", stage.runs());
    only_the_slot_is_doubtful(&stage, "2.1");
}

#[test]
fn a_killed_cleanup_that_something_newer_has_passed_is_closed_and_what_serves_is_known() {
    let stage = pair_on_green();
    let bob = sided(&stage, "bob");
    killed_before(&bob, 1);
    let _ = run(bob.clean(&order()));
    newer_web(&stage);
    stage.later(Duration::from_secs(3600));
    assert_eq!(reason(run(sided(&stage, "eve").resume(Ways::Finish))), Reason::Done);
    only_the_slot_is_doubtful(&stage, "2.1");
}

/// A cleanup was killed once it had stopped `api`, and what serves is sick.
fn killed_and_sick() -> Stage {
    let stage = pair_on_green();
    let bob = sided(&stage, "bob");
    killed_before(&bob, 1);
    assert!(run(bob.clean(&order())).is_err());
    assert_eq!(stage.runs(), "api@green=2.0 web@blue=1.0 web@green=2.0");
    stage.later(Duration::from_secs(3600));
    stage.sicken("2.0");
    stage.told();
    stage
}

#[test]
fn a_gate_that_may_act_gives_a_killed_cleanup_up_and_looks_at_what_serves() {
    let stage = killed_and_sick();
    assert_eq!(reason(run(sided(&stage, "eve").verify(&guard()))), Reason::RolledBack);
    let told = stage.told();
    assert_eq!(told[..3], ["eve: resumed 3", "eve: finished 3", "eve: verified 2, unstable 2"]);
    assert!(!told.iter().any(|line| line.contains("stop")), "{told:?}");
    assert_eq!(stage.runs(), "api@blue=1.0 api@green=2.0 web@blue=1.0 web@green=2.0");
    let finished = stage.state().operations[2].finished.clone().unwrap();
    assert_eq!(finished.outcome, FinishOutcome::Undone);
}

#[test]
fn a_gate_that_may_act_looks_though_the_cleanup_could_not_be_finished() {
    type Against = fn(&Writer);
    let cases: [(&str, Against); 2] =
        [("a mute router", |eve| eve.router.mute()), ("no driver", |eve| eve.driver.lack())];
    for (what, against) in cases {
        let stage = killed_and_sick();
        let eve = sided(&stage, "eve");
        against(&eve);
        let _ = run(eve.verify(&guard()));
        let told = stage.told();
        assert!(told.contains(&"eve: verified 2, unstable 2".to_owned()), "{what}: {told:?}");
    }
}

#[test]
fn a_killed_cleanup_is_given_up_where_no_driver_is_ready() {
    let stage = killed_and_sick();
    let eve = sided(&stage, "eve");
    eve.driver.lack();
    assert_eq!(reason(run(eve.resume(Ways::Finish))), Reason::Invalid);
    assert_eq!(reason(run(eve.resume(Ways::Undo))), Reason::Done);
    assert!(stage.state().open().next().is_none());
}

#[test]
fn a_cleanup_that_touched_nothing_keeps_the_quick_way_back() {
    let stage = shop_on_green();
    let eve = sided(&stage, "eve");
    eve.router.stammer(1);
    assert_eq!(clean(&eve), Reason::MayServe);
    let finished = stage.state().operations[2].finished.clone().unwrap();
    assert_eq!(
        (finished.outcome, finished.message.as_str()),
        (
            FinishOutcome::Undone,
            "`blue` of `production` is not emptied: \
             how traffic is shared could not be read: it says nothing"
        )
    );
    assert_eq!(blue(&stage), (Standing::Idle, "1.0".to_owned()));
    assert!(slots(&stage).is_sure(&pair().stable));
    stage.told();
    assert_eq!(reason(run(eve.rollback(&back()))), Reason::Returned);
    let told = stage.told();
    assert!(!told.iter().any(|line| line.contains("rollback")), "nothing is driven: {told:?}");
}

#[test]
fn a_cleanup_asks_the_router_before_each_stop_and_says_how_far_it_came() {
    let stage = pair_on_green();
    let eve = sided(&stage, "eve");
    let meanwhile = stage.clone();
    eve.driver.meanwhile(move || {
        *meanwhile.shares.lock().unwrap() = Shares::all(&pair(), &pair().stable);
    });
    let ending = run(eve.clean(&order())).unwrap_err().ending().unwrap();
    assert_eq!(
        (ending.reason, ending.message.as_str()),
        (
            Reason::MayServe,
            "`blue` of `production` is not emptied: \
             the router gives blue 100 %, green 0 %; `api` 1.0 is stopped already"
        )
    );
    assert_eq!(
        stage.told(),
        ["eve: started 3", "eve: stop api@blue", "eve: service_done 3", "eve: finished 3"]
    );
    assert_eq!(stage.runs(), "api@green=2.0 web@blue=1.0 web@green=2.0");
    assert_eq!(blue(&stage).0, Standing::Failed);
    let state = stage.state();
    assert!(state.open().next().is_none());
    assert!(!state.unknown.contains_key(&service("api")));
}

#[test]
fn what_was_emptied_in_part_is_not_ready_for_a_reason_of_its_own() {
    let stage = shop_on_green();
    let eve = sided(&stage, "eve");
    eve.driver.fail_once("app");
    assert_eq!(clean(&eve), Reason::NotEmptied);
    let ending = run(eve.switch(&SwitchOrder::default())).unwrap_err().ending().unwrap();
    assert_eq!(
        (ending.reason, ending.message.as_str()),
        (
            Reason::NotReady,
            "`blue` of `production` was emptied only in part; deploy over it, or empty it again"
        )
    );
}

#[test]
fn a_switch_lies_on_the_commit_of_what_the_slot_holds_and_not_on_a_cleanup() {
    let stage = shop_on_green();
    let three = BeginOrder { commit: Some(commit('c')), act: Act::Driven, ..begin_order("3.0") };
    assert_eq!(reason(run(sided(&stage, "bob").deploy(&three))), Reason::Healthy);
    let eve = sided(&stage, "eve");
    eve.router.stammer(1);
    assert_eq!(clean(&eve), Reason::MayServe);
    let insist = SwitchOrder { insistence: Insistence::Forced, ..SwitchOrder::default() };
    assert_eq!(reason(run(eve.switch(&insist))), Reason::Healthy);
    assert_eq!(stage.state().current().unwrap().commit(), Some(&commit('b')));
}
