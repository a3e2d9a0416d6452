//! Deployments that lastgood drives itself.

use super::super::begin::BeginOrder;
use super::super::fakes::{Stage, run, service};
use super::recording::begin_order;
use super::verifying::{look, sick};
use crate::domain::ending::Reason;
use crate::domain::event::{Act, StepOutcome};
use crate::domain::operation::Status;

#[test]
fn a_deploy_is_driven_recorded_verified_and_rolled_back_where_it_is_sick() {
    let stage = sick();
    let order = BeginOrder { act: Act::Driven, ..begin_order("3.0") };
    stage.heal();
    stage.sicken("3.0");
    let outcome = run(stage.desk("bob").deploy(&order)).unwrap();
    assert_eq!(outcome.ending.reason, Reason::RolledBack);
    assert_eq!(stage.runs(), "app=1.0");
    assert_eq!(
        stage.told(),
        [
            "bob: started 3",
            "bob: deploy app 3.0",
            "bob: service_done 3",
            "bob: deployed 3, finished 3, +deploy/production/3",
            "bob: verified 3",
            "bob: started 4",
            "bob: rollback app 1.0",
            "bob: service_done 4",
            "bob: deployed 4, finished 4, +deploy/production/4",
            "bob: verified 4, stable 4",
        ]
    );
}

#[test]
fn a_driver_that_fails_counts_as_a_failed_gate_and_the_rest_is_skipped() {
    let stage = Stage::default();
    stage.desk("ann").records(&stage, "api=1.0 web=1.0", 'a').unwrap();
    run(stage.desk("ann").verify(&look())).unwrap();
    stage.told();
    let bob = stage.desk("bob");
    bob.driver.fail("web");
    let act = Act::Driven;
    let order = BeginOrder { act, ..begin_order("api=2.0 web=2.0") };
    let outcome = run(bob.deploy(&order)).unwrap();
    assert_eq!(outcome.ending.reason, Reason::RollbackFailed, "the driver is still broken");
    assert_eq!(stage.runs(), "api=1.0 web=1.0");
    let state = stage.state();
    assert_eq!(state.operations[1].done[&service("web")].outcome, StepOutcome::Failed);
    assert!(!state.operations[1].done.contains_key(&service("api")));
    assert!(state.unknown.contains_key(&service("web")));
    assert_eq!(state.operations[1].status(bob.now()), Status::Failed);
}
