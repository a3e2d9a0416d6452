//! How an operation is opened: its intent, and its first line.

use jiff::Timestamp;

use super::commit::Entry;
use super::desk::Desk;
use super::settle::draft;
use crate::domain::event::{Body, Kind, PlannedStep, Started};
use crate::domain::ids::{EventId, OperationId};
use crate::domain::operation::Operation;
use crate::domain::state::State;

impl Desk {
    /// Returns an intent of whoever asks, of which no more is known than what it moves and why.
    pub(super) fn intent(
        &self,
        kind: Kind,
        plan: Vec<PlannedStep>,
        reason: Option<&String>,
    ) -> Started {
        Started {
            trigger: self.who.trigger(),
            reason: reason.cloned(),
            ci: self.who.ci.clone(),
            ..Started::new(kind, plan)
        }
    }

    /// Returns the operation that is meant, under the next number, and what opens it in the ledger.
    pub(super) fn opened(
        &self,
        (op, ev): (OperationId, EventId),
        started: Started,
        state: &State,
        now: Timestamp,
    ) -> (Operation, Entry) {
        let mut operation = Operation::new(op, state.next_number(), now, &self.who.actor);
        operation.kind = started.kind;
        operation.started = Some(started.clone());
        let drafts = vec![draft(ev, &operation, Body::Started(started))];
        (operation, Entry { drafts, ..Entry::default() })
    }
}
