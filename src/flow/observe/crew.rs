//! What the checks of one gate know of each other.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch::Sender;

use crate::domain::check::{Check, Phase, Weight};
use crate::domain::gate::{CheckResult, Ending};
use crate::domain::version::Version;
use crate::domain::watch::{Stop, Window};
use crate::ports::Clock;

use super::{Gate, Halt, Listener, Progress};

pub(super) struct Crew<'a> {
    pub(super) clock: &'a dyn Clock,
    pub(super) gate: Gate<'a>,
    pub(super) began: Duration,
    halt: &'a Halt,
    news: Sender<News>,
    listener: Mutex<Listener<'a>>,
}

/// What one check must know of the others.
#[derive(Debug, Default)]
struct News {
    unsettled: BTreeSet<String>,
    unhealthy: Option<String>,
    failed: Option<String>,
}

impl<'a> Crew<'a> {
    pub(super) fn new(
        clock: &'a dyn Clock,
        gate: Gate<'a>,
        halt: &'a Halt,
        listener: Listener<'a>,
    ) -> Self {
        let awaited =
            gate.checks.iter().map(|bound| &bound.check).filter(|check| is_awaited(check));
        let unsettled = awaited.map(|check| check.name.clone()).collect();
        let news = Sender::new(News { unsettled, ..News::default() });
        let listener = Mutex::new(listener);
        Self { clock, gate, began: clock.monotonic(), halt, news, listener }
    }

    pub(super) fn now(&self) -> Duration {
        self.clock.monotonic()
    }

    pub(super) fn millis_since(&self, moment: Duration) -> u64 {
        self.now().saturating_sub(moment).as_millis().try_into().unwrap_or(u64::MAX)
    }

    /// Returns the time that is left from now on.
    pub(super) fn window(&self) -> Window {
        let end = self.began.saturating_add(self.gate.time);
        Window { start: self.now(), end, aim: self.gate.aim }
    }

    /// Returns the version that should answer a check: its service's, or the only one there is.
    pub(super) fn expected(&self, check: &Check) -> Option<&'a Version> {
        let versions = self.gate.expected;
        match (&check.service, versions.len()) {
            (Some(service), _) => versions.get(service),
            (None, 1) => versions.values().next(),
            (None, _) => None,
        }
    }

    /// Waits until a check of this phase may begin, or tells why it never will.
    pub(super) async fn turn(&self, phase: Phase) -> Result<(), Stop> {
        match phase {
            Phase::Settle => Ok(()),
            Phase::Watch => tokio::select! {
                biased;
                stop = self.stopped() => Err(stop),
                unhealthy = self.settling() => match unhealthy {
                    Some(name) => Err(Stop::Early(format!("`{name}` did not pass"))),
                    None => Ok(()),
                },
            },
        }
    }

    async fn settling(&self) -> Option<String> {
        let mut told = self.news.subscribe();
        let over = |news: &News| news.unsettled.is_empty() || news.unhealthy.is_some();
        // The sender is ours, so there is always an answer.
        told.wait_for(over).await.ok().and_then(|news| news.unhealthy.clone())
    }

    /// Waits until the check is to stop, and tells why.
    pub(super) async fn stopped(&self) -> Stop {
        let mut told = self.news.subscribe();
        tokio::select! {
            biased;
            () = self.halt.stopped() => Stop::Interrupted,
            news = told.wait_for(|news| news.failed.is_some()) => {
                let failed = news.ok().and_then(|news| news.failed.clone()).unwrap_or_default();
                Stop::Early(format!("`{failed}` failed"))
            }
        }
    }

    /// Lets those begin that wait for this check to find its subject healthy.
    pub(super) fn settled(&self, check: &Check) {
        self.news.send_if_modified(|news| news.unsettled.remove(&check.name));
    }

    /// Tells the others how a check has ended.
    pub(super) fn ended(&self, check: &Check, result: &CheckResult) {
        let name = check.name.clone();
        let decides = self.gate.rule.is_decided_by(check);
        if !decides && is_awaited(check) {
            self.settled(check);
        } else if result.is_required_fail() {
            self.news.send_modify(|news| news.failed = news.failed.take().or(Some(name)));
        } else if is_awaited(check) && result.outcome != Ending::Pass {
            self.news.send_modify(|news| news.unhealthy = news.unhealthy.take().or(Some(name)));
        }
        self.tell(Progress::Ended(result));
    }

    pub(super) fn tell(&self, progress: Progress<'_>) {
        let mut listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner);
        (*listener)(progress);
    }
}

/// Returns whether the checks that watch wait for this one.
fn is_awaited(check: &Check) -> bool {
    check.phase == Phase::Settle && check.weight == Weight::Required
}
