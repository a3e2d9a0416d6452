//! Many services: their order, what forbids it, what is left.

use std::sync::Arc;
use std::time::Duration;

use super::super::fakes::{Stage, Writer, reason, run, service, versions};
use super::super::halt::{Halt, Step};
use super::super::order::{Dependents, RollbackOrder};
use super::recording::begin_order;
use super::rolling_back::back;
use super::verifying::{guard, look, sick};
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{Act, Unity};
use crate::domain::graph::{Graph, Range};
use crate::domain::outcome::Outcome;
use crate::domain::plan::Roster;
use crate::domain::policy::Strategy;
use crate::domain::target::{Scope, Wanted};
use crate::flow::begin::BeginOrder;

/// `web` needs `api`, `api` and `mail` need `db`, and `api` wants `db` in its own version or a later one.
fn roster() -> Roster {
    let mut graph = Graph::default();
    graph.add(service("web"), [service("api")]);
    graph.add(service("mail"), [service("db")]);
    graph.require(service("api"), service("db"), Range::new(">=2").unwrap());
    Roster::default().with(graph)
}

/// Four services, stable at 1.0 with `db` at 2.0, then all at 3.0.
pub(super) fn shop() -> Stage {
    let stage = Stage::default();
    stage.desk("ann").records(&stage, "api=1.0 db=2.0 mail=1.0 web=1.0", 'a').unwrap();
    run(stage.desk("ann").verify(&look())).unwrap();
    stage.desk("ann").records(&stage, "api=3.0 db=3.0 mail=3.0 web=3.0", 'b').unwrap();
    stage.told();
    stage
}

pub(super) fn bob(stage: &Stage) -> Writer {
    stage.desk_with("bob", Duration::ZERO, 1, |desk| desk.roster = roster())
}

fn only(name: &str) -> RollbackOrder {
    RollbackOrder { scope: Scope::Only([service(name)].into()), ..back() }
}

pub(super) fn ended(step: Step<Outcome>) -> Ending {
    match step {
        Err(Halt::Ended(ending)) => ending,
        other => panic!("it was not refused: {other:?}"),
    }
}

fn all_or_nothing() -> RollbackOrder {
    RollbackOrder { unity: Unity::AllOrNothing, ..back() }
}

pub(super) fn deploy(text: &str) -> BeginOrder {
    BeginOrder { act: Act::Driven, ..begin_order(text) }
}

#[test]
fn those_of_one_level_go_back_at_the_same_time_and_each_level_before_what_it_needs() {
    let stage = shop();
    run(bob(&stage).rollback(&back())).unwrap();
    assert_eq!(
        stage.told(),
        [
            "bob: started 3",
            "bob: rollback web 1.0",
            "bob: service_done 3",
            "bob: rollback api 1.0",
            "bob: rollback mail 1.0",
            "bob: service_done 3, service_done 3",
            "bob: rollback db 2.0",
            "bob: service_done 3",
            "bob: deployed 3, finished 3, +deploy/production/3",
            "bob: verified 3, stable 3",
        ]
    );
}

#[test]
fn one_by_one_each_must_be_well_before_the_next_is_touched() {
    let stage = shop();
    let order = RollbackOrder { strategy: Some(Strategy::ServiceByService), ..back() };
    stage.world.lock().unwrap().own_check = Some(service("api"));
    stage.sicken("1.0");
    let outcome = run(bob(&stage).rollback(&order)).unwrap();
    assert_eq!(outcome.ending.reason, Reason::RollbackPartial);
    assert_eq!(stage.runs(), "api=1.0 db=2.0 mail=3.0 web=3.0");
    assert!(
        outcome.ending.message.ends_with("`mail`, `web` not touched"),
        "{}",
        outcome.ending.message
    );
}

#[test]
fn what_is_gone_is_refused_before_anything_is_touched() {
    let stage = shop();
    stage.world.lock().unwrap().gone.insert("1.0".to_owned());
    assert_eq!(reason(run(bob(&stage).rollback(&back()))), Reason::ArtifactMissing);
    assert_eq!(stage.told(), [""; 0]);
    stage.world.lock().unwrap().gone.insert("4.0".to_owned());
    assert_eq!(reason(run(bob(&stage).deploy(&deploy("web=4.0")))), Reason::ArtifactMissing);
    assert_eq!(stage.told(), [""; 0]);
}

#[test]
fn a_deployment_of_what_does_not_work_together_is_refused() {
    let stage = shop();
    assert_eq!(reason(run(bob(&stage).deploy(&deploy("db=1.9")))), Reason::DependencyConflict);
    assert_eq!(stage.told(), [""; 0]);
}

