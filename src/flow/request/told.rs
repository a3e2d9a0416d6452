//! How a request is told.

use super::super::desk::Desk;
use super::super::order::RollbackOrder;
use super::super::rollback::Course;
use super::super::told::number;
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::Trigger;
use crate::domain::operation::Operation;
use crate::domain::outcome::{
    More, Outcome, RequestStanding, RequestTold, RollbackStatus, RollbackTold,
};
use crate::domain::request::{Request, Standing};
use crate::domain::state::State;
use crate::ports::Action;

impl Desk {
    /// Tells what can still be carried out, in the order in which it was asked for.
    pub(in super::super) fn requests_told(&self, state: &State) -> Vec<RequestTold> {
        let now = self.now();
        let alive = state.requests.values().filter(|request| {
            let standing = request.standing(state, self.demanded(request), now);
            matches!(standing, Standing::Missing(_) | Standing::Waiting | Standing::Due)
        });
        alive.map(|request| self.request_told(state, request)).collect()
    }

    pub(super) fn request_told(&self, state: &State, request: &Request) -> RequestTold {
        let what = &request.what;
        let number = |id| state.operation(id).map(|operation| operation.n);
        let standing = match request.standing(state, self.demanded(request), self.now()) {
            Standing::Missing(_) => RequestStanding::NeedsApproval,
            Standing::Waiting => RequestStanding::Waiting,
            Standing::Due
            | Standing::CarriedOut
            | Standing::Withdrawn
            | Standing::Void
            | Standing::Expired => RequestStanding::Due,
        };
        let meant = Operation::new(request.id, state.next_number(), request.at, &request.by);
        let lines = what.plan.iter().map(|step| self.plan_line(&meant, Action::Rollback, step));
        RequestTold {
            id: request.id,
            standing,
            by: request.by.clone(),
            at: request.at,
            from: what.from.and_then(number),
            to: number(what.target),
            services: what.services.clone(),
            approvals: request.needed(self.demanded(request)),
            approved_by: request.approved_by.clone(),
            not_before: what.not_before,
            expires: what.expires,
            reason: what.reason.clone(),
            plan: lines.collect(),
        }
    }

    /// Tells what was just asked for: it needs approvals, or is for later.
    pub(super) fn told_asked(
        &self,
        order: &RollbackOrder,
        course: &Course,
        request: &Request,
        state: &State,
    ) -> Outcome {
        let (from, to) = (number(course.from), number(course.to));
        let what = format!(
            "rollback of `{}` from {from} to {to} is request {}",
            self.environment, request.id
        );
        let told = self.request_told(state, request);
        let ending = if let Some(missing) = self.missing(request, state) {
            let message = format!("{what}; {} must approve it", others(missing));
            Ending::new(Reason::NeedsApproval, message).next(self.how_to_approve(request))
        } else {
            let message = format!("{what}; {}", later(request));
            let next = format!("lastgood verify -e {}, after that time", self.quoted());
            Ending::new(Reason::Scheduled, message).next(next)
        };
        let rollback = self.told_course(order.trigger, course, RollbackStatus::Planned);
        let rollback = RollbackTold { deployment: None, ..rollback };
        let more = More::Requested { request: Box::new(told) };
        Outcome { rollback: Some(rollback), more, ..Outcome::ended(ending) }
    }

    /// Tells an approval after which the request waits on.
    pub(super) fn told_counted(&self, request: &Request, state: &State) -> Outcome {
        let what = format!("the approval of request {} by `{}` counts", request.id, self.who.actor);
        let ending = match self.missing(request, state) {
            Some(missing) => {
                let message = format!("{what}; {} must approve it too", others(missing));
                Ending::new(Reason::Approved, message).next(self.how_to_approve(request))
            }
            None => Ending::new(Reason::Approved, format!("{what}; {}", later(request))),
        };
        let told = self.request_told(state, request);
        let more = More::Requested { request: Box::new(told) };
        Outcome { more, ..Outcome::ended(ending) }
    }

    /// Returns how many must approve it yet.
    fn missing(&self, request: &Request, state: &State) -> Option<usize> {
        match request.standing(state, self.demanded(request), self.now()) {
            Standing::Missing(missing) => Some(missing),
            Standing::Waiting
            | Standing::Due
            | Standing::CarriedOut
            | Standing::Withdrawn
            | Standing::Void
            | Standing::Expired => None,
        }
    }

    /// Who came by a comment approves by one.
    fn how_to_approve(&self, request: &Request) -> String {
        match request.what.trigger {
            Trigger::Comment => format!("/approve {}", request.id),
            Trigger::Automatic | Trigger::Manual | Trigger::Api => {
                format!("lastgood approve {} -e {}, by another person", request.id, self.quoted())
            }
        }
    }

    fn quoted(&self) -> String {
        shell_words::quote(self.environment.as_str()).into_owned()
    }
}

fn others(missing: usize) -> String {
    match missing {
        1 => "one other person".to_owned(),
        many => format!("{many} other people"),
    }
}

fn later(request: &Request) -> String {
    match request.what.not_before {
        Some(time) => format!("the first `verify` after {time} carries it out"),
        None => "it can be carried out".to_owned(),
    }
}
