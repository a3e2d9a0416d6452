//! What a partial operation leaves, and who moves it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::super::cancel::CancelOrder;
use super::super::fakes::{reason, run};
use super::super::mark::Mark;
use super::super::order::RollbackOrder;
use super::super::resume::Ways;
use super::many::{bob, deploy, ended, shop};
use super::rolling_back::back;
use super::taking_over::killed_before;
use super::verifying::look;
use crate::domain::admission::Insistence;
use crate::domain::archive::Extent;
use crate::domain::ending::Reason;
use crate::domain::policy::Reaction;
use crate::domain::target::Wanted;

#[test]
fn resume_moves_what_a_partial_rollback_left_and_only_that() {
    let stage = shop();
    let first = bob(&stage);
    first.driver.fail("mail");
    run(first.rollback(&back())).unwrap();
    stage.told();
    let outcome = run(bob(&stage).resume(Ways::Finish)).unwrap();
    assert_eq!(outcome.ending.reason, Reason::Returned);
    assert_eq!(stage.runs(), "api=1.0 db=2.0 mail=1.0 web=1.0");
    let told = stage.told();
    assert_eq!(told[..3], ["bob: started 4", "bob: rollback mail 1.0", "bob: service_done 4"]);
    assert_eq!(reason(run(bob(&stage).resume(Ways::Finish))), Reason::NothingToResume);
}

#[test]
fn what_resume_could_not_move_either_is_still_left() {
    let stage = shop();
    let first = bob(&stage);
    first.driver.fail("mail");
    run(first.rollback(&back())).unwrap();
    for _ in ["once", "twice"] {
        let bob = bob(&stage);
        bob.driver.fail("mail");
        let ending = run(bob.resume(Ways::Finish)).unwrap().ending;
        assert_eq!(ending.reason, Reason::RollbackFailed);
        assert_eq!(ending.next, "Mend the driver, then `lastgood resume` moves what is left.");
    }
    let outcome = run(bob(&stage).resume(Ways::Finish)).unwrap();
    assert_eq!(outcome.ending.reason, Reason::Returned);
    assert_eq!(stage.runs(), "api=1.0 db=2.0 mail=1.0 web=1.0");
    assert_eq!(reason(run(bob(&stage).resume(Ways::Finish))), Reason::NothingToResume);
}

#[test]
fn what_was_deployed_meanwhile_is_not_undone_by_resume() {
    let stage = shop();
    let first = bob(&stage);
    first.driver.fail("mail");
    run(first.rollback(&back())).unwrap();
    let state = stage.state();
    let left = first.leftover(&state).unwrap();
    run(bob(&stage).deploy(&deploy("mail=5.0"))).unwrap();
    stage.told();
    let ended = ended(run(bob(&stage).move_leftover(&left, &state.versions())));
    assert_eq!(ended.reason, Reason::Superseded);
    assert_eq!((stage.told(), stage.runs().contains("mail=5.0")), (vec![], true));
}

#[test]
fn what_could_not_be_moved_is_told_to_come_from_what_the_ledger_says() {
    let stage = shop();
    let first = bob(&stage);
    first.driver.fail("mail");
    run(first.rollback(&back())).unwrap();
    let second = bob(&stage);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = seen.clone();
    second.driver.watched_by(Arc::new(move |drive| {
        told.lock().unwrap().push((drive.from.clone().unwrap().version, drive.to.version.clone()));
    }));
    run(second.resume(Ways::Finish)).unwrap();
    assert_eq!(*seen.lock().unwrap(), [("3.0".to_owned(), "1.0".to_owned())]);
}

