//! What is old moves to the archive and stays within reach.

use std::collections::BTreeSet;

use crate::world::World;

const LIVE: &str = "refs/notes/lastgood/production";
const ARCHIVE: &str = "refs/notes/lastgood-archive/production";

fn configured(world: &World, keep: &str) {
    let text = format!("version: 1\nenvironments:\n  production:\n    keep: {{{keep}}}\n");
    std::fs::write(world.path("ci/lastgood.yml"), text).unwrap();
}

/// Eight deployments, of which all but the fifth are good and the second has a name.
fn eight() -> World {
    let world = World::new();
    world.sicken("app", "5.0");
    for n in 1..=8 {
        world.runs("app", &format!("{n}.0"));
        world.at("ci").run(&format!("record --version {n}.0")).ends(0, "recorded");
        if n != 5 {
            world.at("ci").verify().ends(0, "healthy");
        }
    }
    world.at("ci").run("mark 2 name before-summer").ends(0, "done");
    world
}

fn numbers(world: &World) -> Vec<u64> {
    world.at("ci").history().iter().filter_map(|told| told["n"].as_u64()).collect()
}

#[test]
fn pruning_moves_old_lines_and_tags_and_loses_nothing() {
    let world = eight();
    let before: BTreeSet<String> = world.lines(LIVE).into_iter().collect();
    configured(&world, "deployments: 3, tags: 2");
    let refs = world.refs();
    world.at("ci").run("prune --dry-run").ends(0, "planned");
    assert_eq!(world.refs(), refs);
    let told = world.at("ci").run("prune").ends(0, "done");
    assert!(told.json["moved_lines"].as_u64().unwrap() > 0, "{told}");
    let live: BTreeSet<String> = world.lines(LIVE).into_iter().collect();
    let archived: BTreeSet<String> = world.lines(ARCHIVE).into_iter().collect();
    assert!(live.len() < before.len());
    assert!(before.iter().all(|line| live.contains(line) != archived.contains(line)));
    let tags: BTreeSet<String> = world.tags().into_iter().collect();
    let kept = ["deploy/production/7", "deploy/production/8", "deploy/production/2"];
    let stable = ["stable/production/7", "stable/production/8", "stable/production/2"];
    assert_eq!(tags, kept.into_iter().chain(stable).map(ToOwned::to_owned).collect());
    assert_eq!(numbers(&world), (1..=8).rev().collect::<Vec<_>>());
    let refs = world.refs();
    world.at("ci").run("prune").ok();
    assert_eq!(world.refs(), refs, "a second time there is nothing to do");
}

#[test]
fn everything_that_was_archived_is_still_a_target() {
    let world = eight();
    configured(&world, "deployments: 2, tags: 2");
    world.at("ci").run("prune").ends(0, "done");
    world.at("ci").rollback("--to 1").ends(0, "returned");
    assert_eq!(world.running("app").unwrap(), "1.0");
    world.at("ci").rollback("--to before-summer").ends(0, "returned");
    assert_eq!(world.running("app").unwrap(), "2.0");
    world.at("ci").rollback("--to 3.0").ends(0, "returned");
    assert_eq!(world.running("app").unwrap(), "3.0");
    world.at("ci").rollback("--to 5").ends(6, "target_not_stable");
    assert_eq!(world.at("ci").status()["current"]["n"], 11);
}

#[test]
fn the_last_good_one_is_found_where_only_the_archive_has_it() {
    let world = World::new();
    world.runs("app", "1.0");
    world.at("ci").run("record --version 1.0").ends(0, "recorded");
    world.at("ci").verify().ends(0, "healthy");
    for n in 2..=6 {
        world.at("ci").run(&format!("record --version {n}.0")).ends(0, "recorded");
    }
    configured(&world, "deployments: 2, tags: 2");
    world.at("ci").run("prune").ends(0, "done");
    assert_eq!(world.newest_stable("ci"), "refs/tags/stable/production/1");
    assert_eq!(world.at("ci").status()["last_stable"]["n"], 1);
    world.runs("app", "6.0");
    world.sicken("app", "6.0");
    world.at("ci").verify_and_act().ends(4, "rolled_back");
    assert_eq!(world.running("app").unwrap(), "1.0");
}

#[test]
fn a_ledger_that_has_grown_is_archived_by_the_next_record() {
    let world = World::new();
    configured(&world, "deployments: 4, tags: 3");
    for n in 1..=12 {
        world.at("ci").run(&format!("record --version {n}.0")).ends(0, "recorded");
    }
    assert!(world.lines(LIVE).len() <= 8, "{:#?}", world.lines(LIVE));
    assert_eq!(numbers(&world), (1..=12).rev().collect::<Vec<_>>());
}

#[test]
fn archived_lines_that_a_hand_brings_back_have_no_effect_and_move_again() {
    let world = eight();
    let before = world.lines(LIVE);
    configured(&world, "deployments: 3, tags: 2");
    world.at("ci").run("prune").ends(0, "done");
    let (live, status) = (world.lines(LIVE), world.at("ci").status());
    for line in &before {
        world.write_line(line);
    }
    assert_eq!(world.at("ci").status(), status);
    let told = world.at("ci").run("doctor");
    assert!(told.out.contains("brought back"), "{told}");
    world.at("ci").run("prune").ends(0, "done");
    let (now, was): (BTreeSet<String>, BTreeSet<String>) =
        (world.lines(LIVE).into_iter().collect(), live.into_iter().collect());
    let back: Vec<_> = now.difference(&was).filter(|line| before.contains(line)).collect();
    assert!(back.is_empty(), "{back:#?}");
    assert_eq!(numbers(&world), (1..=8).rev().collect::<Vec<_>>());
}

#[test]
fn what_was_fled_from_stays_quarantined_after_it_was_archived() {
    let world = eight();
    world.at("ci").rollback("--to 7").ends(0, "returned");
    for n in 10..=14 {
        world.runs("app", &format!("{n}.0"));
        world.at("ci").run(&format!("record --version {n}.0")).ends(0, "recorded");
    }
    configured(&world, "deployments: 2, tags: 2");
    world.at("ci").run("prune").ends(0, "done");
    world.at("ci").run("begin --version 8.0").ends(6, "quarantined");
    world.at("ci").run("mark 8 good --reason repaired").ends(0, "done");
    world.at("ci").run("begin --version 8.0").ends(0, "begun");
}

#[test]
fn a_retired_environment_is_archived_whole_and_goes_on_counting_when_it_is_opened_again() {
    let world = eight();
    world.at("ci").run("prune --retire").ends(0, "done");
    assert_eq!(world.tags(), [""; 0]);
    assert_eq!(world.lines(LIVE).len(), 1);
    assert!(world.at("ci").status()["current"].is_null());
    assert_eq!(numbers(&world), (1..=8).rev().collect::<Vec<_>>());
    world.at("ci").run("record --version 9.0").ends(0, "recorded");
    assert_eq!(world.at("ci").status()["current"]["n"], 9);
    world.runs("app", "9.0");
    world.at("ci").verify().ends(0, "healthy");
    assert_eq!(world.newest_stable("ci"), "refs/tags/stable/production/9");
}
