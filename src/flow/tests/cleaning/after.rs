//! What a slot is good for after it was emptied.

use super::*;

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
