//! In which order services move, and what a failure stops.

use super::*;

fn shop(stage: &Stage, strategy: RollbackStrategy) -> (Manager, String) {
    let manager = stage.manager(strategy).depends_on("web", "api").unwrap();
    let mut manager = manager.depends_on("api", "db").unwrap();
    let point = good(&mut manager, stage, "api=1 db=1 mail=1 web=1");
    ship(&mut manager, stage, "api=2 db=2 mail=2 web=2");
    stage.told();
    (manager, point)
}

#[test]
fn at_once_means_level_by_level_and_one_look_at_the_end() {
    let stage = Stage::default();
    let (mut manager, point) = shop(&stage, RollbackStrategy::Immediate);
    assert!(manager.rollback_to(&point).unwrap().success);
    let told = "web=1, api=1, db=1, mail=1, look api, look db, look mail, look web";
    assert_eq!(stage.told().join(", "), told);
}

#[test]
fn gradually_means_a_look_after_each_level() {
    let stage = Stage::default();
    let (mut manager, point) = shop(&stage, RollbackStrategy::Gradual);
    assert!(manager.rollback_to(&point).unwrap().success);
    let told = "db=1, mail=1, look db, look mail, api=1, look api, web=1, look web";
    assert_eq!(stage.told().join(", "), told);
}

#[test]
fn service_by_service_means_a_look_after_each() {
    let stage = Stage::default();
    let (mut manager, point) = shop(&stage, RollbackStrategy::ServiceByService);
    assert!(manager.rollback_to(&point).unwrap().success);
    let told = "db=1, look db, mail=1, look mail, api=1, look api, web=1, look web";
    assert_eq!(stage.told().join(", "), told);
}

#[test]
fn a_sick_one_stops_what_hangs_on_it_and_no_other() {
    for strategy in [RollbackStrategy::Gradual, RollbackStrategy::ServiceByService] {
        let stage = Stage::default();
        let (mut manager, point) = shop(&stage, strategy);
        stage.sicken("api=1");
        let result = manager.rollback_to(&point).unwrap();
        assert_eq!(result.rolled_back_services, ["db", "mail"], "{strategy:?}");
        assert_eq!(result.failed_services, ["api", "web"], "{strategy:?}");
        assert_eq!(runs(&manager), "api=1 db=1 mail=1 web=2", "{strategy:?}");
    }
}

#[test]
fn one_that_cannot_be_moved_stays_and_the_account_says_so() {
    let stage = Stage::default();
    let (mut manager, point) = shop(&stage, RollbackStrategy::Immediate);
    stage.with(|world| world.stuck.insert("api".to_owned()));
    let result = manager.rollback_to(&point).unwrap();
    assert_eq!(
        (result.success, result.rolled_back_services),
        (false, vec!["web".into(), "mail".into()])
    );
    assert_eq!(result.failed_services, ["api", "db"]);
    assert_eq!(runs(&manager), "api=2 db=2 mail=1 web=1");
    stage.with(|world| world.stuck.clear());
    assert!(manager.rollback_to(&point).unwrap().success);
    assert_eq!(runs(&manager), "api=1 db=1 mail=1 web=1");
}

#[test]
fn where_none_can_be_moved_nothing_has_changed() {
    let stage = Stage::default();
    let (mut manager, point) = shop(&stage, RollbackStrategy::Immediate);
    let all = ["api", "db", "mail", "web"].map(str::to_owned);
    stage.with(|world| world.stuck.extend(all.clone()));
    let result = manager.rollback_to(&point).unwrap();
    assert_eq!((result.success, result.failed_services), (false, all.to_vec()));
    assert_eq!((runs(&manager).as_str(), manager.history().len()), ("api=2 db=2 mail=2 web=2", 1));
    assert!(!manager.is_interrupted());
}

#[test]
fn what_cannot_be_brought_is_told_before_anything_is_touched() {
    let stage = Stage::default();
    let (mut manager, point) = shop(&stage, RollbackStrategy::Immediate);
    stage.with(|world| world.gone.insert("1".to_owned()));
    let one = "cannot be brought: its image is gone";
    let told = ["api", "db", "mail", "web"].map(|service| format!("`{service}` 1 {one}"));
    let refused = RollbackError::InvalidState(told.join("; "));
    assert_eq!(manager.rollback_to(&point), Err(refused));
    assert_eq!((stage.told().len(), runs(&manager).as_str()), (0, "api=2 db=2 mail=2 web=2"));
    assert!(!manager.is_interrupted());
}
