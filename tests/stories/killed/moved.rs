//! Killed while old lines move to the archive: none is lost.

use super::kept::{all_lines, events, is_good_in_the_end, is_whole, nothing_is_open};
use super::points::{killed_in_writing, three_good_ones};
use crate::main_job::with_a_stable_one;
use crate::world::World;

fn keeps(world: &World, keep: &str) {
    let text = format!("version: 1\nenvironments:\n  production:\n    keep: {{{keep}}}\n");
    std::fs::write(world.path("ci/lastgood.yml"), text).unwrap();
}

/// Returns the lines that are live, but for those that tell of archiving.
fn live(world: &World) -> Vec<String> {
    let mut lines = world.lines("refs/notes/lastgood/production");
    lines.retain(|line| !line.contains("\"type\":\"pruned\""));
    lines.sort();
    lines
}

#[test]
fn a_pruning_killed_at_any_point_loses_no_line_and_ends_the_same_when_it_is_typed_again() {
    let start = three_good_ones();
    for version in ["4.0", "5.0"] {
        start.runs("app", version);
        start.at("ci").run(&format!("record --version {version}")).ends(0, "recorded");
    }
    keeps(&start, "deployments: 2, tags: 1");
    let before = all_lines(&start);
    let whole = start.copy();
    whole.at("ci").run("prune").ends(0, "done");
    let (kept, tags) = (live(&whole), whole.tags());
    killed_in_writing(
        "prune",
        &start,
        |_| "prune".to_owned(),
        |world, point| {
            is_whole(world, &before, point);
            nothing_is_open(world, point);
            world.at("ci").run("prune").ends(0, "done");
            is_whole(world, &before, point);
            assert_eq!((live(world), world.tags()), (kept.clone(), tags.clone()), "{point}");
            world.at("ci").rollback("--to 1").ends(0, "returned");
            assert_eq!(world.at("ci").status()["current"]["n"], 6, "{point}");
        },
    );
}

#[test]
fn a_record_that_archives_too_may_be_killed_at_any_point() {
    let start = with_a_stable_one();
    keeps(&start, "deployments: 1, tags: 1");
    start.at("ci").run("record --version 2.0").ends(0, "recorded");
    let before = all_lines(&start);
    let record = |_: &World| "record --version 3.0".to_owned();
    killed_in_writing("record that archives", &start, record, |world, point| {
        is_whole(world, &before, point);
        let there = world.at("ci").status()["current"]["n"] == 3;
        let again = world.at("ci").run("record --version 3.0").ends(0, "recorded");
        assert_eq!(again.n(), if there { 4 } else { 3 }, "{point}");
        is_whole(world, &before, point);
        assert!(events(world, "pruned") > 0, "{point}");
        assert_eq!(world.at("ci").history().len() as u64, again.n(), "{point}");
        world.runs("app", "3.0");
        is_good_in_the_end(world, again.n(), point);
    });
}
