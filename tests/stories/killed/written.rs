//! Killed while recording: it is written or not, and typed again.

use super::kept::{all_lines, events, is_good_in_the_end, is_whole, nothing_is_open};
use super::points::{killed_in_writing, made_by_others};
use crate::world::World;

#[test]
fn a_record_killed_at_any_point_is_there_or_not_and_can_be_typed_again() {
    let start = made_by_others();
    let before = all_lines(&start);
    let record = |_: &World| "record --version 2.0".to_owned();
    killed_in_writing("record", &start, record, |world, point| {
        is_whole(world, &before, point);
        let told = nothing_is_open(world, point);
        let there = events(world, "deployed") == 2;
        assert_eq!(told.out.contains("lastgood verify -e production"), there, "{told}");
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
fn a_resume_killed_while_it_writes_down_what_waited_writes_it_once() {
    let start = made_by_others();
    std::fs::rename(start.path("remote.git"), start.path("away.git")).unwrap();
    let away = start.at("ci").with("--patience 0s");
    away.run("record --version 2.0").ends(8, "not_recorded");
    std::fs::rename(start.path("away.git"), start.path("remote.git")).unwrap();
    let before = all_lines(&start);
    let resume = |_: &World| "resume".to_owned();
    killed_in_writing("resume of what waited", &start, resume, |world, point| {
        is_whole(world, &before, point);
        world.at("ci").resume().ok();
        assert_eq!((events(world, "deployed"), world.at("ci").history().len()), (2, 2), "{point}");
        is_whole(world, &before, point);
        nothing_is_open(world, point);
        is_good_in_the_end(world, 2, point);
    });
}

#[test]
fn a_record_killed_while_it_keeps_what_it_could_not_write_keeps_it_or_not() {
    let start = made_by_others();
    std::fs::rename(start.path("remote.git"), start.path("away.git")).unwrap();
    let record = |_: &World| "record --version 2.0 --patience 0s".to_owned();
    killed_in_writing("record while away", &start, record, |world, point| {
        std::fs::rename(world.path("away.git"), world.path("remote.git")).unwrap();
        let kept = world.at("ci").resume().ok().reason() == "done";
        assert_eq!(kept, point.starts_with("keep after"), "{point}");
        assert_eq!(events(world, "deployed"), if kept { 2 } else { 1 }, "{point}");
        nothing_is_open(world, point);
    });
}