#[test]
fn to_bring_services_back_to_the_current_deployment_is_no_flight_from_it() {
    let stage = shop();
    run(stage.desk("ann").verify(&look())).unwrap();
    let dead = bob(&stage);
    killed_before(&dead, 1);
    assert!(run(dead.rollback(&back())).is_err());
    stage.later(Duration::from_secs(3600));
    let eve = bob(&stage);
    eve.driver.fail("web");
    let undone = run(eve.resume(Ways::Undo)).unwrap().ending;
    assert_eq!(undone.reason, Reason::RollbackFailed);
    assert!(
        undone.next.contains("lastgood deploy -e production --service 'web=3.0'"),
        "{undone:?}"
    );
    let order = RollbackOrder { wanted: Wanted::Named("2".to_owned()), ..back() };
    assert_eq!(reason(run(bob(&stage).rollback(&order))), Reason::Returned);
    let state = stage.state();
    assert!(state.quarantine.is_empty(), "{:?}", state.quarantine);
    assert!(state.numbered(2)[0].is_stable());
    assert_eq!(stage.runs(), "api=3.0 db=3.0 mail=3.0 web=3.0");
}

#[test]
fn what_is_left_stays_left_when_old_lines_are_archived() {
    let stage = shop();
    let first = bob(&stage);
    first.driver.fail("mail");
    run(first.rollback(&back())).unwrap();
    run(first.resume(Ways::Finish)).unwrap();
    run(stage.desk("ann").prune(Extent::Keep(1))).unwrap();
    let ending = run(bob(&stage).resume(Ways::Finish)).unwrap().ending;
    assert_eq!(ending.reason, Reason::Returned);
    assert_eq!(stage.runs(), "api=1.0 db=2.0 mail=1.0 web=1.0");
}

#[test]
fn a_cancel_puts_back_what_the_rollback_may_have_touched_too() {
    let stage = shop();
    let bob = bob(&stage);
    bob.driver.fail_once("mail");
    run(bob.rollback(&back())).unwrap();
    stage.told();
    let ending = run(bob.cancel(&CancelOrder::default())).unwrap().ending;
    assert_eq!(ending.reason, Reason::Done, "{ending:?}");
    let told = stage.told();
    assert!(told.iter().any(|line| line.ends_with("mail 3.0")), "{told:?}");
    assert_eq!(stage.runs(), "api=3.0 db=3.0 mail=3.0 web=3.0");
    assert!(stage.state().unknown.is_empty());
}

#[test]
fn what_a_person_insisted_on_is_not_resumed_without_insisting() {
    let stage = shop();
    run(bob(&stage).deploy(&deploy("web=4.0"))).unwrap();
    run(bob(&stage).mark(2, &Mark::Bad, None)).unwrap();
    let bob = bob(&stage);
    bob.driver.fail("mail");
    let wanted = Wanted::Named("2".to_owned());
    let order = RollbackOrder { wanted, insistence: Insistence::Forced, ..back() };
    run(bob.deploy(&deploy("mail=4.0 web=4.1"))).unwrap();
    let outcome = run(bob.rollback(&order)).unwrap();
    assert_eq!(outcome.ending.reason, Reason::RollbackPartial, "{:?}", outcome.ending);
    let refused = ended(run(bob.resume(Ways::Finish)));
    assert_eq!(
        refused.next,
        "lastgood rollback -e production --to 2 --service mail --force --reason TEXT"
    );
}

#[test]
fn what_is_left_of_a_deployment_is_brought_there_however_often_that_fails() {
    let stage = shop();
    let holds = |name: &str| {
        let mut writer = bob(&stage);
        writer.desk.policy.verify.on.fail = Reaction::Hold;
        writer.driver.fail(name);
        writer
    };
    let first = run(holds("mail").deploy(&deploy("db=4.0 mail=4.0"))).unwrap();
    assert_eq!(first.ending.reason, Reason::DeployFailed);
    for _ in ["once", "twice"] {
        let ending = run(holds("mail").resume(Ways::Finish)).unwrap().ending;
        assert_eq!(ending.reason, Reason::DeployFailed);
        assert_eq!(ending.next, Reason::RollbackPartial.next());
    }
    stage.told();
    let ending = run(bob(&stage).resume(Ways::Finish)).unwrap().ending;
    assert_eq!(ending.reason, Reason::Healthy);
    assert_eq!(stage.told()[..2], ["bob: started 6", "bob: deploy mail 4.0"]);
    assert_eq!(stage.runs(), "api=3.0 db=4.0 mail=4.0 web=3.0");
}
