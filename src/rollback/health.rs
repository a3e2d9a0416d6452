//! Whether services are healthy, by the word of the user's own checker.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::ask::{Deadline, ask};

/// Tells whether services are healthy.
///
/// It is asked on a thread of its own, so that one that hangs can be given up on; that is why it
/// may borrow nothing that ends (`'static`). What it shares with others goes into an [`Arc`].
pub trait HealthChecker: Send + Sync + 'static {
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
pub(super) fn look<H: HealthChecker>(
    checker: &Arc<H>,
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
        let checker = Arc::new(Asked::default());
        let services = names(&["api", "web", "mail", "db"]);
        let health = look(&checker, services, Duration::from_secs(60));
        assert_eq!(sick(&health).collect::<Vec<_>>(), ["api", "mail"]);
        assert_eq!(*checker.0.lock().unwrap(), ["db", "mail"]);
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
        assert_eq!(look(&Arc::new(Never), [], Duration::from_secs(60)), Health::new());
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
        let checker = Arc::new(Hangs(Mutex::new(silence)));
        let limit = Duration::from_millis(20);
        let looked = Deadline::within(limit);
        let health = look(&checker, (0..500).map(|number| number.to_string()), limit);
        assert_eq!(sick(&health).count(), 500);
        assert!(looked.passed() < limit * 500, "one limit holds for all");
    }
}
