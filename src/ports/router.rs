//! How traffic is shared between the two slots of an environment.

use std::time::Duration;

use async_trait::async_trait;

use crate::domain::slots::{Pair, Shares, Slot};
use crate::error::Result;

/// Whether a slot is free of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drained {
    /// Nothing is in flight there any more.
    Empty,
    /// So many still were when the time was over; none where the router cannot count them.
    Left(Option<u64>),
}

/// Who shares the traffic; sharing it twice the same way must end as sharing it once does.
#[async_trait]
pub trait Router: Send + Sync {
    /// Returns the kind as the configuration names it: `haproxy`, `nginx` …
    fn kind(&self) -> &'static str;

    /// Returns the two slots, as the router calls them.
    fn pair(&self) -> &Pair;

    /// Returns what would be run or sent, one line each, for the plan.
    fn plan(&self, shares: &Shares) -> Vec<String>;

    /// Returns what is missing here without which it could share nothing; asks nothing of the outside.
    fn ready(&self) -> Result<()> {
        Ok(())
    }

    /// Returns how the traffic is shared now, by the router's own word.
    async fn read(&self) -> Result<Shares>;

    /// Shares the traffic so, in one operation, and returns what it then read back.
    ///
    /// A slot that is given traffic must be one that the router itself holds for up, where it looks.
    /// An error means that it is not known how the traffic is shared.
    async fn share(&self, shares: &Shares) -> Result<Shares>;

    /// Waits until nothing is in flight at a slot that has no share, at most so long.
    async fn drain(&self, slot: &Slot, limit: Duration) -> Result<Drained>;
}
