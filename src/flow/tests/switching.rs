//! Two slots: what serves, and how the traffic moves.

use std::time::Duration;

use super::super::fakes::{
    Sight, Stage, Writer, checks_of, commit, morning, reason, run, slots as pair, versions,
};
use super::super::mark::Mark;
use super::super::resume::Ways;
use super::super::switch::SwitchOrder;
use super::recording::begin_order;
use super::rolling_back::back;
use super::taking_over::killed_before;
use super::verifying::{guard, look};
use crate::domain::archive::Extent;
use crate::domain::ending::Reason;
use crate::domain::event::{Act, Kind};
use crate::domain::outcome::More;
use crate::domain::policy::{Stage as Share, Strategy, Switching};
use crate::domain::slots::Shares;
use crate::flow::begin::BeginOrder;
use crate::flow::cancel::CancelOrder;
use crate::flow::clean::CleanOrder;
use crate::ports::Side;

/// Connects someone to the router and to both slots.
pub(super) fn sided(stage: &Stage, name: &str) -> Writer {
    let mut writer = stage.desk(name);
    let desk = &mut writer.desk;
    desk.ports.router = Some(writer.router.clone());
    desk.ports.checks = checks_of(&stage.world, Sight::Served(stage.shares.clone()));
    for slot in pair().both() {
        let checks = checks_of(&stage.world, Sight::Slot(slot.clone()));
        let side = Side { checks, ..Side::default() };
        desk.ports.sides.insert(slot.clone(), side);
    }
    writer
}

/// `app` is stable at 1.0 in `blue`, which serves.
pub(super) fn shop() -> Stage {
    let stage = Stage::default();
    *stage.shares.lock().unwrap() = Shares::all(&pair(), &pair().stable);
    stage.ship("app@blue=1.0");
    let ann = sided(&stage, "ann");
    run(ann.record(&ann.record_order(versions("1.0"), Some(commit('a'))))).unwrap();
    run(ann.verify(&look())).unwrap();
    stage.told();
    stage
}

pub(super) fn two() -> BeginOrder {
    BeginOrder { act: Act::Driven, ..begin_order("2.0") }
}

pub(super) fn gradually(writer: &mut Writer) {
    let hold = Duration::from_secs(60);
    let stage = |traffic| Share { traffic, hold, max: hold };
    writer.desk.policy.deploy.strategy = Strategy::Gradual;
    writer.desk.policy.deploy.stages = vec![stage(25), stage(50), Share::last()];
    writer.desk.policy.rollback.strategy = Strategy::Gradual;
    writer.desk.policy.rollback.stages = vec![stage(50), Share::last()];
}

pub(super) fn shares(stage: &Stage) -> String {
    stage.shares.lock().unwrap().to_string()
}

#[test]
fn a_deployment_goes_to_the_idle_slot_and_the_traffic_after_the_gate() {
    let stage = shop();
    let outcome = run(sided(&stage, "bob").deploy(&two())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::Healthy);
    assert_eq!(
        stage.told(),
        [
            "bob: started 2",
            "bob: deploy app@green 2.0",
            "bob: service_done 2",
            "bob: verified 2",
            "bob: blue 0 %, green 100 %",
            "bob: drain blue",
            "bob: deployed 2, finished 2, +deploy/production/2",
            "bob: verified 2, stable 2, +stable/production/2",
        ]
    );
    let state = stage.state();
    assert_eq!(state.versions(), versions("2.0"));
    let finished = state.operations[1].finished.as_ref().unwrap();
    assert_eq!(finished.traffic.as_ref().unwrap().to_string(), "blue 0 %, green 100 %");
}

#[test]
fn what_is_sick_at_the_idle_slot_gets_no_traffic() {
    let stage = shop();
    stage.sicken("2.0");
    assert_eq!(reason(run(sided(&stage, "bob").deploy(&two()))), Reason::NotSwitched);
    assert_eq!(shares(&stage), "blue 100 %, green 0 %");
    let state = stage.state();
    assert_eq!(state.versions(), versions("1.0"));
    assert!(state.open().next().is_none());
}

