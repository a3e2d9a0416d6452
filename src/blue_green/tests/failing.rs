//! What fails, panics, or was left in the middle.

use super::*;

#[test]
fn whatever_fails_what_was_live_stays_live() {
    for (breaks, status) in [("fail deploy", "Failed"), ("fail route", "Ready")] {
        let stage = Stage::default();
        let mut deployer = stage.deployer(0);
        stage.with(|world| world.breaks = Some(breaks));
        assert!(deployer.deploy_and_switch("2.0", "", 1).is_err());
        assert_eq!(deployer.environment_state(Blue), Live);
        assert_eq!(stands(&deployer).2, format!("2.0 {status}"), "{breaks}");
        assert!(deployer.deploy_and_switch("3.0", "", 1).is_ok(), "{breaks}");
    }
    let stage = Stage::default();
    let mut deployer = stage.deployer(0);
    stage.finds(&[false]);
    let told = "`green` failed 1 of 2 checks: queue is short".to_owned();
    let failed = Err(DeployError::HealthCheckFailed(told));
    assert_eq!(deployer.deploy_and_switch("2.0", "", 1), failed);
    assert_eq!(stands(&deployer), (Live, Failed, "2.0 Failed".into()));
}

#[test]
fn what_did_not_come_can_neither_be_looked_at_nor_get_traffic() {
    let stage = Stage::default();
    let mut deployer = stage.deployer(0);
    stage.with(|world| world.breaks = Some("fail deploy"));
    assert!(deployer.deploy("2.0", "", 1).is_err());
    assert!(matches!(deployer.health_check(), Err(DeployError::InvalidState(_))));
    assert!(deployer.switch().is_err());
}

#[test]
fn a_rollback_that_the_platform_refuses_leaves_the_traffic() {
    let stage = Stage::default();
    let mut deployer = stage.deployer(0);
    deployer.deploy_and_switch("2.0", "", 1).unwrap();
    stage.with(|world| world.breaks = Some("fail route"));
    let failed = Err(DeployError::RollbackFailed("no such server".to_owned()));
    assert_eq!(deployer.rollback(), failed);
    assert_eq!(stands(&deployer), (Idle, Live, "2.0 Live".into()));
    assert_eq!(deployer.rollback(), Ok(()), "it can be tried again");
}

fn is_busy(deployer: &mut Deployer, slot: Environment) {
    let busy = DeployError::EnvironmentBusy(slot);
    assert_eq!(deployer.deploy("9", "", 1), Err(busy.clone()));
    assert_eq!(deployer.health_check(), Err(busy.clone()));
    assert_eq!(deployer.switch(), Err(busy.clone()));
    assert_eq!(deployer.rollback(), Err(busy.clone()));
    assert_eq!(deployer.deploy_and_switch("9", "", 1), Err(busy));
}

#[test]
fn a_panic_leaves_the_slot_busy_until_it_is_cleaned() {
    for breaks in ["panic deploy", "panic checker"] {
        let stage = Stage::default();
        let mut deployer = stage.deployer(0);
        stage.with(|world| match breaks {
            "panic checker" => world.panics = true,
            _ => world.breaks = Some(breaks),
        });
        let ended = catch_unwind(AssertUnwindSafe(|| deployer.deploy_and_switch("2.0", "", 1)));
        assert!(ended.is_err(), "{breaks}");
        assert_eq!(deployer.environment_state(Blue), Live, "{breaks}");
        assert_eq!(deployer.environment_state(Green), Deploying, "{breaks}");
        is_busy(&mut deployer, Green);
        let text = serde_json::to_string(deployer.saved()).unwrap();
        let saved = serde_json::from_str(&text).unwrap();
        let again = Deployer::restore(stage, deployer.config().clone(), saved);
        is_busy(&mut again.unwrap(), Green);
        deployer.cleanup_staging().unwrap();
        assert_eq!(deployer.environment_state(Green), Idle, "{breaks}");
        assert!(deployer.deploy_and_switch("3.0", "", 1).is_ok(), "{breaks}");
    }
}

#[test]
fn a_switch_that_panicked_is_taken_back_when_it_is_cleaned() {
    let stage = Stage::default();
    let mut deployer = stage.deployer(0);
    stage.with(|world| world.breaks = Some("panic route"));
    let ended = catch_unwind(AssertUnwindSafe(|| deployer.deploy_and_switch("2.0", "", 1)));
    assert!(ended.is_err());
    assert_eq!(deployer.live_environment(), Blue);
    is_busy(&mut deployer, Green);
    stage.told();
    deployer.cleanup_staging().unwrap();
    assert_eq!(stage.told(), "route blue, clean green", "no slot is emptied under traffic");
}

#[test]
fn nothing_is_done_that_the_store_has_not_kept() {
    struct Full(Arc<Mutex<bool>>);
    impl Store for Full {
        fn keep(&self, _: &Saved) -> Result<(), String> {
            if *self.0.lock().unwrap() { Err("the disk is full".to_owned()) } else { Ok(()) }
        }
    }
    let (stage, full) = (Stage::default(), Arc::new(Mutex::new(true)));
    let mut deployer = stage.deployer(0).with_store(Full(full.clone()));
    let why = "the store did not keep the account: the disk is full".to_owned();
    assert_eq!(deployer.deploy("2.0", "", 1), Err(DeployError::InvalidState(why)));
    assert_eq!((stands(&deployer), stage.told()), ((Live, Idle, String::new()), String::new()));
    *full.lock().unwrap() = false;
    assert!(deployer.deploy_and_switch("2.0", "", 1).is_ok());
}

#[test]
fn an_account_that_cannot_be_true_is_refused() {
    let stage = Stage::default();
    let mut deployer = stage.deployer(0);
    deployer.deploy("2.0", "", 1).unwrap();
    let text = serde_json::to_string(deployer.saved()).unwrap();
    for (from, to) in [
        (r#""blue":100"#, r#""blue":50"#),
        (r#""state":"Ready""#, r#""state":"Live""#),
        (r#""record":0"#, r#""record":7"#),
    ] {
        assert!(text.contains(from), "{from} in {text}");
        let mut changed = text.replace(from, to);
        if to.ends_with("50") {
            changed = changed.replace(r#""green":0"#, r#""green":50"#);
        }
        let saved = serde_json::from_str(&changed).unwrap();
        let refused = Deployer::restore(stage.clone(), DeployerConfig::default(), saved);
        assert!(matches!(refused, Err(DeployError::InvalidState(_))), "{from}");
    }
}
