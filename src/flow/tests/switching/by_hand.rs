//! A person moves the traffic to the other slot.

use super::*;

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