#[test]
fn a_driver_that_fails_at_the_idle_slot_leaves_what_serves_alone() {
    let stage = shop();
    let bob = sided(&stage, "bob");
    bob.driver.fail("app");
    assert_eq!(reason(run(bob.deploy(&two()))), Reason::NotSwitched);
    assert_eq!(shares(&stage), "blue 100 %, green 0 %");
    assert!(stage.state().unknown.is_empty());
}

#[test]
fn a_rollback_returns_to_the_slot_that_still_holds_it_and_drives_nothing() {
    let stage = shop();
    run(sided(&stage, "bob").deploy(&two())).unwrap();
    stage.told();
    let outcome = run(sided(&stage, "eve").rollback(&back())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::Returned);
    assert_eq!(
        stage.told(),
        [
            "eve: started 3",
            "eve: blue 100 %, green 0 %",
            "eve: drain green",
            "eve: deployed 3, finished 3, +deploy/production/3, -stable/production/2",
            "eve: verified 3, stable 3",
        ]
    );
    let forward = run(sided(&stage, "eve").cancel(&CancelOrder::default())).unwrap();
    assert_eq!(forward.ending.reason, Reason::Done);
    assert_eq!(shares(&stage), "blue 0 %, green 100 %");
}

#[test]
fn what_somebody_stopped_at_the_slot_is_brought_anew_before_the_traffic_goes_back() {
    let stage = shop();
    run(sided(&stage, "bob").deploy(&two())).unwrap();
    stage.ship("app@blue=9.9");
    stage.told();
    let outcome = run(sided(&stage, "eve").rollback(&back())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::Returned);
    let told = stage.told();
    let place = |line: &str| told.iter().position(|told| told == line).unwrap();
    assert!(place("eve: rollback app@blue 1.0") < place("eve: blue 100 %, green 0 %"));
    assert!(stage.runs().contains("app@blue=1.0"));
}

#[test]
fn the_slot_that_serves_is_known_after_the_environment_was_retired() {
    let stage = shop();
    run(sided(&stage, "bob").deploy(&two())).unwrap();
    run(sided(&stage, "ann").prune(Extent::Retire)).unwrap();
    let ann = sided(&stage, "ann");
    run(ann.record(&ann.record_order(versions("2.0"), Some(commit('b'))))).unwrap();
    run(ann.verify(&look())).unwrap();
    one_serves(&stage, "after it was retired");
    let three = BeginOrder { act: Act::Driven, ..begin_order("3.0") };
    assert_eq!(reason(run(sided(&stage, "bob").deploy(&three))), Reason::Healthy);
    one_serves(&stage, "and deployed to again");
}

#[test]
fn traffic_moves_in_stages_and_each_is_looked_at() {
    let stage = shop();
    let mut bob = sided(&stage, "bob");
    gradually(&mut bob);
    assert_eq!(reason(run(bob.deploy(&two()))), Reason::Healthy);
    let told = stage.told();
    let moves: Vec<&String> = told.iter().filter(|line| line.contains('%')).collect();
    let all = ["blue 75 %, green 25 %", "blue 50 %, green 50 %", "blue 0 %, green 100 %"];
    assert_eq!(moves, all.map(|shares| format!("bob: {shares}")).iter().collect::<Vec<_>>());
    let waited = bob.now().duration_since(morning()).as_secs();
    assert!(waited >= 120, "each stage is held: {waited} s");
}

