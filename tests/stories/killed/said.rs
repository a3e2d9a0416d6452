//! Killed while a person marks or locks: it is said or not.

use super::kept::{all_lines, events, is_whole, nothing_is_open};
use super::points::{killed_in_writing, three_good_ones};
use crate::main_job::with_a_stable_one;
use crate::world::World;

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