#[test]
fn a_driver_that_changes_nothing_has_failed_whatever_it_says() {
    let stage = shop();
    stage.world.lock().unwrap().stubborn.insert("mail".to_owned());
    let outcome = run(bob(&stage).rollback(&back())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::RollbackPartial);
    let done = &stage.state().operations[2].done[&service("mail")];
    assert_eq!(
        done.message,
        "the driver ended well and changed nothing: version `3.0` runs, not `1.0`"
    );
}

#[test]
fn all_or_nothing_puts_back_what_was_moved() {
    let stage = shop();
    let bob = bob(&stage);
    bob.driver.fail_once("db");
    let order = RollbackOrder { unity: Unity::AllOrNothing, ..back() };
    let outcome = run(bob.rollback(&order)).unwrap();
    assert_eq!(outcome.ending.reason, Reason::PutBack);
    assert_eq!(stage.runs(), "api=3.0 db=3.0 mail=3.0 web=3.0");
    let state = stage.state();
    assert_eq!(state.versions(), versions("api=3.0 db=3.0 mail=3.0 web=3.0"));
    assert!(state.unknown.is_empty(), "{:?}", state.unknown);
    assert!(state.open().next().is_none());
}

#[test]
fn what_to_type_next_is_what_was_asked() {
    let stage = shop();
    let bob = bob(&stage);
    bob.driver.fail_once("web");
    let order = BeginOrder { unity: Unity::AllOrNothing, ..deploy("api=4.0 web=4.0") };
    let next = run(bob.deploy(&order)).unwrap().ending.next;
    assert_eq!(next, "Mend the driver, then `lastgood deploy` again.");
    bob.driver.fail_once("db");
    let next = run(bob.rollback(&all_or_nothing())).unwrap().ending.next;
    assert_eq!(next, "Mend the driver, then `lastgood rollback` again.");
    let refused = ended(run(bob.deploy(&deploy("db=1.9"))));
    assert!(refused.next.starts_with("Deploy versions of both"), "{}", refused.next);
}

#[test]
fn a_service_that_nobody_knows_is_named_beside_those_that_are_known() {
    let stage = shop();
    for name in ["nope", "db,api"] {
        for dependents in [Dependents::Refuse, Dependents::Include] {
            let refused =
                ended(run(bob(&stage).rollback(&RollbackOrder { dependents, ..only(name) })));
            assert_eq!(refused.reason, Reason::Invalid);
            let told =
                format!("`production` has no service `{name}`; it has `api`, `db`, `mail`, `web`");
            assert_eq!(refused.message, told);
        }
    }
    assert_eq!(stage.told(), [""; 0]);
}

/// A rollback that is put back, except `web`, which stays at what it was moved to.
fn half_put_back() -> (Stage, Outcome) {
    let stage = shop();
    let bob = bob(&stage);
    bob.driver.fail_once("db");
    let driver = bob.driver.clone();
    bob.driver.watched_by(Arc::new(move |drive| {
        if drive.service == service("db") {
            driver.fail("web");
        }
    }));
    let outcome = run(bob.rollback(&all_or_nothing())).unwrap();
    (stage, outcome)
}

#[test]
fn what_was_put_back_is_told_with_who_failed_and_why() {
    let stage = shop();
    let bob = bob(&stage);
    bob.driver.fail_once("db");
    let outcome = run(bob.rollback(&all_or_nothing())).unwrap();
    let story = "`db` could not be moved: the script ended with 1; `api`, `db`, `mail`, `web` were put back";
    assert_eq!(
        outcome.ending.message,
        format!("rolled back nothing of `production` from 2 to 1: {story}")
    );
    let told = outcome.rollback.unwrap();
    assert_eq!(told.failed_services, [service("db")]);
    assert_eq!(told.skipped_services, []);
    assert_eq!(told.put_back_services, ["api", "db", "mail", "web"].map(service));
    bob.driver.fail_once("web");
    let order = BeginOrder { unity: Unity::AllOrNothing, ..deploy("api=4.0 web=4.0") };
    let message = run(bob.deploy(&order)).unwrap().ending.message;
    assert!(
        message.ends_with(
            "`web` could not be moved: the script ended with 1; `api`, `web` were put back"
        ),
        "{message}"
    );
}

#[test]
fn what_could_not_be_put_back_is_told_as_unknown() {
    let (_, outcome) = half_put_back();
    let told = outcome.rollback.unwrap();
    assert_eq!(told.failed_services, ["db", "web"].map(service));
    assert_eq!(told.put_back_services, ["api", "db", "mail"].map(service));
    let unknown = "`web` could not be put back, so that it is not known what it runs: the script ended with 1; `api`, `db`, `mail` were put back";
    assert!(outcome.ending.message.ends_with(unknown), "{}", outcome.ending.message);
}

