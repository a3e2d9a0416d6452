//! Each comment is acted on once, also when it is archived.

use super::*;
use crate::domain::archive::Extent;
use crate::domain::event::LockScope;

fn again(stage: &Stage, body: &str) -> Scene {
    let mut scene = comment(stage.clone(), 42, "octocat", body);
    scene.rules.attempt = Attempt::Again(Some(login("octocat")));
    scene
}

#[test]
fn a_comment_that_is_run_again_does_nothing_twice() {
    let first = scene("/rollback production");
    assert_eq!(first.hears().0, Reason::Returned);
    let (before, runs) = (first.stage.state(), first.stage.runs());
    let (reason, told) = again(&first.stage, "/rollback production").hears();
    assert_eq!(reason, Reason::ActedOn);
    assert!(told.contains(&"says: acted_on ".to_owned()), "{told:#?}");
    assert_eq!((first.stage.state(), first.stage.runs()), (before, runs));
}

#[test]
fn a_comment_is_acted_on_once_although_its_lines_were_archived() {
    let first = scene("/rollback production");
    first.hears();
    for (version, digit) in [("3.0", 'd'), ("4.0", 'e')] {
        ships(&first.stage, version, digit);
    }
    run(first.stage.desk("keeper").prune(Extent::Keep(1))).unwrap();
    let state = first.stage.state();
    assert!(!state.comments.contains_key(&42), "it lies in the archive");
    first.stage.told();
    assert_eq!(again(&first.stage, "/rollback production").hears().0, Reason::ActedOn);
    assert_eq!(first.stage.state(), state);
}

#[test]
fn two_that_hear_one_comment_at_once_act_once() {
    let one = scene("/lock production because we look");
    let other = comment(one.stage.clone(), 42, "octocat", "/lock production because we look");
    let second = Arc::new(other);
    let begins = second.clone();
    one.desk.ledger.before_write(0, move || {
        let locked = Locked { scope: LockScope::All, reason: None, until: None };
        run(begins.desk.lock(locked)).unwrap();
    });
    assert_eq!(one.hears().0, Reason::ActedOn);
    let image = run(one.desk.ports.ledger.read(&production(), Shelf::Live)).unwrap();
    let locks = image.lines.iter().filter(|found| found.text.contains("\"locked\"")).count();
    assert_eq!(locks, 1);
}

#[test]
fn looking_again_is_no_act() {
    let first = scene("/status production");
    assert_eq!(first.hears().0, Reason::Done);
    assert_eq!(again(&first.stage, "/status production").hears().0, Reason::Done);
}

#[test]
fn what_an_earlier_attempt_left_open_is_told_and_not_begun_anew() {
    let first = scene("/rollback production");
    first.desk.driver.meanwhile({
        let ledger = first.desk.ledger.clone();
        move || ledger.away(true)
    });
    let said = read("/rollback production", &Prefix::default());
    let Said::Command(command) = said else { panic!() };
    assert!(run(first.desk.obey(&command, "why")).is_err());
    first.stage.told();
    let again = || again(&first.stage, "/rollback production").hears().0;
    assert_eq!(again(), Reason::RefusedBusy, "its run may still be at work");
    first.stage.later(std::time::Duration::from_secs(1200));
    assert_eq!(again(), Reason::RefusedInterrupted);
}
