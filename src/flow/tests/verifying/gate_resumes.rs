//! What the gate makes of an operation that somebody left open.

use super::super::super::fakes::Fault;
use super::super::recording::begin_order;
use super::*;

#[test]
fn an_interrupted_operation_is_told_and_taken_over_only_where_the_gate_may_act() {
    let stage = sick();
    let bob = stage.ci("9");
    bob.ledger.faults(&[Fault::None; 3]);
    bob.ledger.faults(&[Fault::Dies]);
    assert!(run(bob.verify(&guard())).is_err());
    assert_eq!(stage.state().open().count(), 1);
    assert_eq!(reason(run(stage.desk("eve").verify(&look()))), Reason::Busy);
    stage.forge.over.lock().unwrap().insert("9".to_owned());
    stage.told();
    assert_eq!(reason(run(stage.desk("eve").verify(&look()))), Reason::Busy);
    assert_eq!(reason(run(stage.desk("eve").verify(&guard()))), Reason::Healthy);
    assert_eq!(
        stage.told(),
        [
            "eve: resumed 3",
            "eve: deployed 3, finished 3, +deploy/production/3",
            "eve: verified 3, stable 3",
        ]
    );
}

#[test]
fn what_nobody_has_written_to_for_a_quarter_of_an_hour_may_be_taken_over() {
    let stage = sick();
    let bob = stage.desk("bob");
    bob.ledger.faults(&[Fault::None; 2]);
    bob.ledger.faults(&[Fault::Dies]);
    assert!(run(bob.verify(&guard())).is_err());
    stage.later(Duration::from_secs(15 * 60));
    assert_eq!(reason(run(stage.desk("eve").verify(&guard()))), Reason::Busy);
    stage.later(Duration::from_secs(1));
    assert_eq!(reason(run(stage.desk("eve").verify(&look()))), Reason::Interrupted);
    stage.told();
    assert_eq!(reason(run(stage.desk("eve").verify(&guard()))), Reason::Healthy);
    assert_eq!(stage.told()[..2], ["eve: resumed 3", "eve: rollback app 1.0"]);
}

#[test]
fn a_handed_over_deployment_is_never_taken_over_by_the_gate() {
    let stage = sick();
    run(stage.ci("9").begin(&begin_order("3.0"))).unwrap();
    stage.forge.over.lock().unwrap().insert("9".to_owned());
    assert_eq!(reason(run(stage.desk("eve").verify(&guard()))), Reason::Busy);
}
