//! Steps of others between begin and record, and what people say.

use crate::main_job::with_a_stable_one;
use crate::world::World;

#[test]
fn begin_gives_the_number_and_the_record_of_the_same_run_closes_it() {
    let world = with_a_stable_one();
    let run = world.at("ci").in_run("7");
    let begun = run.run("begin --version 2.0").ends(0, "begun");
    assert_eq!((begun.n(), &begun.json["deployment"]["status"]), (2, &"started".into()));
    assert_eq!(begun.json["deployment"]["tag_result"], "created");
    world.runs("app", "2.0");
    world.clone_shallow("later-job");
    let recorded = world.at("later-job").in_run("7").run("record --version 2.0");
    let recorded = recorded.ends(0, "recorded");
    assert_eq!(recorded.json["deployment"]["id"], begun.json["deployment"]["id"]);
    assert_eq!(recorded.json["deployment"]["tag_result"], "exists");
    let told = world.at("ci").in_run("7").verify().ends(0, "healthy");
    assert_eq!(told.n(), 2);
    assert_eq!(world.at("ci").story(), ["1 deploy stable", "2 deploy stable"]);
}

#[test]
fn record_takes_the_versions_that_begin_was_told() {
    let world = with_a_stable_one();
    world.at("ci").run("begin --service app=2.0 --service db=5").ends(0, "begun");
    let told = world.at("ci").run("record").ends(0, "recorded");
    assert_eq!(told.json["deployment"]["versions"]["db"]["version"], "5");
    assert_eq!(told.n(), 2);
}

#[test]
fn record_can_name_the_operation_that_another_run_began() {
    let world = with_a_stable_one();
    let begun = world.at("ci").in_run("7").run("begin").ends(0, "begun");
    let id = begun.json["deployment"]["id"].as_str().unwrap().to_owned();
    let record = format!("record --version 2.0 --operation {id}");
    let told = world.at("ci").in_run("8").run(&record).ends(0, "recorded");
    assert_eq!(told.n(), 2);
    assert!(world.at("ci").status()["in_progress"].is_null());
    world.at("ci").run(&record).ends(6, "target_unknown");
}

#[test]
fn a_run_that_is_done_again_after_a_newer_one_is_told_and_recorded_as_superseded() {
    let world = with_a_stable_one();
    world.at("ci").in_run("7").run("record --version 2.0").ends(0, "recorded");
    world.at("ci").in_run("8").run("record --version 3.0").ends(0, "recorded");
    let before = world.refs();
    world.at("ci").in_run("7").run("begin --version 2.0").ends(6, "superseded");
    assert_eq!(world.refs(), before);
    world.runs("app", "2.0");
    let told = world.at("ci").in_run("7").run("record --version 2.0").ends(6, "superseded");
    assert_eq!((told.n(), &told.json["deployment"]["status"]), (4, &"superseded".into()));
    assert_eq!(world.at("ci").status()["current"]["versions"]["app"]["version"], "2.0");
    world.at("ci").verify().ends(0, "not_marked");
    world.at("ci").run("mark 4 good --reason 'wanted so'").ends(0, "done");
    assert_eq!(world.newest_stable("ci"), "refs/tags/stable/production/4");
}

#[test]
fn a_second_attempt_at_an_old_run_is_refused_and_at_the_newest_is_not() {
    let world = with_a_stable_one();
    let attempt =
        |run: &str, attempt: &str| world.at("ci").in_run(run).env("GITHUB_RUN_ATTEMPT", attempt);
    attempt("7", "1").run("record --version 2.0").ends(0, "recorded");
    attempt("8", "1").run("begin --version 3.0").ends(0, "begun");
    attempt("8", "1").run("record --version 3.0").ends(0, "recorded");
    let before = world.refs();
    for old in ["6", "7"] {
        attempt(old, "2").run("begin --version 2.0").ends(6, "superseded");
        attempt(old, "2").deploy("--version 2.0").ends(6, "superseded");
    }
    assert_eq!((world.refs(), world.calls().len()), (before, 0));
    let told = attempt("7", "2").run("record --version 2.0").ends(6, "superseded");
    assert_eq!(told.json["deployment"]["status"], "superseded");
    world.runs("app", "2.0");
    attempt("7", "2").verify().ends(0, "not_marked");
    assert_eq!(world.newest_stable("ci"), "refs/tags/stable/production/1");
    attempt("9", "1").run("record --version 4.0").ends(0, "recorded");
    attempt("9", "2").run("record --version 4.1").ends(0, "recorded");
}

