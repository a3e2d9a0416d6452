//! Looks at what runs, and goes back by itself.

use std::collections::BTreeSet;

use super::RollbackManager;
use super::choose::Request;
use super::health::{HealthChecker, sick};
use super::told::RollbackResult;
use crate::domain::event::Trigger;
use crate::domain::names::Service;
use crate::domain::target::{Scope, Wanted};

impl<H: HealthChecker> RollbackManager<H> {
    /// Looks at every service that runs and, if any is sick, goes back to the newest stable restore
    /// point in which one of the sick ones differs: as a whole, so that what runs was together before.
    ///
    /// `None` means that nothing was touched: all are healthy, `auto_rollback_on_failure` is off (then
    /// nobody is even asked), there is nothing to go back to, what there is would not fit together,
    /// or a rollback is open. In the result no sick service is left out: one that the point does not
    /// hold is among the failed.
    pub fn check_and_auto_rollback(&mut self) -> Option<RollbackResult> {
        if !self.config.auto_rollback_on_failure || self.book.open().is_some() {
            return None;
        }
        let health = self.health_of(self.current.keys().cloned());
        let named = |name: &String| Service::new(name.as_str()).ok();
        let sick: BTreeSet<Service> = sick(&health).filter_map(named).collect();
        if sick.is_empty() {
            return None;
        }
        let request = Request {
            wanted: Wanted::LastStable,
            choice: Scope::Only(sick.clone()),
            scope: Scope::All,
            trigger: Trigger::Automatic,
            sick,
        };
        self.go_back(&request).ok()
    }
}
