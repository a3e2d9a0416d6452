//! Retries, shares and times, as they are set.

use super::*;

fn looked(retries: u32, finds: &[bool]) -> (bool, u32) {
    let stage = Stage::default();
    let mut deployer = stage.deployer(retries);
    deployer.deploy("2.0", "", 1).unwrap();
    stage.finds(finds);
    let seen = deployer.health_check().unwrap();
    (seen.healthy, stage.with(|world| world.looked))
}

#[test]
fn a_sick_slot_is_looked_at_again_as_often_as_is_set() {
    assert_eq!(looked(0, &[false, true]), (false, 1));
    assert_eq!(looked(2, &[false, false, true]), (true, 3));
    assert_eq!(looked(2, &[false; 4]), (false, 3));
    assert_eq!(looked(9, &[true]), (true, 1), "one passed look is enough");
}

#[test]
fn so_many_checks_must_pass_as_are_set() {
    for (percent, enough) in [(50, true), (51, false), (100, false)] {
        let stage = Stage::default();
        let config = DeployerConfig {
            min_healthy_percent: percent,
            health_check_retries: 0,
            ..DeployerConfig::default()
        };
        let mut deployer = Deployer::new(stage.clone(), config);
        deployer.deploy("2.0", "", 1).unwrap();
        stage.finds(&[false]);
        let seen = deployer.health_check().unwrap();
        assert_eq!((seen.healthy, seen.checks_passed, seen.checks_failed), (enough, 1, 1));
        assert_eq!(deployer.switch().is_ok(), enough, "{percent} %");
    }
}

#[test]
fn a_look_that_hangs_is_given_up_on() {
    struct Hangs(Mutex<Receiver<()>>);
    impl HealthChecker for Hangs {
        fn check(&self, _: Environment) -> HealthCheckResult {
            let _ = self.0.lock().map(|silence| silence.recv());
            HealthCheckResult::of([("answers", true)])
        }
    }
    let stage = Stage::default();
    let config = DeployerConfig {
        health_check_timeout: Duration::from_millis(20),
        health_check_retries: 1,
        ..DeployerConfig::default()
    };
    let mut deployer = BlueGreenDeployer::new(Hangs(Mutex::new(stage.silence())), config);
    let told = DeployError::Timeout("the health of `green`, within 20ms".to_owned());
    assert_eq!(deployer.deploy_and_switch("2.0", "", 1), Err(told));
    assert_eq!(deployer.environment_state(Green), Failed);
    assert_eq!(deployer.history()[0].status, DeploymentStatus::Failed);
    assert_eq!(deployer.live_environment(), Blue);
}

#[test]
fn a_switch_that_hangs_is_given_up_on_and_the_traffic_made_sure_of() {
    let stage = Stage::default();
    let config =
        DeployerConfig { switch_timeout: Duration::from_millis(20), ..DeployerConfig::default() };
    let mut deployer = Deployer::new(stage.clone(), config).with_platform(stage.clone());
    stage.with(|world| world.breaks = Some("hang route"));
    let told = DeployError::Timeout("the traffic to `green`, within 20ms".to_owned());
    assert_eq!(deployer.deploy_and_switch("2.0", "", 1), Err(told));
    assert_eq!(stands(&deployer), (Live, Ready, "2.0 Ready".into()));
    stage.waits_for("route green");
    stage.told();
    let saved = deployer.saved().clone();
    let again = Deployer::restore(stage.clone(), DeployerConfig::default(), saved).unwrap();
    again.with_platform(stage.clone()).deploy("3.0", "", 1).unwrap();
    assert_eq!(stage.told(), "route blue, deploy green", "nothing is deployed under traffic");
}
