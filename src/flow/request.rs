//! Asks for a rollback, counts who approves, and carries it out.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use super::commit::{Decided, Draft, Entry, Moment};
use super::desk::{Desk, Page};
use super::halt::Step;
use super::order::{Blame, Dependents, RollbackOrder};
use super::rollback::Course;
use super::settle::draft;
use super::vouch::Prepared;
use crate::domain::admission::Insistence;
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{Act, Body, Kind, Requested, Started, Unity};
use crate::domain::ids::{EventId, OperationId};
use crate::domain::outcome::{More, Outcome};
use crate::domain::permission::Deed;
use crate::domain::request::{Request, Standing};
use crate::domain::state::State;
use crate::domain::target::{Scope, Wanted};
use crate::error::Error;
use crate::ports::Place;

mod due;
mod told;

/// What came of an approval.
enum Approval {
    /// It counts, and the request is not to be carried out yet.
    Counted(Box<Request>),
    /// It was the last that was missing: the intent is written with it.
    Enough(Box<(RollbackOrder, Course)>),
}

/// The identities of what an approval can write.
#[derive(Debug, Clone, Copy)]
struct Identities {
    approved: EventId,
    started: EventId,
    op: OperationId,
}

impl Desk {
    /// Asks for a rollback that so many others must approve, or that is for later.
    pub async fn request(
        &self,
        order: &RollbackOrder,
        approvals: usize,
        not_before: Option<Timestamp>,
    ) -> Step<Outcome> {
        let (op, ev) = (self.new_operation(), self.new_event());
        let page = self.read().await?;
        let prepared = self.prepare(&order.wanted, &order.scope, &page).await?;
        let written = self.commit(Moment::BeforeTheAct, |page, now| {
            let course = self.course(order, self.new_operation(), page, &prepared, now)?;
            let valid_for = self.policy.permissions.valid_for();
            let what = asked(order, &course, approvals, (not_before, valid_for), now)?;
            let request = Request::new(op, now, &self.who.actor, what.clone());
            let draft = about(&request, ev, page, Body::Requested(what));
            let summary = format!("Ask for a rollback of {}", self.environment);
            Ok((
                (course, request),
                Some(Entry { drafts: vec![draft], summary, ..Entry::default() }),
            ))
        });
        let written = written.await?;
        let (course, request) = written.value;
        Ok(self.told_asked(order, &course, &request, &written.state))
    }

    /// Approves a request, and carries it out where that was the last approval it needed.
    pub async fn approve(&self, id: OperationId) -> Step<Outcome> {
        let ids = self.identities();
        let prepared = self.prepare_request(id).await?;
        let written = self.commit(Moment::BeforeTheAct, |page, now| {
            self.approving(id, ids, page, &prepared, now)
        });
        let written = written.await?;
        match written.value {
            Approval::Counted(request) => Ok(self.told_counted(&request, &written.state)),
            Approval::Enough(begun) => self.see_back(&begun.0, &begun.1).await,
        }
    }

    /// Shows what an approval would lead to; nothing is written.
    pub async fn plan_approve(&self, id: OperationId) -> Step<Outcome> {
        let page = self.read().await?;
        let prepared = self.prepare_request(id).await?;
        let ids = self.identities();
        let (approval, _) = self.approving(id, ids, &page, &prepared, self.now())?;
        match approval {
            Approval::Counted(request) => {
                let counted = self.told_counted(&request, &page.state);
                let message = format!("the approval of {id} would be written down");
                Ok(Outcome { ending: Ending::new(Reason::Planned, message), ..counted })
            }
            Approval::Enough(begun) => Ok(self.planned(&begun.0, &begun.1, &page.state)),
        }
    }

    /// Takes a request back, so that it is never carried out.
    pub async fn withdraw(&self, id: OperationId, reason: Option<String>) -> Step<Outcome> {
        let ev = self.new_event();
        let written = self.commit(Moment::BeforeTheAct, |page, now| {
            let request = self.still_asked(&page.state, id, now)?;
            let body = Body::Withdrawn { request: id, reason: reason.clone() };
            let drafts = vec![about(request, ev, page, body)];
            let summary = format!("Withdraw a request of {}", self.environment);
            Ok(((), Some(Entry { drafts, summary, ..Entry::default() })))
        });
        written.await?;
        let message = format!("request {id} of `{}` is withdrawn", self.environment);
        Ok(Outcome::ended(Ending::new(Reason::Withdrawn, message)))
    }

    /// Shows which request would be taken back.
    pub async fn plan_withdraw(&self, id: OperationId) -> Step<Outcome> {
        let page = self.read().await?;
        let told = self.request_told(&page.state, self.still_asked(&page.state, id, self.now())?);
        let message = format!("request {id} of `{}` would be withdrawn", self.environment);
        let more = More::Requested { request: Box::new(told) };
        Ok(Outcome { more, ..Outcome::ended(Ending::new(Reason::Planned, message)) })
    }

    fn identities(&self) -> Identities {
        let (approved, started) = (self.new_event(), self.new_event());
        Identities { approved, started, op: self.new_operation() }
    }

