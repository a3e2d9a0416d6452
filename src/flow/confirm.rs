//! Waits whether trouble lasts before anything is undone for it.

use std::time::Duration;

use super::desk::Desk;
use super::look::Look;
use super::verify::Found;
use crate::domain::duration::Span;
use crate::domain::operation::Operation;
use crate::domain::verdict::Verdict;

/// The time between two looks at trouble, at most.
const BREATH: Duration = Duration::from_secs(5);

impl Desk {
    /// Returns the first look that does not find a deployment unhealthy; none where the trouble lasts
    /// for as long as the policy asks.
    pub(super) async fn passing_trouble(
        &self,
        subject: &Operation,
        look: Look<'_>,
    ) -> Option<Found> {
        let whole = self.policy.rollback.confirm_for;
        let clock = &self.ports.clock;
        let began = clock.monotonic();
        while let Some(left) = whole.checked_sub(clock.monotonic().saturating_sub(began))
            && !left.is_zero()
        {
            self.tell(format!("unhealthy: looking again, for {} more", Span::from(left)));
            clock.sleep(left.min(BREATH)).await;
            let found = self.found(subject, Look { watch: None, ..look }).await;
            if found.report.verdict() != Verdict::Unhealthy {
                return Some(found);
            }
        }
        None
    }
}
