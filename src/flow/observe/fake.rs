//! A clock that jumps, and probes that do as told.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::domain::check::{Measurement, Reach};
use crate::domain::version::Version;
use crate::ports::{Clock, Probe};

/// A clock that stands still while anything can go on, then jumps to the next sleeper's hour.
#[derive(Default)]
pub(super) struct FakeClock(Mutex<Hours>);

#[derive(Default)]
struct Hours {
    now: Duration,
    sleepers: Vec<(Duration, Waker)>,
}

#[async_trait]
impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + jiff::SignedDuration::try_from(self.monotonic()).unwrap()
    }

    fn monotonic(&self) -> Duration {
        self.0.lock().unwrap().now
    }

    async fn sleep(&self, time: Duration) {
        let due = self.monotonic() + time;
        poll_fn(|context| {
            let mut hours = self.0.lock().unwrap();
            if hours.now >= due {
                return Poll::Ready(());
            }
            hours.sleepers.push((due, context.waker().clone()));
            Poll::Pending
        })
        .await;
    }

    fn random(&self) -> u128 {
        0
    }
}

impl FakeClock {
    /// Runs a future to its end without waiting for anything.
    pub(super) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let woken = Arc::new(Flag(AtomicBool::new(false)));
        let waker = Waker::from(woken.clone());
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return done;
            }
            if !woken.0.swap(false, Ordering::SeqCst) {
                self.jump();
            }
        }
    }

    fn jump(&self) {
        let due = {
            let mut hours = self.0.lock().unwrap();
            let next = hours.sleepers.iter().map(|(due, _)| *due).min();
            hours.now = next.expect("everyone waits, and nobody for a time");
            let now = hours.now;
            let (due, later) = hours.sleepers.drain(..).partition(|(due, _)| *due <= now);
            hours.sleepers = later;
            due
        };
        let due: Vec<(Duration, Waker)> = due;
        for (_, waker) in due {
            waker.wake();
        }
    }
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// What a probe does when it is asked.
#[derive(Clone)]
pub(super) enum Act {
    /// It says this after a time.
    Say(Duration, Measurement),
    /// It never answers.
    Hang,
    /// It panics.
    Panic,
}

/// A probe that does what it is told; the last act goes on.
pub(super) struct FakeProbe {
    pub(super) clock: Arc<FakeClock>,
    pub(super) reach: Reach,
    pub(super) acts: Mutex<VecDeque<Act>>,
    pub(super) asked: Mutex<Vec<Option<Version>>>,
}

#[async_trait]
impl Probe for FakeProbe {
    fn kind(&self) -> &'static str {
        "fake"
    }

    fn reach(&self) -> Reach {
        self.reach
    }

    async fn measure(&self, expected: Option<&Version>, _: Duration) -> Measurement {
        self.asked.lock().unwrap().push(expected.cloned());
        match self.next() {
            Act::Say(after, measurement) => {
                self.clock.sleep(after).await;
                measurement
            }
            Act::Hang => std::future::pending().await,
            Act::Panic => panic!("the probe was told to"),
        }
    }
}

impl FakeProbe {
    fn next(&self) -> Act {
        let mut acts = self.acts.lock().unwrap();
        match acts.len() {
            1 => acts[0].clone(),
            _ => acts.pop_front().expect("a probe has an act"),
        }
    }
}