#[test]
fn what_was_unknown_is_put_back_to_what_the_ledger_says() {
    let (stage, outcome) = half_put_back();
    assert_eq!(outcome.ending.reason, Reason::RollbackFailed);
    assert_eq!(stage.runs(), "api=3.0 db=3.0 mail=3.0 web=1.0");
    assert!(stage.state().unknown.contains_key(&service("web")));
    let again = bob(&stage);
    again.driver.fail_once("db");
    let outcome = run(again.rollback(&all_or_nothing())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::PutBack);
    assert_eq!(stage.runs(), "api=3.0 db=3.0 mail=3.0 web=3.0");
    assert_eq!(stage.state().versions(), versions(&stage.runs()));
    assert!(stage.state().unknown.is_empty());
}

#[test]
fn what_was_unknown_and_cannot_be_put_back_stays_unknown() {
    let (stage, _) = half_put_back();
    let again = bob(&stage);
    again.driver.fail_once("db");
    let driver = again.driver.clone();
    again.driver.watched_by(Arc::new(move |drive| {
        if drive.service == service("db") {
            driver.fail("web");
        }
    }));
    let outcome = run(again.rollback(&all_or_nothing())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::RollbackFailed);
    assert!(stage.state().unknown.contains_key(&service("web")));
}

#[test]
fn a_deployment_of_all_or_nothing_is_put_back_and_nothing_is_judged() {
    let stage = shop();
    let bob = bob(&stage);
    bob.driver.fail_once("web");
    let order = BeginOrder { unity: Unity::AllOrNothing, ..deploy("api=4.0 web=4.0") };
    assert_eq!(run(bob.deploy(&order)).unwrap().ending.reason, Reason::PutBack);
    assert_eq!(stage.runs(), "api=3.0 db=3.0 mail=3.0 web=3.0");
    assert!(stage.state().unknown.is_empty());
}

#[test]
fn where_putting_back_fails_nothing_good_is_fled_from() {
    let stage = shop();
    let bob = bob(&stage);
    bob.driver.fail("web");
    let order = BeginOrder { unity: Unity::AllOrNothing, ..deploy("api=4.0 web=4.0") };
    assert_eq!(run(bob.deploy(&order)).unwrap().ending.reason, Reason::DeployFailed);
    assert_eq!(stage.runs(), "api=3.0 db=3.0 mail=3.0 web=3.0");
    let state = stage.state();
    assert!(state.quarantine.is_empty(), "{:?}", state.quarantine);
    assert_eq!(state.versions(), versions("api=3.0 db=3.0 mail=3.0 web=3.0"));
}

#[test]
fn trouble_must_last_before_anything_is_undone_for_it() {
    let minute = Duration::from_secs(60);
    let stage = sick();
    let slow = stage.desk_under("bob", |policy| policy.rollback.confirm_for = minute);
    let before = slow.now();
    assert_eq!(run(slow.verify(&guard())).unwrap().ending.reason, Reason::RolledBack);
    assert!(slow.now().duration_since(before).as_secs() >= 60);
}

#[test]
fn trouble_that_passes_undoes_nothing() {
    let stage = sick();
    let minute = Duration::from_secs(60);
    let slow = stage.desk_under("bob", |policy| policy.rollback.confirm_for = minute);
    let world = stage.world.clone();
    slow.ledger.after_write(move || world.lock().unwrap().sick.clear());
    let runs = stage.runs();
    assert_eq!(run(slow.verify(&guard())).unwrap().ending.reason, Reason::Healthy);
    assert_eq!(stage.runs(), runs);
}

/// `api` and `db` stable at 1.0, then both at 2.0, which `api` needs.
fn couple() -> Stage {
    let stage = Stage::default();
    let ann = stage.desk("ann");
    ann.records(&stage, "api=1.0 db=1.0", 'a').unwrap();
    run(ann.verify(&look())).unwrap();
    ann.records(&stage, "api=2.0 db=2.0", 'b').unwrap();
    stage.told();
    stage
}

#[test]
fn a_dependent_that_would_be_left_behind_refuses_the_rollback() {
    let stage = couple();
    let order = RollbackOrder { wanted: Wanted::Named("1".to_owned()), ..only("db") };
    assert_eq!(reason(run(bob(&stage).rollback(&order))), Reason::DependencyConflict);
    assert_eq!(stage.told(), [""; 0]);
}

#[test]
fn dependents_go_along_where_that_is_asked() {
    let stage = couple();
    let with = RollbackOrder { dependents: Dependents::Include, ..only("db") };
    let outcome = run(bob(&stage).rollback(&with)).unwrap();
    assert_eq!(outcome.ending.reason, Reason::Returned);
    assert_eq!(stage.runs(), "api=1.0 db=1.0");
    assert_eq!(stage.told()[1], "bob: rollback api 1.0", "what needs the other goes first");
}
