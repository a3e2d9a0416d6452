//! Killed while writing: the lines are there or not, and the same command again ends well.

use super::kept::{all_lines, is_whole, nothing_is_open, numbers_are_given_once};
use super::points::killed_in_writing;
use crate::main_job::with_a_stable_one;
use crate::world::World;

/// A good 1.0, of which other steps have made a 2.0 by now.
fn made_by_others() -> World {
    let world = with_a_stable_one();
    world.runs("app", "2.0");
    world
}

/// Three good ones.
fn three_good_ones() -> World {
    let world = with_a_stable_one();
    for version in ["2.0", "3.0"] {
        world.runs("app", version);
        world.at("ci").run(&format!("record --version {version}")).ends(0, "recorded");
        world.at("ci").verify().ends(0, "healthy");
    }
    world
}

fn keeps(world: &World, keep: &str) {
    let text = format!("version: 1\nenvironments:\n  production:\n    keep: {{{keep}}}\n");
    std::fs::write(world.path("ci/lastgood.yml"), text).unwrap();
}

/// Returns how many events of a type there are.
fn events(world: &World, of: &str) -> usize {
    world.events().iter().filter(|event| event["type"] == of).count()
}

/// Makes sure that what was recorded last is the current one and can be found good.
fn is_good_in_the_end(world: &World, n: u64, point: &str) {
    let told = world.at("ci").verify().ends(0, "healthy");
    assert_eq!(told.n(), n, "{point}");
    let status = world.at("ci").status();
    assert_eq!(status["current"]["n"], n, "{point}");
    assert_eq!(world.newest_stable("ci"), format!("refs/tags/stable/production/{n}"), "{point}");
    world.holds_true(point);
    numbers_are_given_once(world, point);
}

#[test]
fn a_record_killed_at_any_point_is_there_or_not_and_can_be_typed_again() {
    let start = made_by_others();
    let before = all_lines(&start);
    let record = |_: &World| "record --version 2.0".to_owned();
    killed_in_writing("record", &start, record, |world, point| {
        is_whole(world, &before, point);
        nothing_is_open(world, point);
        let there = events(world, "deployed") == 2;
        assert_eq!(there, point.contains("after"), "{point}");
        let again = world.at("ci").run("record --version 2.0").ends(0, "recorded");
        // What was written by the dead run stays: the second one gets a number of its own.
        assert_eq!(again.n(), if there { 3 } else { 2 }, "{point}");
        is_whole(world, &before, point);
        is_good_in_the_end(world, again.n(), point);
    });
}

#[test]
fn a_begin_killed_at_any_point_is_open_or_not_and_record_closes_it() {
    let start = made_by_others();
    let before = all_lines(&start);
    let begin = |_: &World| "begin --version 2.0".to_owned();
    killed_in_writing("begin", &start, begin, |world, point| {
        is_whole(world, &before, point);
        let there = events(world, "started") == 1;
        assert_eq!(there, point.contains("after"), "{point}");
        let again = world.at("ci").run("begin --version 2.0");
        if there {
            // Its steps may have begun to deploy, so that nobody may begin beside them.
            again.ends(6, "busy");
            world.at("ci").verify().ends(7, "busy");
            world.at("ci").resume().ends(6, "interrupted");
        } else {
            assert_eq!(again.ends(0, "begun").n(), 2, "{point}");
        }
        let told = world.at("ci").run("record").ends(0, "recorded");
        assert_eq!((told.n(), &told.json["deployment"]["tag_result"]), (2, &"exists".into()));
        is_whole(world, &before, point);
        nothing_is_open(world, point);
        is_good_in_the_end(world, 2, point);
    });
}

#[test]
fn a_record_that_closes_what_was_begun_may_be_killed_at_any_point_too() {
    let start = made_by_others();
    start.at("ci").run("begin --version 2.0").ends(0, "begun");
    let before = all_lines(&start);
    let record = |_: &World| "record --version 2.0".to_owned();
    killed_in_writing("record after begin", &start, record, |world, point| {
        is_whole(world, &before, point);
        let closed = world.at("ci").status()["in_progress"].is_null();
        // The deployment and the end of its operation are one write.
        assert_eq!(
            (events(world, "deployed") == 2, events(world, "finished") == 1),
            (closed, closed)
        );
        if closed {
            nothing_is_open(world, point);
        } else {
            world.at("ci").resume().ends(6, "interrupted");
            world.at("ci").verify().ends(7, "busy");
        }
        let again = world.at("ci").run("record --version 2.0").ends(0, "recorded");
        assert_eq!(again.n(), if closed { 3 } else { 2 }, "{point}");
        is_whole(world, &before, point);
        nothing_is_open(world, point);
        is_good_in_the_end(world, again.n(), point);
    });
}

#[test]
fn a_look_killed_at_any_point_has_marked_or_not_and_the_next_one_ends_it() {
    let start = made_by_others();
    start.at("ci").run("record --version 2.0").ends(0, "recorded");
    let before = all_lines(&start);
    let verify = |world: &World| format!("verify --check {}", world.path("gate.yml").display());
    killed_in_writing("verify", &start, verify, |world, point| {
        is_whole(world, &before, point);
        let stable = world.at("ci").status()["last_stable"]["n"] == 2;
        let tagged = world.newest_stable("ci").ends_with("/2");
        assert_eq!((stable, events(world, "verified") == 2), (tagged, tagged), "{point}");
        is_good_in_the_end(world, 2, point);
        is_whole(world, &before, point);
        assert_eq!((events(world, "verified"), events(world, "stable")), (2, 2), "{point}");
    });
}