    fn approving(
        &self,
        id: OperationId,
        ids: Identities,
        page: &Page,
        prepared: &Prepared,
        now: Timestamp,
    ) -> Decided<Approval> {
        let mut request = self.still_asked(&page.state, id, now)?.clone();
        if request.is_of(&self.who.actor) {
            let message = format!("`{}` asked for it, and another must approve", request.by);
            return Err(Ending::new(Reason::NotPermitted, message).into());
        }
        let mut drafts = Vec::new();
        if !request.is_approved_by(&self.who.actor) {
            let body = Body::Approved { request: id };
            drafts.push(about(&request, ids.approved, page, body));
            request.approve(&self.who.actor);
        }
        let summary = format!("Approve a request of {}", self.environment);
        if request.standing(&page.state, self.demanded(&request), now) != Standing::Due {
            let entry = Entry { drafts, summary, ..Entry::default() };
            let is_news = !entry.drafts.is_empty();
            return Ok((Approval::Counted(Box::new(request)), is_news.then_some(entry)));
        }
        let (order, course, started) = self.carrying_out(&request, ids.op, page, prepared, now)?;
        drafts.push(draft(ids.started, &course.operation, Body::Started(started)));
        let entry = Entry { drafts, summary, ..Entry::default() };
        Ok((Approval::Enough(Box::new((order, course))), Some(entry)))
    }

    /// Returns a request as long as it can be carried out.
    fn still_asked<'a>(
        &self,
        state: &'a State,
        id: OperationId,
        now: Timestamp,
    ) -> Step<&'a Request> {
        let Some(request) = state.requests.get(&id) else {
            let message =
                format!("nobody asked `{}` for anything by the id {id}", self.environment);
            return Err(Ending::new(Reason::RequestUnknown, message).into());
        };
        let over = |how: String| Ending::new(Reason::RequestOver, format!("request {id} {how}"));
        match request.standing(state, self.demanded(request), now) {
            Standing::Missing(_) | Standing::Waiting | Standing::Due => Ok(request),
            Standing::Void => Err(self.void(request).into()),
            Standing::Expired => {
                Err(over(format!("was good until {}", request.what.expires)).into())
            }
            Standing::Withdrawn => {
                let by = request.withdrawn_by.as_deref().unwrap_or_default();
                Err(over(format!("was withdrawn by `{by}`")).into())
            }
            Standing::CarriedOut => {
                let by = request.carried_out.and_then(|op| state.operation(op));
                let n = by.map(|operation| operation.n);
                Err(over(format!("is carried out by {}", super::told::number(n))).into())
            }
        }
    }

    /// Decides a rollback that was asked for: the very plan, or none.
    fn carrying_out(
        &self,
        request: &Request,
        op: OperationId,
        page: &Page,
        prepared: &Prepared,
        now: Timestamp,
    ) -> Step<(RollbackOrder, Course, Started)> {
        let order = order_of(request);
        let mut course = self.course(&order, op, page, prepared, now)?;
        if course.plan.steps != request.what.plan {
            return Err(self.void(request).into());
        }
        let Some(started) = &mut course.operation.started else {
            return Err(Error::failed("a rollback without a plan cannot be carried out").into());
        };
        started.request = Some(request.id);
        let started = started.clone();
        Ok((order, course, started))
    }

    fn void(&self, request: &Request) -> Ending {
        let message = format!(
            "`{}` has moved since `{}` asked: request {} is void",
            self.environment, request.by, request.id
        );
        Ending::new(Reason::RequestVoid, message)
    }

    /// Returns how many approvals the team demands of what a request asks for.
    fn demanded(&self, request: &Request) -> usize {
        let permissions = &self.policy.permissions;
        let rollback = permissions.of(Deed::Rollback).approvals;
        let force = if request.what.forced { permissions.of(Deed::Force).approvals } else { 0 };
        rollback.max(force)
    }

    async fn prepare_request(&self, id: OperationId) -> Step<Prepared> {
        let page = self.read().await?;
        match page.state.requests.get(&id) {
            Some(request) => {
                let order = order_of(request);
                self.prepare(&order.wanted, &order.scope, &page).await
            }
            None => Ok(Prepared::default()),
        }
    }
}

/// Returns an event about a request: it belongs to no deployment yet.
fn about(request: &Request, ev: EventId, page: &Page, body: Body) -> Draft {
    Draft { ev, op: request.id, n: page.state.top, body, place: Place::Anchor }
}

fn asked(
    order: &RollbackOrder,
    course: &Course,
    approvals: usize,
    (not_before, valid_for): (Option<Timestamp>, Duration),
    now: Timestamp,
) -> Step<Requested> {
    let Some(Started { plan, from, target: Some(target), ci, .. }) =
        course.operation.started.clone()
    else {
        return Err(Error::failed("a rollback without a plan cannot be asked for").into());
    };
    let expires = not_before.unwrap_or(now).max(now).saturating_add(valid_for);
    let too_late = |cause| Error::invalid("that moment is too far away").because(cause);
    let services = match &order.scope {
        Scope::All => BTreeSet::new(),
        Scope::Only(services) => services.clone(),
    };
    Ok(Requested {
        kind: Kind::Rollback,
        from,
        target,
        services: services.into_iter().collect(),
        plan,
        approvals: u32::try_from(approvals).unwrap_or(u32::MAX),
        not_before,
        expires: expires.map_err(too_late)?,
        forced: order.insistence == Insistence::Forced,
        trigger: order.trigger,
        reason: order.reason.clone(),
        ci,
    })
}

fn order_of(request: &Request) -> RollbackOrder {
    let what = &request.what;
    let services: BTreeSet<_> = what.services.iter().cloned().collect();
    RollbackOrder {
        wanted: Wanted::Chosen(what.target),
        scope: if services.is_empty() { Scope::All } else { Scope::Only(services) },
        trigger: what.trigger,
        reason: what.reason.clone(),
        insistence: if what.forced { Insistence::Forced } else { Insistence::None },
        act: Act::Driven,
        blame: Blame::All,
        strategy: None,
        unity: Unity::Each,
        dependents: Dependents::Refuse,
    }
}