#[test]
fn a_stage_that_gets_worse_gives_all_traffic_back_at_once() {
    let stage = shop();
    let mut bob = sided(&stage, "bob");
    gradually(&mut bob);
    let world = stage.world.clone();
    bob.router.meanwhile(move || {
        world.lock().unwrap().sick.insert("2.0".to_owned());
    });
    assert_eq!(reason(run(bob.deploy(&two()))), Reason::NotSwitched);
    let told = stage.told();
    let moves: Vec<&String> = told.iter().filter(|line| line.contains('%')).collect();
    assert_eq!(moves, ["bob: blue 75 %, green 25 %", "bob: blue 100 %, green 0 %"]);
    assert_eq!(stage.state().versions(), versions("1.0"));
}

#[test]
fn on_the_way_back_a_stage_that_gets_worse_is_cut_short() {
    let stage = shop();
    run(sided(&stage, "bob").deploy(&two())).unwrap();
    stage.sicken("2.0");
    stage.told();
    let mut eve = sided(&stage, "eve");
    gradually(&mut eve);
    // What people see, beside what the slot that they go to says of itself.
    for bound in &mut eve.desk.ports.checks {
        bound.check.name = "people are served".to_owned();
    }
    let before = eve.now();
    assert_eq!(reason(run(eve.rollback(&back()))), Reason::Returned);
    assert!(eve.now().duration_since(before).as_secs() < 60);
    assert_eq!(shares(&stage), "blue 100 %, green 0 %");
}

#[test]
fn a_switch_to_the_same_versions_is_written_as_what_it_is() {
    let stage = shop();
    let mut bob = sided(&stage, "bob");
    bob.desk.policy.deploy.switch = Switching::Manual;
    let same = BeginOrder { act: Act::Driven, ..begin_order("1.0") };
    assert_eq!(reason(run(bob.deploy(&same))), Reason::Ready);
    let planned = run(bob.plan_switch(&SwitchOrder::default())).unwrap();
    let More::Planned { plan } = planned.more else { panic!("a plan") };
    assert_eq!(plan[0].commands, ["share blue 0 %, green 100 %"]);
    assert_eq!(reason(run(bob.switch(&SwitchOrder::default()))), Reason::Healthy);
    one_serves(&stage, "after a switch to the same");
    assert_eq!(shares(&stage), "blue 0 %, green 100 %");
}

#[test]
fn a_slot_where_a_forced_switch_failed_to_bring_something_is_not_trusted() {
    let stage = shop();
    run(sided(&stage, "bob").deploy(&two())).unwrap();
    let add = versions("app=2.0 new=1.0");
    let both = BeginOrder { versions: add, ..two() };
    stage.ship("new@green=1.0");
    let ann = sided(&stage, "ann");
    let order = ann.record_order(both.versions.clone(), both.commit.clone());
    run(ann.record(&order)).unwrap();
    run(ann.verify(&look())).unwrap();
    let bob = sided(&stage, "bob");
    bob.driver.fail("*");
    let forced = SwitchOrder {
        insistence: crate::domain::admission::Insistence::Forced,
        reason: Some("it burns".to_owned()),
        ..SwitchOrder::default()
    };
    let _ = run(bob.switch(&forced));
    let state = stage.state();
    let slots = crate::domain::slotted::Slots::of(&state, &pair());
    let whole = slots.steps(slots.idle(), &versions("app=1.0")).is_empty();
    let driven = stage.told().iter().any(|line| line.contains("fails"));
    assert!(driven, "something had to be brought");
    assert!(!whole, "what failed at a slot is brought anew");
}

#[test]
fn what_could_not_be_rolled_forward_is_neither_judged_nor_stable() {
    let stage = shop();
    run(sided(&stage, "bob").deploy(&two())).unwrap();
    run(sided(&stage, "eve").rollback(&back())).unwrap();
    // The slot holds something else by now, so that it is driven before the router fails.
    stage.sicken("3.0");
    let three = BeginOrder { act: Act::Driven, ..begin_order("3.0") };
    assert_eq!(reason(run(sided(&stage, "bob").deploy(&three))), Reason::NotSwitched);
    let eve = sided(&stage, "eve");
    eve.router.fail(1);
    stage.told();
    let outcome = run(eve.cancel(&CancelOrder::default())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::RouterFailed);
    let told = outcome.rollback.unwrap();
    assert_eq!((told.rolled_back_services.len(), told.skipped_services.len()), (0, 1));
    assert!(!stage.told().iter().any(|line| line.contains("stable")));
}

