//! Paused at any point, woken after a takeover: the ledger stays true.

use crate::killed::{points, tell, three_services, three_services_twice};
use crate::world::{World, for_each_at_once, until};

const NEW: &str = "--service db=2 --service api=2 --service web=2";
const NEWER: &str = "--service db=3 --service api=3 --service web=3";

/// Of those in flight at once several could stray: one by one it is known which.
const ONE_BY_ONE: &str = "--strategy service-by-service";

/// Pauses a call at each of its points, lets others take over and deploy, and wakes it.
fn woken_at_each(story: &str, start: &World, verb: impl Fn(&World) -> String + Sync) {
    let points = points(start, &verb);
    tell(story, points.len());
    for_each_at_once(&points, |point| {
        let world = start.copy();
        let at = world.at("ci").faulty("LASTGOOD_FAULT", &format!("stop:{point}"));
        let mut zombie = at.spawn(&verb(&world));
        until("it pauses", || zombie.is_stopped() || zombie.is_over());
        assert!(!zombie.is_over(), "{point}");
        let other = world.at("ci").with("--actor operator");
        let resumed = other.resume();
        assert!(matches!(resumed.code, Some(0 | 4)), "{point}: {resumed}");
        other.deploy(NEWER).ends(0, "healthy");
        world.holds_true(point);
        zombie.signal("CONT");
        let told = zombie.ended();
        slept_harmlessly(&world, point, &told);
    });
}

fn slept_harmlessly(world: &World, point: &str, told: &crate::world::Told) {
    world.holds_true(&format!("{point}, woken: {told}"));
    let status = world.at("ci").status();
    assert!(status["in_progress"].is_null(), "{point}: {told}");
    let never_begun = point == "write started before 1";
    let unknown = status["unknown"].as_array().unwrap().len();
    match told.code {
        // Its intent had not reached the remote: then it is the newest of all.
        Some(0) if never_begun => assert_eq!(status["current"]["n"], told.n(), "{point}"),
        Some(_) if never_begun => assert_eq!(told.reason(), "quarantined", "{point}: {told}"),
        Some(5) => assert_eq!(told.reason(), "overtaken", "{point}: {told}"),
        // It had driven everything, and found its own work judged or replaced.
        Some(0 | 7) => assert_eq!(unknown, 0, "{point}: {told}"),
        _ => panic!("{point}: {told}"),
    }
    // Whoever was about to drive, or had just driven, drove behind the ledger's back.
    assert_eq!(unknown, usize::from(strays(point)), "{point}: {told}");
    let numbers: Vec<u64> =
        world.at("ci").history().iter().filter_map(|told| told["n"].as_u64()).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] > pair[1]), "{point}: {numbers:?}");
    if unknown > 0 {
        known_again_after_a_deploy(world, point);
    }
}

fn strays(point: &str) -> bool {
    point.starts_with("drive") || point.starts_with("write service_done before")
}

/// Automatic action holds while something is unknown; a deploy that covers it ends that.
fn known_again_after_a_deploy(world: &World, point: &str) {
    let told = world.at("ci").verify_and_act();
    assert!(matches!(told.code, Some(0 | 7)), "{point}: {told}");
    world.at("ci").deploy("--service db=4 --service api=4 --service web=4").ends(0, "healthy");
    let status = world.at("ci").status();
    assert_eq!(status["unknown"].as_array().unwrap().len(), 0, "{point}");
    world.holds_true(point);
}

#[test]
fn a_deploy_that_was_paused_at_any_point_never_makes_the_ledger_lie() {
    woken_at_each("paused deploy", &three_services(), |world| {
        world.at("ci").deploy_verb(&format!("{ONE_BY_ONE} {NEW}"))
    });
}

#[test]
fn a_rollback_that_was_paused_at_any_point_never_makes_the_ledger_lie() {
    woken_at_each("paused rollback", &three_services_twice(), |world| {
        world.at("ci").rollback_verb(ONE_BY_ONE)
    });
}
