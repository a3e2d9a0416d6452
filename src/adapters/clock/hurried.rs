//! A clock that never waits.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::ports::Clock;

/// A clock on which as much time has passed as was slept.
#[derive(Default)]
pub(crate) struct Hurried(AtomicU64);

#[async_trait]
impl Clock for Hurried {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst))
    }

    async fn sleep(&self, time: Duration) {
        self.0.fetch_add(u64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
        tokio::task::yield_now().await;
    }

    fn random(&self) -> u128 {
        0
    }
}