#[test]
fn a_router_that_fails_is_asked_for_what_was_before() {
    let stage = shop();
    let bob = sided(&stage, "bob");
    bob.router.fail(1);
    let outcome = run(bob.deploy(&two())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::RouterFailed);
    assert!(
        outcome.ending.message.ends_with("No such server; all traffic is at `blue` as before"),
        "{}",
        outcome.ending.message
    );
}

#[test]
fn a_person_switches_what_is_ready_and_nothing_else() {
    let stage = shop();
    let by_hand = |name| {
        let mut writer = sided(&stage, name);
        writer.desk.policy.deploy.switch = Switching::Manual;
        writer
    };
    let order = SwitchOrder::default();
    assert_eq!(reason(run(by_hand("bob").switch(&order))), Reason::NotReady);
    assert_eq!(reason(run(by_hand("bob").deploy(&two()))), Reason::Ready);
    assert_eq!(shares(&stage), "blue 100 %, green 0 %");
    assert_eq!(stage.state().versions(), versions("1.0"));
    assert_eq!(reason(run(by_hand("bob").switch(&order))), Reason::Healthy);
    assert_eq!(shares(&stage), "blue 0 %, green 100 %");
    let state = stage.state();
    assert_eq!((state.versions(), state.current().unwrap().kind), (versions("2.0"), Kind::Switch));
    assert_eq!(reason(run(by_hand("bob").switch(&order))), Reason::NotReady, "blue served before");
}

/// What holds after whatever happened: one slot is live, all traffic is there, and it runs what it should.
pub(super) fn one_serves(stage: &Stage, told: &str) {
    let state = stage.state();
    assert!(state.open().next().is_none(), "{told}");
    let slots = crate::domain::slotted::Slots::of(&state, &pair());
    let served = stage.shares.lock().unwrap().sole().cloned();
    assert_eq!(served.as_ref(), Some(slots.live()), "{told}");
    let version = state.versions().into_values().next().unwrap().version;
    let live = format!("app@{}={version}", slots.live());
    assert!(stage.runs().contains(&live), "{told}: {}", stage.runs());
    let held = slots.holds(slots.idle()).into_values().next();
    let is_trusted = slots.steps(slots.idle(), &slots.holds(slots.idle())).is_empty();
    if let (Some(held), true) = (held, is_trusted) {
        let idle = format!("app@{}={}", slots.idle(), held.version);
        assert!(stage.runs().contains(&idle), "{told}: {}", stage.runs());
    }
}

#[test]
fn killed_before_any_of_its_writes_a_move_ends_with_one_live_slot_however_it_is_taken_up() {
    for (kill, ways, is_gradual, sickens) in cases() {
        for verb in ["deploy", "rollback"] {
            let stage = shop();
            let by = |name: &str| {
                let mut writer = sided(&stage, name);
                if is_gradual {
                    gradually(&mut writer);
                }
                writer
            };
            if verb == "rollback" {
                run(sided(&stage, "ann").deploy(&two())).unwrap();
            }
            let bob = by("bob");
            killed_before(&bob, kill);
            let _ = match verb {
                "deploy" => run(bob.deploy(&two())),
                _ => run(bob.rollback(&back())),
            };
            if sickens {
                stage.sicken(if verb == "deploy" { "2.0" } else { "1.0" });
            }
            stage.later(Duration::from_secs(3600));
            let _ = run(by("eve").resume(ways));
            let how = format!("{verb}, kill {kill}, {ways:?}, gradual {is_gradual}, {sickens}");
            one_serves(&stage, &how);
        }
    }
}

