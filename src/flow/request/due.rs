//! Carries out what was asked for a time that has come.

use jiff::Timestamp;

use super::super::commit::{Decided, Entry, Moment};
use super::super::desk::{Desk, Page};
use super::super::halt::{Halt, Step};
use super::super::order::RollbackOrder;
use super::super::rollback::{Course, unvouched};
use super::super::settle::draft;
use super::super::verify::VerifyOrder;
use super::super::vouch::Prepared;
use super::{Identities, Request, Standing, about};
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{Body, LockScope, Started};
use crate::domain::outcome::Outcome;
use crate::domain::state::State;

/// What came of a request whose time has come.
enum Fate {
    /// Its intent is written.
    Begun(Box<(RollbackOrder, Course)>),
    /// Something keeps it back for now.
    Waits(Ending),
    /// It can never be carried out, and was withdrawn.
    Withdrawn(Ending),
    /// Another run was first.
    Over,
}

impl Desk {
    /// Carries out the first request whose time has come; what can no longer be done is withdrawn.
    ///
    /// A look at one deployment that was named is no round, and carries nothing out.
    pub(in super::super) async fn carry_out_due(
        &self,
        page: &Page,
        order: &VerifyOrder,
    ) -> Step<Option<Outcome>> {
        if order.deployment.is_some() {
            return Ok(None);
        }
        for request in self.due(&page.state) {
            if let Some((order, course)) = self.begin_asked(&request).await? {
                return self.see_back(&order, &course).await.map(Some);
            }
        }
        Ok(None)
    }

    fn due(&self, state: &State) -> Vec<Request> {
        let now = self.now();
        let is_due = |request: &&Request| match self.standing_of(request, state, now) {
            Standing::Due => request.what.not_before.is_some(),
            // It is told once that it came to nothing.
            Standing::Void => {
                request.what.not_before.is_some_and(|time| time <= now)
                    && request.what.expires > now
            }
            Standing::Missing(_)
            | Standing::Waiting
            | Standing::CarriedOut
            | Standing::Withdrawn
            | Standing::Expired => false,
        };
        state.requests.values().filter(is_due).cloned().collect()
    }

    fn standing_of(&self, request: &Request, state: &State, now: Timestamp) -> Standing {
        request.standing(state, self.demanded(request), now)
    }

    async fn begin_asked(&self, request: &Request) -> Step<Option<(RollbackOrder, Course)>> {
        let ids = self.identities();
        let prepared = self.prepare_request(request.id).await?;
        let written = self.commit(Moment::BeforeTheAct, |page, now| {
            self.deciding(request, ids, page, &prepared, now)
        });
        let (id, by) = (request.id, &request.by);
        match written.await?.value {
            Fate::Begun(begun) => {
                self.tell(format!("carrying out what `{by}` asked for: request {id}"));
                return Ok(Some(*begun));
            }
            Fate::Waits(ending) => {
                self.tell(format!("request {id} of `{by}` waits: {}", ending.message));
            }
            Fate::Withdrawn(ending) => {
                self.tell(format!("request {id} of `{by}` is withdrawn: {}", ending.message));
            }
            Fate::Over => {}
        }
        Ok(None)
    }

    fn deciding(
        &self,
        request: &Request,
        ids: Identities,
        page: &Page,
        prepared: &Prepared,
        now: Timestamp,
    ) -> Decided<Fate> {
        let state = &page.state;
        let Some(request) = state.requests.get(&request.id) else { return Ok((Fate::Over, None)) };
        let decided = match self.standing_of(request, state, now) {
            Standing::Void => Err(self.void(request).into()),
            Standing::Due => match kept_back(state, now) {
                Some(ending) => return Ok((Fate::Waits(ending), None)),
                None => {
                    self.carrying_out(request, ids.op, page, prepared, now).and_then(vouched_for)
                }
            },
            Standing::Missing(_)
            | Standing::Waiting
            | Standing::CarriedOut
            | Standing::Withdrawn
            | Standing::Expired => return Ok((Fate::Over, None)),
        };
        match decided {
            Ok((order, course, started)) => {
                let drafts = vec![draft(ids.started, &course.operation, Body::Started(started))];
                let summary = format!("Begin what was asked for of {}", self.environment);
                let entry = Entry { drafts, summary, ..Entry::default() };
                Ok((Fate::Begun(Box::new((order, course))), Some(entry)))
            }
            Err(Halt::Ended(ending)) if passes_by_itself(&ending) => {
                Ok((Fate::Waits(ending), None))
            }
            Err(Halt::Ended(ending)) => {
                let reason = Some(ending.message.clone());
                let body = Body::Withdrawn { request: request.id, reason };
                let drafts = vec![about(request, ids.approved, page, body)];
                let summary = format!("Withdraw a request of {}", self.environment);
                Ok((Fate::Withdrawn(ending), Some(Entry { drafts, summary, ..Entry::default() })))
            }
            Err(broken @ Halt::Broke(_)) => Err(broken),
        }
    }
}

/// Nobody is there to insist: that a line of the ledger says so does not overrule a branch or a tag.
fn vouched_for(begun: (RollbackOrder, Course, Started)) -> Step<(RollbackOrder, Course, Started)> {
    match unvouched(&begun.1.safety) {
        Some(ending) => Err(ending.into()),
        None => Ok(begun),
    }
}

/// Whoever keeps lastgood from rolling back by itself keeps this back too: nobody is there now.
fn kept_back(state: &State, now: Timestamp) -> Option<Ending> {
    let lock = state.lock(LockScope::Rollback, now)?;
    let message = format!("`{}` keeps lastgood from rolling back", lock.by);
    Some(Ending::new(Reason::Locked, message))
}

fn passes_by_itself(ending: &Ending) -> bool {
    matches!(ending.reason, Reason::Locked | Reason::RefusedBusy | Reason::RefusedInterrupted)
}
