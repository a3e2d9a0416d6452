//! Traffic moves in stages, and back where one gets worse.

use super::*;

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
fn no_traffic_moves_in_stages_where_there_are_none() {
    let stage = shop();
    let order = BeginOrder { strategy: Some(Strategy::Gradual), ..two() };
    assert_eq!(reason(run(sided(&stage, "bob").deploy(&order))), Reason::Invalid);
    assert_eq!(reason(run(stage.desk("bob").deploy(&order))), Reason::Invalid);
    assert_eq!(stage.told(), [""; 0]);
}
