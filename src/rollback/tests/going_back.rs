//! Where a rollback goes, and what it tells.

use super::*;

#[test]
fn all_that_differs_goes_back_and_the_rest_stays() {
    let stage = Stage::default();
    let mut manager = stage.manager(RollbackStrategy::Immediate);
    ship(&mut manager, &stage, "api=1 db=1 web=1");
    let point = manager.create_restore_point("before");
    ship(&mut manager, &stage, "api=2 web=2 mail=1");
    let result = manager.rollback_to(&point).unwrap();
    assert!(result.success);
    assert_eq!(result.rolled_back_services, ["api", "web"]);
    assert_eq!(result.failed_services, [""; 0]);
    assert_eq!(pairs(&result.previous_versions), "api=2 web=2");
    assert_eq!(pairs(&result.new_versions), "api=1 web=1");
    assert_eq!(runs(&manager), "api=1 db=1 mail=1 web=1");
}

#[test]
fn what_was_deployed_comes_back_whole() {
    let stage = Stage::default();
    let mut manager = stage.manager(RollbackStrategy::Immediate);
    let first = DeployedVersion {
        deployed_at: SystemTime::UNIX_EPOCH + Duration::from_secs(7),
        ..DeployedVersion::new("api", "1", "api:1").replicas(3).config("port", "80")
    };
    manager.record_deployment(first.clone()).unwrap();
    let point = manager.create_restore_point("one");
    let second = first.clone().config("port", "81");
    manager.record_deployment(second.clone()).unwrap();
    assert_eq!(manager.current_versions()["api"], second);
    assert!(manager.rollback_to(&point).unwrap().success, "the configuration alone differs");
    assert_eq!(manager.current_versions()["api"], first);
}

#[test]
fn every_rollback_is_in_the_history_with_what_it_made() {
    let stage = Stage::default();
    let mut manager = stage.manager(RollbackStrategy::Immediate);
    let point = good(&mut manager, &stage, "api=1");
    ship(&mut manager, &stage, "api=2");
    manager.rollback_to(&point).unwrap();
    manager.cancel_rollback().unwrap();
    let told: Vec<_> = manager.history().iter().map(|p| words(&p.versions)).collect();
    assert_eq!(told, ["api=1", "api=1", "api=2"]);
    let ids: BTreeSet<_> = manager.history().iter().map(|point| point.id.clone()).collect();
    assert_eq!(ids.len(), 3);
    assert!(manager.history().is_sorted_by_key(|point| point.created_at));
}

#[test]
fn an_unknown_target_changes_nothing() {
    let stage = Stage::default();
    let mut manager = stage.manager(RollbackStrategy::Immediate);
    let empty = manager.create_restore_point("nothing yet");
    let point = good(&mut manager, &stage, "api=1");
    ship(&mut manager, &stage, "web=1");
    let before = manager.saved().clone();
    let unknown = |id: &str| RollbackError::RestorePointNotFound(id.to_owned());
    assert_eq!(manager.rollback_to("no-such"), Err(unknown("no-such")));
    assert_eq!(manager.rollback_service("api", "no-such"), Err(unknown("no-such")));
    assert_eq!(manager.mark_stable("no-such"), Err(unknown("no-such")));
    let missing = RollbackError::ServiceNotFound("web".to_owned());
    assert_eq!(manager.rollback_service("web", &point), Err(missing));
    assert!(matches!(manager.rollback_to(&empty), Err(RollbackError::InvalidState(_))));
    assert!(matches!(manager.cancel_rollback(), Err(RollbackError::InvalidState(_))));
    let nameless = DeployedVersion::new("", "1", "");
    assert!(matches!(manager.record_deployment(nameless), Err(RollbackError::InvalidState(_))));
    assert_eq!((runs(&manager).as_str(), manager.saved()), ("api=1 web=1", &before));
}

#[test]
fn stable_is_the_newest_that_differs_and_was_not_fled() {
    let stage = Stage::default();
    let mut manager = stage.manager(RollbackStrategy::Immediate);
    let none = manager.rollback_to_stable();
    assert!(matches!(none, Err(RollbackError::RestorePointNotFound(_))));
    good(&mut manager, &stage, "api=1");
    let second = good(&mut manager, &stage, "api=2");
    ship(&mut manager, &stage, "api=3");
    manager.rollback_to_stable().unwrap();
    assert_eq!(runs(&manager), "api=2");
    manager.rollback_to_stable().unwrap();
    assert_eq!(runs(&manager), "api=1");
    let none = manager.rollback_to_stable();
    assert!(matches!(none, Err(RollbackError::RestorePointNotFound(_))), "2 was fled from");
    manager.rollback_to(&second).unwrap();
    assert_eq!(runs(&manager), "api=2", "a person may go there again");
    ship(&mut manager, &stage, "api=4");
    manager.rollback_to_stable().unwrap();
    assert_eq!(runs(&manager), "api=2", "and it is good again by that");
}

#[test]
fn where_nothing_differs_nothing_is_moved_and_the_health_is_told() {
    let stage = Stage::default();
    let mut manager = stage.manager(RollbackStrategy::Immediate);
    let point = good(&mut manager, &stage, "api=1");
    assert!(manager.rollback_to(&point).unwrap().success);
    stage.sicken("api");
    let result = manager.rollback_to(&point).unwrap();
    assert_eq!((result.success, result.failed_services), (false, vec!["api".to_owned()]));
    assert_eq!(manager.history().len(), 1);
}

