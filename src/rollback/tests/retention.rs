//! What is forgotten, and what stays.

use super::*;

fn names(manager: &Manager) -> Vec<String> {
    manager.history().iter().map(|point| point.description.clone()).collect()
}

#[test]
fn the_oldest_go_and_the_stable_ones_stay() {
    let stage = Stage::default();
    let mut manager = stage.manager(RollbackStrategy::Immediate);
    ship(&mut manager, &stage, "api=1");
    let first = manager.create_restore_point("first");
    manager.mark_stable(&first).unwrap();
    for name in ["b", "c", "d", "e"] {
        manager.create_restore_point(name);
    }
    assert_eq!(manager.cleanup_history(), 2);
    assert_eq!(names(&manager), ["first", "d", "e"]);
    assert_eq!(manager.cleanup_history(), 0);
    assert_eq!(runs(&manager), "api=1");
}

#[test]
fn stable_ones_stay_also_beyond_the_limit() {
    let stage = Stage::default();
    let mut manager = stage.manager(RollbackStrategy::Immediate);
    for version in 1..=5 {
        good(&mut manager, &stage, &format!("api={version}"));
    }
    manager.create_restore_point("not stable");
    assert_eq!((manager.cleanup_history(), manager.history().len()), (1, 5));
}

#[test]
fn what_went_is_unknown_and_what_stayed_is_as_good_as_before() {
    let stage = Stage::default();
    let mut manager = stage.manager(RollbackStrategy::Immediate);
    let stable = good(&mut manager, &stage, "api=1");
    good(&mut manager, &stage, "api=2");
    ship(&mut manager, &stage, "api=3");
    let gone = manager.create_restore_point("goes");
    manager.rollback_to_stable().unwrap();
    manager.rollback_to_stable().unwrap();
    assert_eq!(manager.cleanup_history(), 2);
    assert_eq!(manager.rollback_to(&gone), Err(RollbackError::RestorePointNotFound(gone)));
    let none = manager.rollback_to_stable();
    assert!(matches!(none, Err(RollbackError::RestorePointNotFound(_))), "2 is still fled");
    assert!(manager.cancel_rollback().unwrap().success, "a cancel needs what was before");
    assert_eq!(runs(&manager), "api=2");
    let saved = manager.saved().clone();
    let again = Manager::restore(stage, manager.config().clone(), saved).unwrap();
    assert_eq!(again.history(), manager.history());
    assert_eq!(again.current_versions(), manager.current_versions());
    assert!(again.history().iter().any(|point| point.id == stable && point.is_stable));
}

#[test]
fn many_deployments_without_a_point_do_not_pile_up() {
    let stage = Stage::default();
    let mut manager = stage.manager(RollbackStrategy::Immediate);
    let point = good(&mut manager, &stage, "api=0");
    for version in 1..=1_000 {
        ship(&mut manager, &stage, &format!("api={version}"));
    }
    assert!(manager.saved().lines.len() < 600, "{}", manager.saved().lines.len());
    assert_eq!((runs(&manager).as_str(), manager.history().len()), ("api=1000", 1));
    manager.rollback_to(&point).unwrap();
    assert_eq!(runs(&manager), "api=0");
}