#[test]
fn what_was_deployed_through_a_lock_is_written_down_and_ends_red() {
    let world = with_a_stable_one();
    let person = world.at("ci").with("--actor operator");
    person.run("lock --reason 'database is being moved' --for 1h").ends(0, "done");
    let told = world.at("ci").run("begin --version 2.0").ends(6, "locked");
    let said = told.json["message"].as_str().unwrap();
    assert!(said.contains("operator") && said.contains("database is being moved"), "{said}");
    world.at("ci").deploy("--version 2.0").ends(6, "locked");
    world.at("ci").rollback("--to 1").ends(6, "locked");
    assert_eq!(world.calls().len(), 0);
    let told = world.at("ci").run("record --version 2.0").ends(6, "locked");
    assert_eq!(told.n(), 2);
    world.runs("app", "2.0");
    world.at("ci").verify().ends(0, "not_marked");
    person.deploy("--version 2.1").ends(0, "healthy");
    assert_eq!(person.status()["locks"][0]["by"], "operator");
    person.run("unlock --reason done").ends(0, "done");
    world.at("ci").deploy("--version 2.2").ends(0, "healthy");
}

#[test]
fn a_lock_of_rollbacks_alone_keeps_lastgood_from_going_back_by_itself() {
    let world = with_a_stable_one();
    let person = world.at("ci").with("--actor operator");
    person.run("lock --only-rollback --reason looking").ends(0, "done");
    world.sicken("app", "2.0");
    world.at("ci").deploy("--version 2.0").ends(3, "locked");
    assert_eq!(world.running("app").unwrap(), "2.0");
    world.at("ci").rollback("").ends(0, "returned");
    person.run("unlock --only-rollback").ends(0, "done");
}

#[test]
fn a_rollback_that_other_steps_carry_out_is_closed_by_record() {
    let world = with_a_stable_one();
    world.at("ci").deploy("--version 2.0").ends(0, "healthy");
    let begun = world.at("ci").run("rollback --handover --reason slow").ends(0, "handed_over");
    assert_eq!(begun.json["rollback"]["new_versions"]["app"], "1.0");
    let commit = begun.json["deployment"]["versions"]["app"]["commit"].as_str().unwrap();
    assert_eq!(commit, world.git("ci", "rev-parse HEAD"));
    assert_eq!(world.calls(), ["deploy app 2.0"]);
    world.at("ci").resume().ends(6, "interrupted");
    world.runs("app", "1.0");
    let told = world.at("ci").run("record").ends(0, "recorded");
    assert_eq!((told.n(), &told.json["deployment"]["kind"]), (3, &"rollback".into()));
    world.at("ci").verify().ends(0, "healthy");
    let story = ["1 deploy stable", "2 deploy rolled_back", "3 rollback stable"];
    assert_eq!(world.at("ci").story(), story);
    assert_eq!(world.newest_stable("ci"), "refs/tags/stable/production/1");
    world.at("ci").deploy("--version 2.0").ends(6, "quarantined");
}

#[test]
fn a_handed_over_rollback_that_nobody_carried_out_is_given_up() {
    let world = with_a_stable_one();
    world.at("ci").deploy("--version 2.0").ends(0, "healthy");
    world.at("ci").run("rollback --handover --reason slow").ends(0, "handed_over");
    world.at("ci").deploy("--version 3.0").ends(6, "busy");
    world.at("ci").undo().ends(0, "done");
    world.holds_true("");
    assert_eq!(world.newest_stable("ci"), "refs/tags/stable/production/2");
    world.at("ci").deploy("--version 3.0").ends(0, "healthy");
}

#[test]
fn a_person_marks_good_and_bad_and_the_tags_and_targets_follow() {
    let world = with_a_stable_one();
    for version in ["1.1", "1.2"] {
        world.at("ci").deploy(&format!("--version {version}")).ends(0, "healthy");
    }
    world.at("ci").run("mark 2 bad --reason 'loses orders'").ends(0, "done");
    assert!(!world.tags().contains(&"stable/production/2".to_owned()));
    world.at("ci").rollback("--to 2").ends(6, "target_not_stable");
    world.at("ci").rollback("").ends(0, "returned");
    assert_eq!(world.running("app").unwrap(), "1.0");
    world.at("ci").deploy("--version 1.1").ends(6, "quarantined");
    world.at("ci").run("mark 2 good --reason 'was the database'").ends(0, "done");
    assert!(world.tags().contains(&"stable/production/2".to_owned()));
    world.at("ci").deploy("--version 1.1").ends(0, "healthy");
}

