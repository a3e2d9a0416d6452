//! Moves of traffic that were killed, and who takes them up.

use super::*;

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
