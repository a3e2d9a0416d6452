//! Cases of Argo Rollouts: what checks know of each other.

use serde_json::Value;

use crate::domain::vectors::{Count, cases, is_under_way, load};
use crate::domain::verdict::Outcome;

use super::*;

/// Adds a check of which the words say what it found, and whether it counts.
fn with(world: World, words: &str) -> World {
    let says = |word: &str| words.to_lowercase().contains(word);
    let act = match () {
        () if says("failed") => fails(),
        () if says("error") => Act::Say(secs(0), Measurement::error("no instrument")),
        () if says("inconclusive") => Act::Say(secs(0), Measurement::inconclusive("no data")),
        () if says("success") || says("nothing failing") => passes(),
        () => panic!("`{words}` is not understood"),
    };
    // One look is enough, so that what it found is told while the others still look.
    let mut world = world.watch("other", [act]);
    let limits = &mut world.last().limits;
    (limits.count, limits.error_limit) = (Some(1), 0);
    if says("dry-run") { world.advisory() } else { world }
}

/// Returns whether a check that takes long is stopped.
fn is_stopped(case: &Value) -> bool {
    let words = case["state"].as_str().unwrap();
    let world = World::new();
    if words.contains("terminat") {
        world.halt.stop();
    }
    let bare = words.contains("no results") || words.contains("terminat");
    let mut world = if bare { world } else { with(world, words) }.watch("slow", [passes()]);
    world.last().limits.initial_delay = secs(60);
    endings(&world.observe().0).last() == Some(&Ending::Stopped)
}

#[test]
fn the_others_are_stopped_as_in_argos_tests() {
    let Some(file) = load("measurement_limits.json") else { return };
    let mut count = Count::default();
    for (id, case) in cases(&file, "terminating") {
        let words = case["state"].as_str().unwrap();
        let there = case["terminating"].as_bool().unwrap();
        let softer = words.contains("real metric Error") || words.contains("metric Inconclusive");
        if there && softer {
            let why = "only a fail stops the others: one that would come later is worse";
            assert!(!is_stopped(case), "{words}");
            count.departed(id, why);
        } else {
            assert_eq!(is_stopped(case), there, "{words}");
            count.held();
        }
    }
    count.of("terminating", cases(&file, "terminating").count());
}

/// Looks that take longer than the wait between them; each begins after the one before has ended.
#[test]
fn a_look_under_way_is_waited_for_and_never_doubled() {
    let Some(file) = load("measurement_limits.json") else { return };
    let mut count = Count::default();
    let under_way: Vec<_> =
        cases(&file, "scheduling").filter(|(_, case)| is_under_way(case)).collect();
    for (id, _) in &under_way {
        let slow = Act::Say(secs(4), Measurement::pass("200"));
        let mut world = World::new().watch("slow", [slow]);
        world.last().limits.interval = secs(1);
        let (report, transcript) = world.observe();
        let moments = ["4s slow measured 200", "9s slow measured 200", "14s slow measured 200"];
        assert_eq!(transcript[..3], moments, "{id}");
        assert_eq!(report.checks[0].outcome.outcome(), Outcome::Pass, "{id}");
        count.departed(id, "a look under way holds its check; it never asks to be resumed later");
    }
    count.of("scheduling, under way", under_way.len());
}