#[test]
fn a_named_restore_point_brings_back_all_services_of_its_moment() {
    let world = World::new();
    let first = "--service api=1 --service web=1";
    world.at("ci").deploy(first).ends(0, "healthy");
    world.at("ci").deploy("--service web=2").ends(0, "healthy");
    world.at("ci").run("mark 2 name before-summer").ends(0, "done");
    world.at("ci").deploy("--service api=3").ends(0, "healthy");
    world.at("ci").deploy("--service web=3").ends(0, "healthy");
    let told = world.at("ci").rollback("--to before-summer").ends(0, "returned");
    let moved = told.json["rollback"]["rolled_back_services"].to_string();
    assert_eq!(moved, r#"["api","web"]"#);
    let runs = (world.running("api").unwrap(), world.running("web").unwrap());
    assert_eq!(runs, ("1".to_owned(), "2".to_owned()));
}

#[test]
fn one_service_goes_back_and_the_others_stay() {
    let world = World::new();
    for versions in ["--service api=1 --service web=1", "--service api=2 --service web=2"] {
        world.at("ci").deploy(versions).ends(0, "healthy");
    }
    world.at("ci").rollback("--service web --to 1").ends(0, "returned");
    let runs = (world.running("api").unwrap(), world.running("web").unwrap());
    assert_eq!(runs, ("2".to_owned(), "1".to_owned()));
    assert_eq!(world.newest_stable("ci"), "refs/tags/stable/production/3");
    world.holds_true("");
}

#[test]
fn a_rollback_that_moves_only_some_says_so_and_is_mended_by_the_next() {
    let world = World::new();
    for versions in ["--service api=1 --service web=1", "--service api=2 --service web=2"] {
        world.at("ci").deploy(versions).ends(0, "healthy");
    }
    let half = world.driver_that("half", "[ $LASTGOOD_SERVICE != web ]");
    let told = world.at("ci").driving(&half).rollback("").ends(5, "rollback_partial");
    assert_eq!(told.json["rollback"]["status"], "partial");
    assert_eq!(told.json["rollback"]["failed_services"].to_string(), r#"["web"]"#);
    world.holds_true("");
    world.at("ci").rollback("--to 1").ends(0, "returned");
    let runs = (world.running("api").unwrap(), world.running("web").unwrap());
    assert_eq!(runs, ("1".to_owned(), "1".to_owned()));
    assert_eq!(world.at("ci").status()["unknown"].to_string(), "[]");
}

#[test]
fn a_driver_that_fails_counts_as_a_failed_gate() {
    let world = with_a_stable_one();
    let broken = world.driver_that("broken", "[ $LASTGOOD_ACTION = rollback ]");
    world.at("ci").driving(&broken).deploy("--version 2.0").ends(4, "rolled_back");
    assert_eq!(world.running("app").unwrap(), "1.0");
    assert_eq!(world.at("ci").status()["unknown"].to_string(), "[]");
    world.holds_true("");
}

#[test]
fn a_cancel_of_what_is_no_rollback_is_refused() {
    let world = with_a_stable_one();
    world.at("ci").deploy("--version 2.0").ends(0, "healthy");
    world.at("ci").run(&world.at("ci").cancel_verb()).ends(6, "not_current");
    world.at("ci").rollback("").ends(0, "returned");
    world.at("ci").deploy("--version 3.0").ends(0, "healthy");
    world.at("ci").run(&world.at("ci").cancel_verb()).ends(6, "not_current");
    assert_eq!(world.calls().len(), 3);
}

#[test]
fn a_cancel_that_brings_the_sickness_back_says_so_and_does_not_go_back_by_itself() {
    let world = with_a_stable_one();
    world.sicken("app", "2.0");
    world.at("ci").deploy("--version 2.0").ends(4, "rolled_back");
    world.at("ci").run(&world.at("ci").cancel_verb()).ends(5, "roll_forward_sick");
    assert_eq!(world.running("app").unwrap(), "2.0");
    world.holds_true("");
}
