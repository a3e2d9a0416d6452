//! The manager that waits: many ask, one acts.

use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use tokio::sync::Notify;

use super::super::asynchronous::{AsyncRollbackManager, HealthChecker as Waits};
use super::*;
use crate::error::{Error, Result as PortResult};
use crate::ports::{self, Availability, Drive, Driven};

#[derive(Default)]
struct Gate {
    reached: Notify,
    open: Notify,
    applied: AtomicU32,
}

#[derive(Clone)]
struct Held(Arc<Gate>);

#[async_trait]
impl Waits for Held {
    async fn check_service(&self, service: &str) -> bool {
        service != "panics" || panic!("the checker broke")
    }

    async fn check_all(&self) -> HashMap<String, bool> {
        HashMap::new()
    }
}

#[async_trait]
impl ports::Driver for Held {
    fn plan(&self, _: &Drive) -> Vec<String> {
        Vec::new()
    }

    async fn available(&self, drive: &Drive) -> PortResult<Availability> {
        match drive.service.as_str() {
            "gone" => Ok(Availability::Missing("its image is gone".to_owned())),
            "api" => Err(Error::unreachable("nobody could be asked")),
            _ => Ok(Availability::Untold),
        }
    }

    async fn apply(&self, drive: &Drive) -> PortResult<Driven> {
        if drive.service.as_str() == "stuck" {
            return Err(Error::failed("it is stuck").because("nobody pushes"));
        }
        self.0.applied.fetch_add(1, Ordering::SeqCst);
        self.0.reached.notify_one();
        self.0.open.notified().await;
        Ok(Driven { message: String::new() })
    }
}

async fn manager(gate: &Arc<Gate>, services: &[&str]) -> (AsyncRollbackManager<Held>, String) {
    let held = Held(gate.clone());
    let manager = AsyncRollbackManager::new(held.clone(), RollbackConfig::default()).unwrap();
    let manager = manager.set_up(|setup| setup.with_driver("production", Arc::new(held))).unwrap();
    for service in services {
        manager.record_deployment(DeployedVersion::new(*service, "1", "")).await.unwrap();
    }
    let point = manager.create_restore_point("good").await;
    manager.mark_stable(&point).await.unwrap();
    for service in services {
        manager.record_deployment(DeployedVersion::new(*service, "2", "")).await.unwrap();
    }
    (manager, point)
}

#[tokio::test]
async fn a_second_rollback_is_told_that_one_runs() {
    let gate = Arc::new(Gate::default());
    let (manager, point) = manager(&gate, &["api"]).await;
    let other = async {
        gate.reached.notified().await;
        let answers = (
            manager.rollback_to(&point).await,
            manager.record_deployment(DeployedVersion::new("api", "3", "")).await,
        );
        gate.open.notify_one();
        answers
    };
    let (first, (second, third)) = tokio::join!(manager.rollback_to_stable(), other);
    assert!(first.unwrap().success);
    assert_eq!(second, Err(RollbackError::RollbackInProgress));
    assert_eq!(third, Err(RollbackError::RollbackInProgress));
    assert_eq!(manager.current_versions().await["api"].version, "1");
}

#[tokio::test]
async fn what_does_not_hang_together_is_driven_at_the_same_time() {
    let gate = Arc::new(Gate::default());
    let (manager, point) = manager(&gate, &["api", "db", "stuck"]).await;
    let both = async {
        while gate.applied.load(Ordering::SeqCst) < 2 {
            gate.reached.notified().await;
        }
        gate.open.notify_waiters();
        gate.open.notify_one();
        gate.open.notify_one();
    };
    let (result, ()) = tokio::join!(manager.rollback_to(&point), both);
    let result = result.unwrap();
    assert_eq!(
        (result.rolled_back_services, result.failed_services),
        (vec!["api".to_owned(), "db".to_owned()], vec!["stuck".to_owned()])
    );
}

#[tokio::test]
async fn a_panic_leaves_it_in_the_middle_and_a_cancel_frees_it() {
    let gate = Arc::new(Gate::default());
    let (manager, point) = manager(&gate, &["panics"]).await;
    let manager = Arc::new(manager);
    gate.open.notify_one();
    let (asked, id) = (manager.clone(), point.clone());
    let ended = tokio::spawn(async move { asked.rollback_to(&id).await }).await;
    assert!(ended.unwrap_err().is_panic());
    assert_eq!(manager.rollback_to(&point).await, Err(RollbackError::RollbackInProgress));
    let saved = manager.saved().await;
    let again = AsyncRollbackManager::restore(Held(gate.clone()), RollbackConfig::default(), saved);
    let again = again.unwrap().rollback_to_stable().await;
    assert_eq!(again, Err(RollbackError::RollbackInProgress));
}

#[tokio::test]
async fn what_the_driver_knows_to_be_missing_is_refused() {
    let gate = Arc::new(Gate::default());
    let (manager, point) = manager(&gate, &["api", "gone"]).await;
    let told = "`gone` 1 cannot be brought: its image is gone".to_owned();
    assert_eq!(manager.rollback_to(&point).await, Err(RollbackError::InvalidState(told)));
    assert_eq!(gate.applied.load(Ordering::SeqCst), 0);
}

#[test]
fn without_a_runtime_there_is_none() {
    let manager = AsyncRollbackManager::new(Held(Arc::default()), RollbackConfig::default());
    assert!(matches!(manager, Err(RollbackError::InvalidState(_))));
}
