//! The system's time and chance.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::ports::Clock;

#[cfg(test)]
pub(crate) mod hurried;

/// The system's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    started: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { started: Instant::now() }
    }
}

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    fn random(&self) -> u128 {
        fastrand::u128(..)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sleep_takes_its_time_on_the_monotonic_clock() {
        let clock = SystemClock::default();
        let before = clock.monotonic();
        clock.sleep(Duration::from_millis(5)).await;
        assert!(clock.monotonic() >= before + Duration::from_millis(5));
    }

    #[test]
    fn chance_differs_from_call_to_call() {
        let clock = SystemClock::default();
        assert_ne!(clock.random(), clock.random());
    }
}