#[test]
fn a_mark_killed_at_any_point_is_said_or_not_and_can_be_said_again() {
    let start = three_good_ones();
    let before = all_lines(&start);
    let bad = |_: &World| "mark 2 bad --reason 'loses orders'".to_owned();
    killed_in_writing("mark bad", &start, bad, |world, point| {
        is_whole(world, &before, point);
        let tagged = world.tags().contains(&"stable/production/2".to_owned());
        assert_eq!(tagged, events(world, "unstable") == 0, "{point}");
        world.at("ci").run(&bad(world)).ends(0, "done");
        assert!(!world.tags().contains(&"stable/production/2".to_owned()), "{point}");
        is_whole(world, &before, point);
        nothing_is_open(world, point);
        world.at("ci").rollback("--to 2").ends(6, "target_not_stable");
        world.at("ci").rollback("").ends(0, "returned");
        assert_eq!(world.running("app").as_deref(), Some("1.0"), "{point}");
    });
}

#[test]
fn a_mark_of_good_killed_at_any_point_lifts_the_quarantine_or_not() {
    let start = three_good_ones();
    start.at("ci").run("mark 2 bad --reason 'loses orders'").ends(0, "done");
    let before = all_lines(&start);
    let good = |_: &World| "mark 2 good --reason 'was the database'".to_owned();
    killed_in_writing("mark good", &start, good, |world, point| {
        is_whole(world, &before, point);
        let lifted = world.at("ci").status()["quarantined"] == serde_json::json!([]);
        let tagged = world.tags().contains(&"stable/production/2".to_owned());
        assert_eq!((lifted, point.contains("after")), (tagged, tagged), "{point}");
        world.at("ci").run(&good(world)).ends(0, "done");
        is_whole(world, &before, point);
        nothing_is_open(world, point);
        world.at("ci").rollback("").ends(0, "returned");
        assert_eq!(world.running("app").as_deref(), Some("2.0"), "{point}");
    });
}

#[test]
fn a_name_killed_at_any_point_is_given_once() {
    let start = three_good_ones();
    let before = all_lines(&start);
    let name = |_: &World| "mark 1 name before-summer".to_owned();
    killed_in_writing("mark name", &start, name, |world, point| {
        is_whole(world, &before, point);
        let there = events(world, "point") == 1;
        assert_eq!(there, point.contains("after"), "{point}");
        world.at("ci").run(&name(world)).ends(0, "done");
        is_whole(world, &before, point);
        world.at("ci").rollback("--to before-summer").ends(0, "returned");
        assert_eq!(world.running("app").as_deref(), Some("1.0"), "{point}");
    });
}

#[test]
fn a_lock_killed_at_any_point_holds_or_not_and_can_be_taken_again() {
    let start = with_a_stable_one();
    let before = all_lines(&start);
    let lock = |_: &World| "lock --reason 'database is being moved'".to_owned();
    killed_in_writing("lock", &start, lock, |world, point| {
        is_whole(world, &before, point);
        world.at("ci").run(&lock(world)).ends(0, "done");
        is_whole(world, &before, point);
        nothing_is_open(world, point);
        let other = world.at("ci").with("--actor operator");
        other.run("begin --version 2.0").ends(6, "locked");
        world.at("ci").verify().ends(0, "healthy");
        world.at("ci").run("unlock").ends(0, "done");
        assert_eq!(other.run("begin --version 2.0").ends(0, "begun").n(), 2, "{point}");
    });
}

#[test]
fn an_unlock_killed_at_any_point_is_made_or_not_and_can_be_made_again() {
    let start = with_a_stable_one();
    start.at("ci").run("lock --reason looking").ends(0, "done");
    let before = all_lines(&start);
    let unlock = |_: &World| "unlock --reason looked".to_owned();
    killed_in_writing("unlock", &start, unlock, |world, point| {
        is_whole(world, &before, point);
        let made = events(world, "unlocked") == 1;
        assert_eq!(made, point.contains("after"), "{point}");
        let reason = if made { "already_there" } else { "done" };
        world.at("ci").run(&unlock(world)).ends(0, reason);
        is_whole(world, &before, point);
        assert_eq!(events(world, "unlocked"), 1, "{point}");
        let other = world.at("ci").with("--actor operator");
        assert_eq!(other.run("begin --version 2.0").ends(0, "begun").n(), 2, "{point}");
    });
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
    let points = |world: &World| world.at("ci").run("status").json["current"]["n"].as_u64();
    let record = |world: &World| format!("record --version {}.0", points(world).unwrap() + 1);
    while !super::points(&start, record).iter().any(|point| point.contains("archive")) {
        start.at("ci").run(&record(&start)).ends(0, "recorded");
    }
    let (before, last) = (all_lines(&start), points(&start).unwrap());
    killed_in_writing("record that archives", &start, record, |world, point| {
        is_whole(world, &before, point);
        let there = points(world) == Some(last + 1);
        let again = world.at("ci").run("record --version 9.0").ends(0, "recorded");
        assert_eq!(again.n(), if there { last + 2 } else { last + 1 }, "{point}");
        is_whole(world, &before, point);
        let history: Vec<_> = world.at("ci").history();
        assert_eq!(history.len() as u64, again.n(), "{point}");
        world.runs("app", "9.0");
        is_good_in_the_end(world, again.n(), point);
    });
}
