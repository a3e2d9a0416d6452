//! What is forgotten, and what stays.

use std::collections::BTreeSet;

use super::RollbackManager;
use super::health::HealthChecker;
use super::point::RestorePoint;
use crate::domain::ids::OperationId;
use crate::domain::operation::Operation;
use crate::domain::state::State;

/// So many lines may lie there before those that nobody needs are looked for.
const SLACK: usize = 256;

impl<H: HealthChecker> RollbackManager<H> {
    /// Drops the oldest restore points until no more than `max_history` are left, and returns how
    /// many went.
    ///
    /// Stable ones stay, also where they alone are more than that. Nothing else ever drops a
    /// restore point.
    pub fn cleanup_history(&mut self) -> usize {
        let mut over = self.history.len().saturating_sub(self.config.max_history);
        let oldest = self.history.iter().filter(|point| !point.is_stable);
        let going: BTreeSet<String> = oldest.take(over).map(|point| point.id.clone()).collect();
        over = going.len();
        let (gone, left): (Vec<RestorePoint>, Vec<RestorePoint>) =
            self.history.iter().cloned().partition(|point| going.contains(&point.id));
        let dropped = gone.iter().filter_map(identity).collect();
        if over == 0 || !self.forget(&left, &dropped) {
            return 0;
        }
        self.history = left;
        over
    }

    /// Forgets what is no restore point and will not be asked for, once there is much of it.
    pub(super) fn tidy(&mut self) {
        if self.book.len() >= self.tidy_at {
            let points = std::mem::take(&mut self.history);
            self.forget(&points, &BTreeSet::new());
            self.history = points;
            self.tidy_at = 2 * self.book.len() + SLACK;
        }
    }

    fn forget(&mut self, points: &[RestorePoint], dropped: &BTreeSet<OperationId>) -> bool {
        let mut kept: BTreeSet<OperationId> = points.iter().filter_map(identity).collect();
        kept.extend(needed(&self.book.state()));
        self.book.forget_all_but(&kept, dropped).is_ok()
    }
}

/// The operation that made a restore point.
pub(super) fn identity(point: &RestorePoint) -> Option<OperationId> {
    point.id.parse().ok()
}

/// What ran last, what is open, and what a cancel goes by.
fn needed(state: &State) -> BTreeSet<OperationId> {
    let last = [state.current(), last_change(state)].into_iter().flatten();
    let basis = last.chain(state.open());
    let of = |operation: &Operation| {
        let from = operation.started.as_ref().and_then(|started| started.from);
        [Some(operation.id), from, operation.target()]
    };
    basis.flat_map(of).flatten().collect()
}

/// Returns the newest deployment that changed anything: a restore point alone changes nothing.
pub(super) fn last_change(state: &State) -> Option<&Operation> {
    let changes = |operation: &&Operation| {
        let made = operation.deployed.as_ref();
        made.is_some_and(|made| !made.what.changed.is_empty())
    };
    state.deployments().into_iter().find(changes)
}

/// The number of lines at which the first look for what may go is taken.
pub(super) fn first_tidy() -> usize {
    SLACK
}
