//! Says that a run is alive while it does what takes long.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use super::commit::{Entry, Moment};
use super::desk::Desk;
use super::execute::operation_of;
use super::settle::draft;
use crate::domain::event::{ALIVE, Body};
use crate::domain::operation::Operation;

/// How long a run that holds an operation is silent: far shorter than what a takeover waits for.
pub(super) const TURN: Duration = Duration::from_secs(300);

impl Desk {
    /// Waits for what may take long, and writes a line every few minutes meanwhile, so that nobody takes
    /// the operation over from a run that is at work.
    pub(super) async fn alive<T>(&self, own: &Operation, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        loop {
            let turn = pin!(self.ports.clock.sleep(TURN));
            if let Either::Left((done, _)) = select(work.as_mut(), turn).await {
                return done;
            }
            let line = Box::pin(self.say_alive(own));
            if let Either::Left((done, line)) = select(work.as_mut(), line).await {
                // A write that was begun is ended.
                line.await;
                return done;
            }
        }
    }

    /// Writes that this run is still at work, where the operation is still its own; what keeps it from that is
    /// found by whoever writes next.
    pub(super) async fn say_alive(&self, own: &Operation) {
        let ev = self.new_event();
        let written = self.commit(Moment::BeforeTheAct, |page, _| {
            let operation = operation_of(&page.state, own.id)?;
            if let Some(ending) = self.overtaken(&page.state, operation) {
                return Err(ending.into());
            }
            let drafts = vec![draft(ev, operation, Body::Resumed { why: ALIVE.to_owned() })];
            let summary = format!("Be at work on {} of {}", operation.n, self.environment);
            Ok(((), Some(Entry { drafts, summary, ..Entry::default() })))
        });
        if let Err(halt) = written.await {
            self.tell(format!("it could not be written that this run is at work: {halt}"));
        }
    }
}
