//! What failed before a deployment, and what a policy says.

use std::sync::Arc;

use async_trait::async_trait;

use super::super::begin::BeginOrder;
use super::super::fakes::{Stage, Writer, reason, run};
use super::recording::begin_order;
use super::verifying::{guard, look};
use crate::domain::check::Rehearsal;
use crate::domain::ending::Reason;
use crate::domain::event::{Act, Decided};
use crate::domain::policy::Reaction;
use crate::domain::verdict::Verdict;
use crate::ports::Decider;

/// A stable `1.0` that has fallen sick since.
fn sick_before() -> Stage {
    let stage = Stage::default();
    stage.desk("ann").records(&stage, "1.0", 'a').unwrap();
    assert_eq!(reason(run(stage.desk("ann").verify(&look()))), Reason::Healthy);
    stage.sicken("1.0");
    stage.told();
    stage
}

fn driven(version: &str) -> BeginOrder {
    BeginOrder { act: Act::Driven, ..begin_order(version) }
}

fn failed_before(stage: &Stage) -> Vec<String> {
    let state = stage.state();
    let newest = state.operations.last().unwrap();
    newest.started.as_ref().unwrap().failed_before.clone()
}

#[test]
fn a_deployment_is_made_also_where_the_rehearsal_fails_and_what_failed_is_written() {
    let stage = sick_before();
    let outcome = run(stage.desk("ann").deploy(&driven("2.0")));
    assert_eq!(outcome.unwrap().ending.reason, Reason::Healthy, "it was the repair");
    assert_eq!(failed_before(&stage), ["it answers"]);
}

#[test]
fn what_fails_as_before_is_neither_rolled_back_nor_stable() {
    let stage = sick_before();
    stage.sicken("2.0");
    let outcome = run(stage.desk("ann").deploy(&driven("2.0")));
    assert_eq!(outcome.unwrap().ending.reason, Reason::FailedBefore);
    assert_eq!(stage.runs(), "app=2.0");
    assert!(!stage.state().operations[1].is_stable());
}

#[test]
fn what_fails_only_since_the_deployment_is_rolled_back() {
    let stage = sick_before();
    stage.heal();
    stage.sicken("2.0");
    let outcome = run(stage.desk("ann").deploy(&driven("2.0")));
    assert_eq!(outcome.unwrap().ending.reason, Reason::RolledBack);
    assert_eq!(stage.runs(), "app=1.0");
}

#[test]
fn begin_rehearses_for_the_verdict_of_another_process() {
    let stage = sick_before();
    run(stage.desk("ann").begin(&begin_order("2.0"))).unwrap();
    assert_eq!(failed_before(&stage), ["it answers"]);
}

#[test]
fn a_rehearsal_that_is_switched_off_asks_nothing() {
    let stage = sick_before();
    let desk = stage.desk_under("ann", |policy| policy.verify.rehearsal = Rehearsal::Skipped);
    run(desk.begin(&begin_order("2.0"))).unwrap();
    assert!(failed_before(&stage).is_empty());
}

#[test]
fn nothing_is_rehearsed_where_nothing_runs() {
    let stage = Stage::default();
    run(stage.desk("ann").begin(&begin_order("1.0"))).unwrap();
    assert!(failed_before(&stage).is_empty());
}

#[test]
fn a_rehearsal_alone_writes_nothing() {
    let stage = sick_before();
    let outcome = run(stage.desk("ann").rehearse()).unwrap();
    assert_eq!(outcome.ending.reason, Reason::NotAsked);
    assert_eq!(outcome.gate.unwrap().verdict, Verdict::Unhealthy);
    stage.heal();
    assert_eq!(reason(run(stage.desk("ann").rehearse())), Reason::Done);
    assert_eq!(stage.told(), [""; 0]);
}

struct Policy(Result<Reaction, String>);

#[async_trait]
impl Decider for Policy {
    fn name(&self) -> String {
        "./policy".to_owned()
    }

    async fn decide(&self, verdict: &str) -> Result<Reaction, String> {
        assert!(verdict.contains(r#""environment":"production""#), "{verdict}");
        self.0.clone()
    }
}

fn with_policy(stage: &Stage, said: Result<Reaction, &str>) -> Writer {
    let mut desk = stage.desk("bob");
    let said = said.map_err(ToOwned::to_owned);
    desk.desk.ports.decider = Some(Arc::new(Policy(said)));
    desk
}

fn decided(stage: &Stage, n: usize) -> Option<Decided> {
    stage.state().operations[n - 1].verified.as_ref().unwrap().0.decided.clone()
}

#[test]
fn a_policy_holds_what_the_gate_would_roll_back_and_is_recorded() {
    let stage = super::verifying::sick();
    let desk = with_policy(&stage, Ok(Reaction::Hold));
    assert_eq!(reason(run(desk.verify(&guard()))), Reason::Held);
    assert_eq!(stage.runs(), "app=2.0");
    let decided = decided(&stage, 2).unwrap();
    assert_eq!((decided.answer, decided.by.as_str()), (Reaction::Hold, "./policy"));
}

#[test]
fn a_policy_that_gives_no_answer_holds() {
    let stage = super::verifying::sick();
    let desk = with_policy(&stage, Err("it ended with exit code 1"));
    assert_eq!(reason(run(desk.verify(&guard()))), Reason::Held);
    assert_eq!(stage.runs(), "app=2.0");
    assert_eq!(decided(&stage, 2).unwrap().message, "it ended with exit code 1");
}

#[test]
fn a_policy_rolls_back_what_the_gate_finds_healthy() {
    let stage = super::verifying::sick();
    stage.heal();
    let desk = with_policy(&stage, Ok(Reaction::Rollback));
    assert_eq!(reason(run(desk.verify(&guard()))), Reason::RolledBack);
    assert_eq!(stage.runs(), "app=1.0");
}

#[test]
fn a_policy_that_holds_keeps_a_healthy_deployment_from_being_marked() {
    let stage = super::verifying::sick();
    stage.heal();
    let desk = with_policy(&stage, Ok(Reaction::Hold));
    assert_eq!(reason(run(desk.verify(&guard()))), Reason::HeldBack);
    assert!(!stage.state().operations[1].is_stable());
    let desk = with_policy(&stage, Ok(Reaction::Pass));
    assert_eq!(reason(run(desk.verify(&guard()))), Reason::Healthy);
    assert!(stage.state().operations[1].is_stable());
}

#[test]
fn a_policy_overrules_no_rule_of_rolling_back() {
    let stage = super::verifying::sick();
    let desk = with_policy(&stage, Ok(Reaction::Rollback));
    assert_eq!(reason(run(desk.verify(&look()))), Reason::NotAsked);
    assert_eq!(stage.runs(), "app=2.0");
}
