//! What was done and could not be written down, until it can.

use serde::{Deserialize, Serialize};

use super::commit::{Entry, Moment};
use super::desk::Desk;
use super::halt::{Halt, Step};
use super::record::RecordOrder;
use super::settle::draft;
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{Body, ServiceDone};
use crate::domain::ids::{EventId, OperationId, RunId};
use crate::domain::names::Environment;
use crate::domain::operation::Operation;
use crate::domain::state::State;
use crate::error::{Error, Kind};

/// An act that waits to be written down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Waiting {
    /// One service of an operation is done.
    Done {
        /// The operation.
        op: OperationId,
        /// The event's identity.
        ev: EventId,
        /// The run that did it.
        run: RunId,
        /// How it ended.
        done: ServiceDone,
    },
    /// Other steps deployed.
    Record(Box<RecordOrder>),
}

impl Waiting {
    /// Returns whether it was written down after all.
    fn is_in(&self, state: &State) -> bool {
        let is_known = |ev: &EventId| state.known.contains_key(ev);
        match self {
            Self::Done { ev, .. } => is_known(ev),
            Self::Record(order) => is_known(&order.evs[1]) || is_known(&order.alone),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Letter {
    environment: Environment,
    #[serde(flatten)]
    waiting: Waiting,
}

impl Desk {
    /// Keeps finished acts in files where the remote could not be written, and says so.
    pub fn keep(&self, halt: Halt, waiting: impl IntoIterator<Item = Waiting>) -> Halt {
        let Halt::Broke(error) = halt else { return halt };
        if error.kind() != Kind::Unreachable {
            return Halt::Broke(error);
        }
        let letter = |waiting| Letter { environment: self.environment.clone(), waiting };
        let posted = waiting.into_iter().map(|waiting| self.post(&letter(waiting)));
        match posted.collect::<Result<Vec<String>, Error>>() {
            Ok(places) => {
                let places = places.join("`, `");
                let message = format!("{error}; what was done waits in `{places}`");
                Ending::new(Reason::NotRecorded, message).into()
            }
            Err(also) => Halt::Broke(error.because(also)),
        }
    }

    /// Says of a remote that went away after the act that the operation is left open.
    pub(super) fn left_open(&self, halt: Halt) -> Halt {
        let left = "what was driven is written down, and the operation is left open";
        self.after_the_act(halt, left, Reason::NotRecorded.next())
    }

    /// Says of a remote that went away after the act what was done all the same.
    pub(super) fn after_the_act(&self, halt: Halt, done: &str, next: &str) -> Halt {
        match halt {
            Halt::Broke(error) if error.kind() == Kind::Unreachable => {
                let message = format!("{error}; {done} in `{}`", self.environment);
                Ending::new(Reason::NotRecorded, message).next(next).into()
            }
            Halt::Broke(_) | Halt::Ended(_) => halt,
        }
    }

    fn post(&self, letter: &Letter) -> Result<String, Error> {
        let text = serde_json::to_string_pretty(letter).map_err(|cause| {
            Error::failed("could not put a finished act into words").because(cause)
        })?;
        self.ports.outbox.save(&self.new_event().to_string(), &text)
    }

    /// Writes down what waits for this environment and returns how much it was.
    pub async fn deliver(&self) -> Step<usize> {
        let mut delivered = 0;
        for (name, text) in self.ports.outbox.waiting()? {
            let Ok(letter) = serde_json::from_str::<Letter>(&text) else {
                self.tell(format!("`{name}` is not readable and was left as it is"));
                continue;
            };
            if letter.environment != self.environment {
                continue;
            }
            self.write_letter(letter.waiting).await?;
            self.ports.outbox.remove(&name)?;
            delivered += 1;
        }
        Ok(delivered)
    }

    async fn write_letter(&self, waiting: Waiting) -> Step<()> {
        let page = self.read().await?;
        let state = self.with(&page, &self.whole(&page).await?);
        if waiting.is_in(&state) {
            return Ok(());
        }
        match waiting {
            Waiting::Done { op, ev, run, done } => match state.operation(op) {
                Some(known) => self.write_done(known, ev, run, done).await,
                None => Ok(()),
            },
            Waiting::Record(order) => self.record(&order).await.map(|_| ()),
        }
    }

    async fn write_done(
        &self,
        known: &Operation,
        ev: EventId,
        run: RunId,
        done: ServiceDone,
    ) -> Step<()> {
        let written = self.commit_as(run, Moment::AfterTheAct, |page, _| {
            if page.state.known.contains_key(&ev) {
                return Ok(((), None));
            }
            let operation = page.state.operation(known.id).unwrap_or(known);
            // The run may have been overtaken since: then what it did is told as straying.
            let body = if operation.owner == run && operation.is_open() {
                Body::ServiceDone(done.clone())
            } else {
                Body::Strayed { service: done.service.clone() }
            };
            let summary = format!("{} of {}: {}", operation.n, self.environment, done.service);
            let drafts = vec![draft(ev, operation, body)];
            Ok(((), Some(Entry { drafts, summary, ..Entry::default() })))
        });
        written.await.map(|_| ())
    }
}