fn cases() -> Vec<(usize, Ways, bool, bool)> {
    let mut cases = Vec::new();
    for kill in 1..12 {
        for ways in [Ways::Finish, Ways::Undo] {
            for is_gradual in [false, true] {
                for sickens in [false, true] {
                    cases.push((kill, ways, is_gradual, sickens));
                }
            }
        }
    }
    cases
}

#[test]
fn a_slot_that_serves_by_the_routers_word_is_never_driven() {
    let stage = shop();
    *stage.shares.lock().unwrap() = Shares::of(&pair(), &pair().candidate, 25);
    assert_eq!(reason(run(sided(&stage, "bob").deploy(&two()))), Reason::MayServe);
    assert_eq!(stage.told(), [""; 0], "nothing is written either");
    assert_eq!(shares(&stage), "blue 75 %, green 25 %", "what a person did is left as it is");
    let given = run(sided(&stage, "bob").resume(Ways::Finish)).unwrap();
    assert_eq!(
        given.ending.message,
        "gave the traffic of `production` back: blue 100 %, green 0 %"
    );
}

/// `app` is at 3.0 in `blue`; `green` holds 2.0, which is bad, so that the way back is to bring 1.0 there.
fn two_back() -> Stage {
    let stage = shop();
    let ann = sided(&stage, "ann");
    for version in ["2.0", "3.0"] {
        let order = BeginOrder { act: Act::Driven, ..begin_order(version) };
        assert_eq!(reason(run(ann.deploy(&order))), Reason::Healthy);
    }
    run(ann.mark(2, &Mark::Bad, None)).unwrap();
    *stage.shares.lock().unwrap() = Shares::of(&pair(), &pair().candidate, 25);
    stage.told();
    stage
}

#[test]
fn a_way_back_that_would_drive_a_slot_that_serves_is_refused_before_it_is_written() {
    let stage = two_back();
    let bob = sided(&stage, "bob");
    assert_eq!(reason(run(bob.plan_rollback(&back()))), Reason::MayServe);
    assert_eq!(reason(run(bob.rollback(&back()))), Reason::MayServe);
    bob.router.mute();
    assert_eq!(reason(run(bob.rollback(&back()))), Reason::MayServe);
    assert_eq!(stage.told(), [""; 0]);
    assert_eq!(shares(&stage), "blue 75 %, green 25 %");
    assert!(stage.state().open().next().is_none());
}

#[test]
fn after_a_sick_verdict_that_refusal_needs_help() {
    let stage = two_back();
    stage.sicken("3.0");
    let outcome = run(sided(&stage, "bob").verify(&guard())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::RouterFailed);
    assert_eq!(stage.told(), ["bob: verified 3, unstable 3"]);
}

#[test]
fn what_was_fled_is_not_brought_to_a_slot_that_serves_either() {
    let stage = shop();
    let ann = sided(&stage, "ann");
    run(ann.deploy(&two())).unwrap();
    run(ann.rollback(&back())).unwrap();
    run(ann.clean(&CleanOrder::default())).unwrap();
    *stage.shares.lock().unwrap() = Shares::of(&pair(), &pair().candidate, 25);
    stage.told();
    let order = CancelOrder::default();
    assert_eq!(reason(run(ann.plan_cancel(&order))), Reason::MayServe);
    assert_eq!(reason(run(ann.cancel(&order))), Reason::MayServe);
    assert_eq!(stage.told(), [""; 0]);
}

#[test]
fn traffic_that_cannot_be_given_back_leaves_the_operation_open_for_resume() {
    let stage = shop();
    let mut bob = sided(&stage, "bob");
    gradually(&mut bob);
    let (world, router) = (stage.world.clone(), bob.router.clone());
    bob.router.meanwhile(move || {
        world.lock().unwrap().sick.insert("2.0".to_owned());
        router.fail(3);
    });
    assert_eq!(reason(run(bob.deploy(&two()))), Reason::RouterFailed);
    assert!(stage.state().open().next().is_some());
    stage.later(Duration::from_secs(3600));
    let _ = run(sided(&stage, "eve").resume(Ways::Finish));
    one_serves(&stage, "given back by whoever resumed");
}

