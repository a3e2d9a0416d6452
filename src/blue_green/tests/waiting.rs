//! The deployer that waits, with a driver and a router.

use async_trait::async_trait;
use tokio::sync::Notify;

use super::super::asynchronous::{AsyncBlueGreenDeployer, Connected, HealthChecker as Waits};
use super::*;
use crate::domain::slots::{Pair, Shares, Slot};
use crate::error::{Error, Result as PortResult};
use crate::ports::{Drained, Drive, Driven, Driver, Router};

struct Site {
    pair: Pair,
    told: Mutex<Vec<String>>,
    /// What the router says whatever it is told, where it lies.
    lies: Mutex<Option<Shares>>,
    reached: Notify,
    open: Notify,
}

#[derive(Clone)]
struct Shared(Arc<Site>);

impl Shared {
    fn tell(&self, line: String) {
        self.0.told.lock().unwrap().push(line);
    }
}

#[async_trait]
impl Waits for Shared {
    async fn check(&self, environment: Environment) -> HealthCheckResult {
        self.tell(format!("look {environment}"));
        HealthCheckResult::of([("answers", true)])
    }
}

#[async_trait]
impl Driver for Shared {
    fn plan(&self, _: &Drive) -> Vec<String> {
        Vec::new()
    }

    async fn apply(&self, drive: &Drive) -> PortResult<Driven> {
        let slot = drive.slot.as_ref().map(ToString::to_string).unwrap_or_default();
        self.0.reached.notify_one();
        self.0.open.notified().await;
        self.tell(format!("{} {} in {slot}", drive.service, drive.to.version));
        Ok(Driven { message: String::new() })
    }
}

#[async_trait]
impl Router for Shared {
    fn kind(&self) -> &'static str {
        "fake"
    }

    fn pair(&self) -> &Pair {
        &self.0.pair
    }

    fn plan(&self, _: &Shares) -> Vec<String> {
        Vec::new()
    }

    async fn read(&self) -> PortResult<Shares> {
        Err(Error::failed("nobody reads"))
    }

    async fn share(&self, shares: &Shares) -> PortResult<Shares> {
        self.tell(shares.to_string());
        Ok(self.0.lies.lock().unwrap().clone().unwrap_or_else(|| shares.clone()))
    }

    async fn drain(&self, slot: &Slot, _: Duration) -> PortResult<Drained> {
        self.tell(format!("drain {slot}"));
        Ok(Drained::Empty)
    }
}

fn site() -> (Shared, AsyncBlueGreenDeployer<Shared>) {
    let slot = |name: &str| Slot::new(name).unwrap();
    let pair = Pair { stable: slot("web-a"), candidate: slot("web-b") };
    let (told, lies) = (Mutex::default(), Mutex::default());
    let site = Site { pair, told, lies, reached: Notify::new(), open: Notify::new() };
    let site = Shared(Arc::new(site));
    let (driver, router) = (Arc::new(site.clone()), Arc::new(site.clone()));
    let connected = Connected::new("production", "web", driver, router).unwrap();
    let config = DeployerConfig::default();
    (site.clone(), AsyncBlueGreenDeployer::new(site, config, Some(connected)).unwrap())
}

#[tokio::test]
async fn driver_and_router_are_told_by_the_routers_own_names() {
    let (site, deployer) = site();
    site.0.open.notify_one();
    assert_eq!(deployer.deploy_and_switch("2.0", "web:2.0", 2).await, Ok(Green));
    deployer.rollback().await.unwrap();
    let told = [
        "drain web-b",
        "web 2.0 in web-b",
        "look green",
        "web-a 0 %, web-b 100 %",
        "web-a 100 %, web-b 0 %",
    ];
    assert_eq!(*site.0.told.lock().unwrap(), told);
    assert_eq!(deployer.live_environment().await, Blue);
    assert_eq!(deployer.history().await[0].status, DeploymentStatus::RolledBack);
}

#[tokio::test]
async fn a_second_deployment_is_told_that_the_slot_is_busy() {
    let (site, deployer) = site();
    let other = async {
        site.0.reached.notified().await;
        let answers = (deployer.deploy("3.0", "", 1).await, deployer.switch().await);
        site.0.open.notify_one();
        answers
    };
    let (first, (second, third)) = tokio::join!(deployer.deploy("2.0", "", 1), other);
    assert_eq!(first, Ok(Green));
    assert_eq!(second, Err(DeployError::EnvironmentBusy(Green)));
    assert_eq!(third, Err(DeployError::EnvironmentBusy(Green)));
    assert_eq!(deployer.history().await.len(), 1);
}

#[tokio::test]
async fn a_router_that_says_something_else_has_not_switched() {
    let (site, deployer) = site();
    site.0.open.notify_one();
    let pair = &site.0.pair;
    *site.0.lies.lock().unwrap() = Some(Shares::of(pair, &pair.candidate, 60));
    let told = "the router was told web-a 0 %, web-b 100 %, and says web-a 40 %, web-b 60 %";
    let failed = Err(DeployError::SwitchFailed(told.to_owned()));
    assert_eq!(deployer.deploy_and_switch("2.0", "", 1).await, failed);
    assert_eq!(deployer.live_environment().await, Blue);
}
