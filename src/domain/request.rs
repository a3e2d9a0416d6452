//! What was asked for, and what becomes of it.

use jiff::Timestamp;

use super::event::{Kind, Requested};
use super::ids::OperationId;
use super::operation::Operation;
use super::state::State;

/// What somebody asked for, as the ledger tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its identity, by which it is approved or withdrawn.
    pub id: OperationId,
    /// When it was asked for, by the clock of who did.
    pub at: Timestamp,
    /// Who asked.
    pub by: String,
    /// What is to be done.
    pub what: Requested,
    /// Who approved it: each once, and never who asked.
    pub approved_by: Vec<String>,
    /// The operation that carries it out.
    pub carried_out: Option<OperationId>,
    /// Who withdrew it.
    pub withdrawn_by: Option<String>,
}

/// How a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// So many more must approve.
    Missing(usize),
    /// It is approved as far as need be, and is for later.
    Waiting,
    /// It may be carried out now.
    Due,
    /// An operation carries it out, or has.
    CarriedOut,
    /// It is not to be carried out any more.
    Withdrawn,
    /// The environment has moved since it was asked for.
    Void,
    /// Nobody carried it out in time.
    Expired,
}

impl Request {
    /// Returns a request that nobody has approved yet.
    pub fn new(id: OperationId, at: Timestamp, by: &str, what: Requested) -> Self {
        let (approved_by, carried_out, withdrawn_by) = (Vec::new(), None, None);
        Self { id, at, by: by.to_owned(), what, approved_by, carried_out, withdrawn_by }
    }

    /// Counts somebody's approval; who asked and who approved before count for nothing.
    pub fn approve(&mut self, person: &str) {
        if !self.is_of(person) && !self.is_approved_by(person) {
            self.approved_by.push(person.to_owned());
        }
    }

    /// Returns whether somebody asked for it.
    pub fn is_of(&self, person: &str) -> bool {
        is_same_person(&self.by, person)
    }

    /// Returns whether somebody's approval counts already.
    pub fn is_approved_by(&self, person: &str) -> bool {
        self.approved_by.iter().any(|other| is_same_person(other, person))
    }

    /// Returns how many must approve: what was asked for, or what the team demands by now.
    pub fn needed(&self, demanded: usize) -> usize {
        usize::try_from(self.what.approvals).unwrap_or(usize::MAX).max(demanded)
    }

    /// Returns how it stands at a moment, where so many approvals are demanded.
    pub fn standing(&self, state: &State, demanded: usize, now: Timestamp) -> Standing {
        let missing = self.needed(demanded).saturating_sub(self.approved_by.len());
        if self.carried_out.is_some() {
            Standing::CarriedOut
        } else if self.withdrawn_by.is_some() {
            Standing::Withdrawn
        } else if self.is_void(state) {
            Standing::Void
        } else if self.what.expires <= now {
            Standing::Expired
        } else if missing > 0 {
            Standing::Missing(missing)
        } else if self.what.not_before.is_some_and(|time| time > now) {
            Standing::Waiting
        } else {
            Standing::Due
        }
    }

    /// Returns whether it could still be carried out, whatever the time is.
    pub fn is_alive(&self, state: &State) -> bool {
        self.carried_out.is_none() && self.withdrawn_by.is_none() && !self.is_void(state)
    }

    fn is_void(&self, state: &State) -> bool {
        let moved = state.current().map(|operation: &Operation| operation.id) != self.what.from;
        moved || self.what.kind != Kind::Rollback
    }
}

/// Logins differ in case from one place to another, and are one person's all the same.
fn is_same_person(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

#[cfg(test)]
mod tests;
