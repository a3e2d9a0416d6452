//! What a manager answers in the middle, and how it is freed.

use super::*;

/// A manager whose rollback panicked after so many services were moved.
fn broken(stage: &Stage, strategy: RollbackStrategy) -> (Manager, String) {
    let mut manager = stage.manager(strategy);
    let point = good(&mut manager, stage, "api=1 web=1");
    ship(&mut manager, stage, "api=2 web=2");
    stage.with(|world| world.panics = true);
    let panic = catch_unwind(AssertUnwindSafe(|| manager.rollback_to(&point)));
    assert!(panic.is_err(), "the panic goes on to the caller");
    (manager, point)
}

fn is_in_the_middle(manager: &mut Manager, point: &str) {
    let answer = Err(RollbackError::RollbackInProgress);
    assert_eq!(manager.rollback_to(point), answer);
    assert_eq!(manager.rollback_to("no-such"), answer);
    assert_eq!(manager.rollback_to_stable(), answer);
    assert_eq!(manager.rollback_service("api", point), answer);
    let api = DeployedVersion::new("api", "3", "");
    assert_eq!(manager.record_deployment(api), Err(RollbackError::RollbackInProgress));
    assert_eq!(manager.check_and_auto_rollback(), None);
    assert!(manager.is_interrupted());
    assert_eq!(runs(manager), "api=2 web=2", "what is known to have run whole");
}

#[test]
fn a_panic_leaves_it_in_the_middle_until_it_is_cancelled() {
    for strategy in
        [RollbackStrategy::Immediate, RollbackStrategy::Gradual, RollbackStrategy::ServiceByService]
    {
        let stage = Stage::default();
        let (mut manager, point) = broken(&stage, strategy);
        is_in_the_middle(&mut manager, &point);
        let result = manager.cancel_rollback().unwrap();
        assert!(result.success, "{strategy:?}");
        assert_eq!(runs(&manager), "api=2 web=2", "{strategy:?}");
        assert_eq!(stage.with(|world| world.runs["api"].clone()), "2", "{strategy:?}");
        assert!(manager.rollback_to(&point).unwrap().success, "{strategy:?}");
        assert_eq!(runs(&manager), "api=1 web=1", "{strategy:?}");
    }
}

#[test]
fn one_that_is_taken_up_in_the_middle_is_still_there() {
    let stage = Stage::default();
    let (manager, point) = broken(&stage, RollbackStrategy::ServiceByService);
    let text = serde_json::to_string(manager.saved()).unwrap();
    let saved = serde_json::from_str(&text).unwrap();
    let again = Manager::restore(stage.clone(), manager.config().clone(), saved).unwrap();
    let mut again = again.with_driver(stage.clone());
    assert_eq!(again.history(), manager.history());
    is_in_the_middle(&mut again, &point);
    assert!(again.cancel_rollback().unwrap().success);
    assert_eq!(stage.with(|world| world.runs["api"].clone()), "2");
    assert!(again.rollback_to_stable().unwrap().success);
    assert_eq!(runs(&again), "api=1 web=1");
}

#[test]
fn a_checker_that_breaks_while_it_is_cancelled_does_not_keep_it_there() {
    let stage = Stage::default();
    let (mut manager, point) = broken(&stage, RollbackStrategy::Immediate);
    stage.with(|world| world.panics = true);
    assert!(catch_unwind(AssertUnwindSafe(|| manager.cancel_rollback())).is_err());
    assert!(manager.rollback_to(&point).unwrap().success);
}

#[test]
fn a_look_that_breaks_before_anything_began_leaves_nothing_behind() {
    let stage = Stage::default();
    let mut manager = stage.manager(RollbackStrategy::Immediate);
    good(&mut manager, &stage, "api=1");
    stage.with(|world| world.panics = true);
    assert!(catch_unwind(AssertUnwindSafe(|| manager.check_and_auto_rollback())).is_err());
    assert!(!manager.is_interrupted());
}

#[test]
fn a_cancel_that_was_left_in_the_middle_is_put_back_too() {
    let stage = Stage::default();
    let mut manager = stage.manager(RollbackStrategy::Immediate);
    good(&mut manager, &stage, "api=1");
    ship(&mut manager, &stage, "api=2");
    manager.rollback_to_stable().unwrap();
    stage.with(|world| world.panics = true);
    assert!(catch_unwind(AssertUnwindSafe(|| manager.cancel_rollback())).is_err());
    manager.cancel_rollback().unwrap();
    assert_eq!(runs(&manager), "api=1");
    manager.cancel_rollback().unwrap();
    assert_eq!(runs(&manager), "api=2", "the rollback itself still stands, and can be undone");
}

#[test]
fn the_intent_is_kept_before_anything_is_moved_and_nothing_moves_without_it() {
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<(Option<Saved>, bool)>>);
    impl Store for Kept {
        fn keep(&self, saved: &Saved) -> Result<(), String> {
            let mut kept = self.0.lock().unwrap();
            if kept.1 {
                return Err("the disk is full".to_owned());
            }
            kept.0 = Some(saved.clone());
            Ok(())
        }
    }
    let (stage, kept) = (Stage::default(), Kept::default());
    let mut manager = stage.manager(RollbackStrategy::Immediate).with_store(kept.clone());
    let point = good(&mut manager, &stage, "api=1");
    ship(&mut manager, &stage, "api=2");
    kept.0.lock().unwrap().1 = true;
    stage.told();
    let full = "the store did not keep the ledger: the disk is full".to_owned();
    assert_eq!(manager.rollback_to(&point), Err(RollbackError::InvalidState(full)));
    assert_eq!((stage.told().len(), manager.is_interrupted()), (0, false));
    kept.0.lock().unwrap().1 = false;
    stage.with(|world| world.panics = true);
    assert!(catch_unwind(AssertUnwindSafe(|| manager.rollback_to(&point))).is_err());
    let saved = kept.0.lock().unwrap().0.clone().unwrap();
    let again = Manager::restore(stage, RollbackConfig::default(), saved).unwrap();
    assert!(again.is_interrupted());
}

#[test]
fn a_ledger_that_another_hand_changed_is_refused() {
    let stage = Stage::default();
    let mut manager = stage.manager(RollbackStrategy::Immediate);
    ship(&mut manager, &stage, "api=1");
    let text = serde_json::to_string(manager.saved()).unwrap();
    for (from, to) in [(r#"\"type\""#, r#"\"kind\""#), (r#""version":"1""#, r#""version":"9""#)] {
        assert!(text.contains(from), "{from} in {text}");
        let saved = serde_json::from_str(&text.replace(from, to)).unwrap();
        let refused = Manager::restore(stage.clone(), RollbackConfig::default(), saved);
        assert!(matches!(refused, Err(RollbackError::InvalidState(_))), "{from}");
    }
}
