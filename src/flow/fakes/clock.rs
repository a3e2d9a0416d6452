//! A clock that nobody waits for.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use crate::ports::Clock;

/// Reads the one passing of time, ahead by its own skew; sleeping moves it.
pub(in crate::flow) struct FakeClock {
    time: Arc<Mutex<Duration>>,
    skew: Duration,
    chance: Mutex<fastrand::Rng>,
}

impl FakeClock {
    pub(super) fn new(time: Arc<Mutex<Duration>>, skew: Duration, seed: u64) -> Self {
        Self { time, skew, chance: Mutex::new(fastrand::Rng::with_seed(seed)) }
    }
}

#[async_trait]
impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        let passed = self.monotonic() + self.skew;
        super::morning() + SignedDuration::try_from(passed).unwrap()
    }

    fn monotonic(&self) -> Duration {
        *self.time.lock().unwrap()
    }

    async fn sleep(&self, time: Duration) {
        *self.time.lock().unwrap() += time;
    }

    fn random(&self) -> u128 {
        self.chance.lock().unwrap().u128(..) >> 48
    }
}
