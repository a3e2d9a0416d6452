//! Whether services are healthy, by the word of the user's own checker.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::ask::{Deadline, ask};

/// Tells whether services are healthy.
///
/// A [`RollbackManager`](super::RollbackManager) asks it on a thread of its own, so that one that hangs
/// can be given up on; that is why it is given none that borrows what ends. What it shares with others
/// goes into an [`Arc`].
pub trait HealthChecker: Send + Sync {
    /// Returns whether one service is healthy.
    fn check_service(&self, service: &str) -> bool;

    /// Returns the health of all services that it can look at together; it may leave some out.
    fn check_all(&self) -> HashMap<String, bool>;
}

impl<H: HealthChecker + ?Sized> HealthChecker for Arc<H> {
    fn check_service(&self, service: &str) -> bool {
        (**self).check_service(service)
    }

    fn check_all(&self) -> HashMap<String, bool> {
        (**self).check_all()
    }
}

impl<H: HealthChecker + ?Sized> HealthChecker for Box<H> {
    fn check_service(&self, service: &str) -> bool {
        (**self).check_service(service)
    }

    fn check_all(&self) -> HashMap<String, bool> {
        (**self).check_all()
    }
}

/// The health of some services, each by its name.
pub(super) type Health = BTreeMap<String, bool>;

/// Looks at services once, within one limit for all; who does not answer in time is sick.
///
/// A service that `check_all` does not name is asked by `check_service`.
pub(super) fn look(
    checker: &Arc<dyn HealthChecker>,
    services: impl IntoIterator<Item = String>,
    limit: Duration,
) -> Health {
    let mut health: Health = services.into_iter().map(|service| (service, false)).collect();
    if health.is_empty() {
        return health;
    }
    let deadline = Deadline::within(limit);
    let all = checker.clone();
    let Some(told) = ask(deadline, move || all.check_all()) else { return health };
    for (service, healthy) in &mut health {
        *healthy = told.get(service).copied().unwrap_or_else(|| {
            let (one, service) = (checker.clone(), service.clone());
            ask(deadline, move || one.check_service(&service)).unwrap_or(false)
        });
    }
    health
}

/// Returns the services that are not healthy, by name.
pub(super) fn sick(health: &Health) -> impl Iterator<Item = &String> {
    health.iter().filter(|(_, healthy)| !**healthy).map(|(service, _)| service)
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, mpsc};

    use super::super::{DeployedVersion, RollbackConfig, RollbackManager};
    use super::*;

    #[derive(Default)]
    struct Asked(Mutex<Vec<String>>);

    impl HealthChecker for Asked {
        fn check_service(&self, service: &str) -> bool {
            self.0.lock().unwrap().push(service.to_owned());
            service != "mail"
        }

        fn check_all(&self) -> HashMap<String, bool> {
            HashMap::from([("api".to_owned(), false), ("web".to_owned(), true)])
        }
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn only_who_is_not_among_all_is_asked_alone() {
        let asked = Arc::new(Asked::default());
        let checker: Arc<dyn HealthChecker> = asked.clone();
        let services = names(&["api", "web", "mail", "db"]);
        let health = look(&checker, services, Duration::from_secs(60));
        assert_eq!(sick(&health).collect::<Vec<_>>(), ["api", "mail"]);
        assert_eq!(*asked.0.lock().unwrap(), ["db", "mail"]);
    }

    #[test]
    fn nobody_is_asked_about_nothing() {
        struct Never;
        impl HealthChecker for Never {
            fn check_service(&self, _: &str) -> bool {
                panic!("nobody should ask")
            }
            fn check_all(&self) -> HashMap<String, bool> {
                panic!("nobody should ask")
            }
        }
        let never: Arc<dyn HealthChecker> = Arc::new(Never);
        assert_eq!(look(&never, [], Duration::from_secs(60)), Health::new());
    }

    #[test]
    fn who_cannot_tell_in_time_is_sick_and_nobody_waits_twice() {
        struct Hangs(Mutex<mpsc::Receiver<()>>);
        impl HealthChecker for Hangs {
            fn check_service(&self, _: &str) -> bool {
                self.0.lock().is_ok_and(|silence| silence.recv().is_ok())
            }
            fn check_all(&self) -> HashMap<String, bool> {
                HashMap::new()
            }
        }
        let (_keep, silence) = mpsc::channel();
        let checker: Arc<dyn HealthChecker> = Arc::new(Hangs(Mutex::new(silence)));
        let limit = Duration::from_millis(20);
        let looked = Deadline::within(limit);
        let health = look(&checker, (0..500).map(|number| number.to_string()), limit);
        assert_eq!(sick(&health).count(), 500);
        assert!(looked.passed() < limit * 500, "one limit holds for all");
    }

    /// What somebody else knows.
    struct Borrowed<'a>(&'a HashMap<String, bool>);

    impl HealthChecker for Borrowed<'_> {
        fn check_service(&self, service: &str) -> bool {
            self.0.get(service).copied().unwrap_or(false)
        }

        fn check_all(&self) -> HashMap<String, bool> {
            self.0.clone()
        }
    }

    impl HealthChecker for &'static str {
        fn check_service(&self, service: &str) -> bool {
            *self == service
        }

        fn check_all(&self) -> HashMap<String, bool> {
            HashMap::from([((*self).to_owned(), true)])
        }
    }

    #[test]
    fn a_checker_may_borrow_what_ends() {
        let known = HashMap::from([("api".to_owned(), true)]);
        let checker = Borrowed(&known);
        let checkers: [&dyn HealthChecker; 2] = [&checker, &"api"];
        for checker in checkers {
            assert!(checker.check_service("api") && !checker.check_service("web"));
            assert_eq!(checker.check_all(), known);
        }
    }

    /// Any checker will do here: what it must not borrow was settled where the manager was made.
    fn success<H: HealthChecker>(mut manager: RollbackManager<H>) -> bool {
        let deployed = |version: &str| DeployedVersion::new("api", version, "api");
        manager.record_deployment(deployed("1.0")).unwrap();
        let first = manager.create_restore_point("first");
        manager.record_deployment(deployed("2.0")).unwrap();
        manager.rollback_to(&first).unwrap().success
    }

    #[test]
    fn a_manager_takes_a_checker_that_is_shared_boxed_or_never_ends() {
        let config = RollbackConfig::default;
        let shared: Arc<dyn HealthChecker> = Arc::new("api");
        assert!(success(RollbackManager::new(Arc::clone(&shared), config())));
        assert!(success(RollbackManager::new(Arc::new("api"), config())));
        assert!(success(RollbackManager::new(Box::new("api"), config())));
        assert!(success(RollbackManager::new("api", config())));
        assert!(!success(RollbackManager::new("web", config())));
    }
}