#[test]
fn one_service_goes_back_alone() {
    let stage = Stage::default();
    let mut manager = stage.manager(RollbackStrategy::ServiceByService);
    let point = good(&mut manager, &stage, "api=1 web=1");
    ship(&mut manager, &stage, "api=2 web=2");
    let result = manager.rollback_service("web", &point).unwrap();
    assert_eq!(result.rolled_back_services, ["web"]);
    assert_eq!(runs(&manager), "api=2 web=1");
}

#[test]
fn what_came_back_sick_is_no_success_and_is_named() {
    let stage = Stage::default();
    let mut manager = stage.manager(RollbackStrategy::Immediate);
    let point = good(&mut manager, &stage, "api=1 db=1 web=1");
    ship(&mut manager, &stage, "api=2 db=2 web=2");
    stage.sicken("api=1");
    stage.sicken("web=1");
    let result = manager.rollback_to(&point).unwrap();
    assert_eq!((result.success, &result.rolled_back_services), (false, &vec!["db".to_owned()]));
    assert_eq!(result.failed_services, ["api", "web"]);
    assert_eq!(pairs(&result.new_versions), "api=1 db=1 web=1", "it runs all the same");
    assert_eq!(runs(&manager), "api=1 db=1 web=1");
    let told = RollbackError::HealthCheckFailed("api, web".to_owned());
    assert_eq!(result.proven(), Err(told));
}

#[test]
fn by_itself_it_goes_back_for_all_that_are_sick() {
    let stage = Stage::default();
    let mut manager = stage.manager(RollbackStrategy::Immediate);
    assert_eq!(manager.check_and_auto_rollback(), None, "nothing runs");
    ship(&mut manager, &stage, "api=1 db=1 web=1");
    stage.sicken("api=1");
    assert_eq!(manager.check_and_auto_rollback(), None, "there is nothing to go back to");
    stage.heal();
    good(&mut manager, &stage, "api=1 db=1 web=1");
    ship(&mut manager, &stage, "api=2 db=2 web=2 mail=1");
    assert_eq!(manager.check_and_auto_rollback(), None, "all are healthy");
    for sick in ["api=2", "web=2", "mail"] {
        stage.sicken(sick);
    }
    let result = manager.check_and_auto_rollback().unwrap();
    assert_eq!(result.rolled_back_services, ["api", "db", "web"]);
    assert_eq!(result.failed_services, ["mail"], "no point holds it");
    assert!(!result.success);
    assert_eq!(runs(&manager), "api=1 db=1 mail=1 web=1");
}

#[test]
fn by_itself_it_does_nothing_where_it_may_not() {
    let stage = Stage::default();
    let config = RollbackConfig { auto_rollback_on_failure: false, ..RollbackConfig::default() };
    let mut manager = Manager::new(stage.clone(), config);
    good(&mut manager, &stage, "api=1");
    ship(&mut manager, &stage, "api=2");
    stage.sicken("api");
    assert_eq!(manager.check_and_auto_rollback(), None);
    assert_eq!((runs(&manager).as_str(), stage.told().len()), ("api=2", 0));
}

#[test]
fn what_would_not_fit_together_is_refused_with_both_sides() {
    let stage = Stage::default();
    let manager = stage.manager(RollbackStrategy::Immediate);
    let mut manager = manager.requires("web", "db", ">=2").unwrap();
    let point = good(&mut manager, &stage, "db=1 api=1");
    ship(&mut manager, &stage, "db=2 web=5");
    let told = "`web` 5 needs `db` >=2, and would have 1".to_owned();
    let conflict = Err(RollbackError::DependencyConflict(told));
    assert_eq!(manager.rollback_to(&point), conflict);
    assert_eq!(manager.rollback_service("db", &point), conflict);
    assert_eq!(runs(&manager), "api=1 db=2 web=5");
    assert!(manager.rollback_service("api", &point).unwrap().success, "that one hangs on neither");
}

#[test]
fn a_circle_of_needs_is_refused() {
    let manager = || Stage::default().manager(RollbackStrategy::Immediate);
    assert!(manager().depends_on("a", "a").is_err());
    let chain = manager().depends_on("a", "b").unwrap().depends_on("b", "c").unwrap();
    assert!(matches!(chain.depends_on("c", "a"), Err(RollbackError::InvalidState(_))));
    assert!(manager().requires("a", "b", "two").is_err());
}

#[test]
fn a_cancel_undoes_one_rollback_and_only_while_it_stands() {
    let stage = Stage::default();
    let mut manager = stage.manager(RollbackStrategy::Immediate);
    good(&mut manager, &stage, "api=1");
    good(&mut manager, &stage, "api=2");
    ship(&mut manager, &stage, "api=3");
    manager.rollback_to_stable().unwrap();
    manager.rollback_to_stable().unwrap();
    manager.create_restore_point("a point alone changes nothing");
    let result = manager.cancel_rollback().unwrap();
    assert_eq!((result.success, runs(&manager).as_str()), (true, "api=2"));
    assert!(matches!(manager.cancel_rollback(), Err(RollbackError::InvalidState(_))));
    manager.rollback_to_stable().unwrap();
    ship(&mut manager, &stage, "api=4");
    assert!(matches!(manager.cancel_rollback(), Err(RollbackError::InvalidState(_))));
    assert_eq!(runs(&manager), "api=4");
}
