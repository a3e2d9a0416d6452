//! Asks what may hang or panic, and waits no longer than allowed.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// A time by which all questions of one look must be answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    started: Instant,
    limit: Duration,
}

impl Deadline {
    /// Returns the time that is so far from now.
    pub(crate) fn within(limit: Duration) -> Self {
        Self { started: Instant::now(), limit }
    }

    /// Returns how long it has been.
    pub(crate) fn passed(&self) -> Duration {
        self.started.elapsed()
    }

    fn left(&self) -> Duration {
        self.limit.saturating_sub(self.passed())
    }
}

/// Runs a question on a thread of its own; `None` where there was no answer in time.
///
/// A thread cannot be killed: one that hangs is left to itself, and what it says later is not heard.
/// A panic goes on in the caller, as if the question had been asked there.
pub(crate) fn ask<T: Send + 'static>(
    deadline: Deadline,
    question: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    if deadline.left().is_zero() {
        return None;
    }
    let (tell, hear) = mpsc::sync_channel(1);
    let run = move || {
        // Who no longer waits needs no answer.
        let _ = tell.send(catch_unwind(AssertUnwindSafe(question)));
    };
    thread::Builder::new().name("lastgood-ask".to_owned()).spawn(run).ok()?;
    match hear.recv_timeout(deadline.left()) {
        Ok(Ok(answer)) => Some(answer),
        Ok(Err(panic)) => resume_unwind(panic),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_in_time_is_heard() {
        assert_eq!(ask(Deadline::within(Duration::MAX), || 7), Some(7));
    }

    #[test]
    fn who_never_answers_is_not_waited_for() {
        let (_keep, silence) = mpsc::channel::<()>();
        let deadline = Deadline::within(Duration::from_millis(10));
        assert_eq!(ask(deadline, move || silence.recv().is_ok()), None);
        assert!(deadline.passed() >= Duration::from_millis(10));
        assert_eq!(ask(deadline, || -> bool { panic!("nobody is asked too late") }), None);
    }

    #[test]
    fn a_panic_goes_on_in_who_asked() {
        let asked = || ask(Deadline::within(Duration::from_secs(60)), || panic!("no answer"));
        let panic = catch_unwind(asked).unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"no answer"));
    }
}
