//! How the slots take turns.

use super::*;

#[test]
fn blue_is_live_and_green_idle_at_the_start() {
    let deployer = Stage::default().deployer(0);
    assert_eq!((deployer.live_environment(), deployer.staging_environment()), (Blue, Green));
    assert_eq!(stands(&deployer), (Live, Idle, String::new()));
    assert_eq!(deployer.deployment_info(Blue), None);
}

#[test]
fn a_deployment_goes_to_the_slot_without_traffic_and_waits_there() {
    let mut deployer = Stage::default().deployer(0);
    assert_eq!(deployer.deploy("2.0", "shop:2.0", 3), Ok(Green));
    assert_eq!(stands(&deployer), (Live, Ready, "2.0 Ready".into()));
    let info = deployer.deployment_info(Green).unwrap();
    assert_eq!((&*info.version, &*info.image, info.replicas), ("2.0", "shop:2.0", 3));
    assert!(info.completed_at >= Some(info.started_at) && !info.health_check_passed);
}

#[test]
fn only_a_passed_health_check_gives_it_the_traffic() {
    let stage = Stage::default();
    let mut deployer = stage.deployer(0);
    assert!(matches!(deployer.switch(), Err(DeployError::InvalidState(_))), "there is nothing");
    assert!(matches!(deployer.health_check(), Err(DeployError::InvalidState(_))));
    deployer.deploy("2.0", "", 1).unwrap();
    assert!(matches!(deployer.switch(), Err(DeployError::InvalidState(_))), "nobody looked");
    stage.finds(&[false]);
    assert!(!deployer.health_check().unwrap().healthy);
    assert!(matches!(deployer.switch(), Err(DeployError::HealthCheckFailed(_))));
    assert_eq!(stands(&deployer), (Live, Failed, "2.0 Failed".into()));
    assert_eq!(deployer.history()[0].switched_at, None);
    assert!(deployer.health_check().unwrap().healthy, "it may be looked at again");
    assert_eq!(stands(&deployer), (Live, Ready, "2.0 Ready".into()));
    deployer.switch().unwrap();
    assert_eq!(stands(&deployer), (Idle, Live, "2.0 Live".into()));
    assert!(deployer.history()[0].switched_at.is_some());
    assert!(deployer.deployment_info(Green).unwrap().health_check_passed);
}

#[test]
fn what_the_traffic_was_taken_from_stands_by_and_can_be_returned_to() {
    let mut deployer = Stage::default().deployer(0);
    assert_eq!(deployer.deploy_and_switch("2.0", "", 1), Ok(Green));
    assert_eq!(deployer.deploy_and_switch("3.0", "", 1), Ok(Blue));
    assert_eq!(stands(&deployer), (Live, Idle, "2.0 Ready, 3.0 Live".into()));
    assert_eq!(deployer.deployment_info(Green).unwrap().version, "2.0");
    deployer.rollback().unwrap();
    assert_eq!(stands(&deployer), (Idle, Live, "2.0 Live, 3.0 RolledBack".into()));
    let [second, third] = deployer.history() else { panic!("two records") };
    assert!(third.rolled_back_at >= third.switched_at && third.rolled_back_at.is_some());
    assert_eq!(second.rolled_back_at, None);
    assert!(matches!(deployer.rollback(), Err(DeployError::RollbackFailed(_))), "3.0 was fled");
    assert!(matches!(deployer.switch(), Err(DeployError::InvalidState(_))));
}

#[test]
fn what_was_there_before_the_first_deployment_can_be_returned_to() {
    let mut deployer = Stage::default().deployer(0);
    deployer.deploy_and_switch("2.0", "", 1).unwrap();
    deployer.rollback().unwrap();
    assert_eq!(stands(&deployer), (Live, Idle, "2.0 RolledBack".into()));
}

#[test]
fn with_nothing_to_return_to_a_rollback_fails() {
    let failed = |deployer: &mut Deployer| {
        assert!(matches!(deployer.rollback(), Err(DeployError::RollbackFailed(_))));
    };
    let mut deployer = Stage::default().deployer(0);
    failed(&mut deployer);
    deployer.deploy("2.0", "", 1).unwrap();
    failed(&mut deployer);
    deployer.health_check().unwrap();
    deployer.switch().unwrap();
    deployer.cleanup_staging().unwrap();
    assert_eq!(deployer.deployment_info(Blue), None);
    failed(&mut deployer);
    deployer.deploy_and_switch("3.0", "", 1).unwrap();
    deployer.deploy("4.0", "", 1).unwrap();
    failed(&mut deployer);
    assert_eq!(stands(&deployer), (Live, Ready, "2.0 Ready, 3.0 Live, 4.0 Ready".into()));
}

#[test]
fn ids_are_given_once_and_a_version_must_have_a_name() {
    let mut deployer = Stage::default().deployer(0);
    assert!(matches!(deployer.deploy(" ", "", 1), Err(DeployError::InvalidState(_))));
    for version in ["2.0", "2.0", "3.0"] {
        deployer.deploy(version, "", 1).unwrap();
    }
    let ids: std::collections::BTreeSet<_> = deployer.history().iter().map(|r| &r.id).collect();
    assert_eq!((ids.len(), deployer.history().len()), (3, 3));
}

#[test]
fn the_platform_is_told_each_thing_once_in_order() {
    let stage = Stage::default();
    let mut deployer = stage.deployer(0);
    deployer.deploy_and_switch("2.0", "", 1).unwrap();
    deployer.rollback().unwrap();
    deployer.cleanup_staging().unwrap();
    assert_eq!(stage.told(), "deploy green, route green, route blue, clean green");
}
