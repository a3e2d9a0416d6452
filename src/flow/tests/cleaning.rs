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

mod after;
mod killed;
mod meanwhile;

/// 2.0 serves in `green`, and `blue` still holds 1.0.
fn shop_on_green() -> Stage {
    let stage = shop();
    run(sided(&stage, "bob").deploy(&two())).unwrap();
    stage.told();
    stage
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