#[test]
fn no_traffic_moves_in_stages_where_there_are_none() {
    let stage = shop();
    let order = BeginOrder { strategy: Some(Strategy::Gradual), ..two() };
    assert_eq!(reason(run(sided(&stage, "bob").deploy(&order))), Reason::Invalid);
    assert_eq!(reason(run(stage.desk("bob").deploy(&order))), Reason::Invalid);
    assert_eq!(stage.told(), [""; 0]);
}

#[test]
fn a_stage_asks_the_slot_that_the_traffic_goes_to() {
    let stage = shop();
    let mut bob = sided(&stage, "bob");
    gradually(&mut bob);
    // Only what asks the slot itself can see it: what serves is asked of `blue`.
    bob.desk.ports.checks =
        checks_of(&stage.world, Sight::Slot(pair().stable.clone())).into_iter().collect();
    let world = stage.world.clone();
    bob.router.meanwhile(move || {
        world.lock().unwrap().sick.insert("2.0".to_owned());
    });
    assert_eq!(reason(run(bob.deploy(&two()))), Reason::NotSwitched);
    assert_eq!(shares(&stage), "blue 100 %, green 0 %");
}

#[test]
fn what_a_killed_run_may_have_brought_to_a_slot_is_not_switched_to_after_it_was_undone() {
    let stage = shop();
    let by_hand = |name| {
        let mut writer = sided(&stage, name);
        writer.desk.policy.deploy.switch = Switching::Manual;
        writer
    };
    assert_eq!(reason(run(by_hand("bob").deploy(&two()))), Reason::Ready);
    let bob = by_hand("bob");
    // Right after its driver has brought 3.0 over what was ready.
    killed_before(&bob, 1);
    let _ = run(bob.deploy(&BeginOrder { act: Act::Driven, ..begin_order("3.0") }));
    assert_eq!(stage.runs(), "app@blue=1.0 app@green=3.0");
    stage.later(Duration::from_secs(3600));
    assert_eq!(reason(run(by_hand("eve").resume(Ways::Undo))), Reason::Done);
    assert_eq!(reason(run(by_hand("eve").switch(&SwitchOrder::default()))), Reason::NotReady);
    assert_eq!(shares(&stage), "blue 100 %, green 0 %");
}

#[test]
fn a_plan_shows_what_is_driven_at_the_slot_and_how_the_traffic_follows() {
    let stage = shop();
    let commands = |outcome: crate::domain::outcome::Outcome| {
        let lines = match (outcome.rollback, outcome.more) {
            (Some(told), _) => told.plan,
            (None, More::Planned { plan, .. }) => plan,
            (None, _) => Vec::new(),
        };
        lines.into_iter().flat_map(|line| line.commands).collect::<Vec<_>>()
    };
    let mut bob = sided(&stage, "bob");
    gradually(&mut bob);
    let forward = [
        "./deploy app 2.0",
        "share blue 75 %, green 25 %",
        "share blue 50 %, green 50 %",
        "share blue 0 %, green 100 %",
    ];
    assert_eq!(commands(run(bob.plan_deploy(&two())).unwrap()), forward);
    run(sided(&stage, "bob").deploy(&two())).unwrap();
    let back_at_once = ["share blue 100 %, green 0 %"];
    let eve = sided(&stage, "eve");
    assert_eq!(commands(run(eve.plan_rollback(&back())).unwrap()), back_at_once, "blue holds it");
    bob.desk.policy.deploy.switch = Switching::Manual;
    let three = BeginOrder { act: Act::Driven, ..begin_order("3.0") };
    assert_eq!(commands(run(bob.plan_deploy(&three)).unwrap()), ["./deploy app 3.0"]);
}
