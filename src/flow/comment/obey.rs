//! Does what a comment asks of one environment, once.

use crate::domain::admission::{self, Insistence};
use crate::domain::comment::Command;
use crate::domain::decision::Recovery;
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{Act, LockScope, Locked, Unity};
use crate::domain::ids::OperationId;
use crate::domain::names::{Service, TargetName};
use crate::domain::operation::Operation;
use crate::domain::outcome::Outcome;
use crate::domain::permission::Deed;
use crate::domain::state::{Acted, State};
use crate::domain::target::{Scope, Wanted};
use crate::error::Error;
use crate::flow::cancel::CancelOrder;
use crate::flow::commit::Moment;
use crate::flow::desk::{Desk, Page};
use crate::flow::halt::Step;
use crate::flow::order::{Blame, Dependents, RollbackOrder};
use crate::flow::read::{Depth, Detail};
use crate::flow::verify::VerifyOrder;

/// How many deployments a thread is told.
const DEPLOYMENTS: usize = 10;

impl Desk {
    /// Does what a comment asks for; `reason` is its author's, or where the comment can be read.
    pub async fn obey(&self, command: &Command, reason: &str) -> Step<Outcome> {
        if let (false, Some(told)) = (command.deed() == Deed::Look, self.acted_on().await?) {
            return Ok(told);
        }
        let why = Some(reason.to_owned());
        match command {
            Command::Rollback { service, to, .. } => {
                self.roll_back_as_asked(service.as_ref(), to.as_ref(), reason).await
            }
            Command::Verify(_) => self.verify_as_asked(reason).await,
            Command::Status(_) => self.status().await,
            Command::History(_) => {
                self.history(Depth::Newest(DEPLOYMENTS), Detail::Deployments).await
            }
            Command::Cancel(_) => {
                self.cancel(&CancelOrder { reason: why, insistence: Insistence::None }).await
            }
            Command::Lock { .. } => {
                self.lock(Locked { scope: LockScope::All, reason: why, until: None }).await
            }
            Command::Unlock(_) => self.unlock(LockScope::All, why).await,
            Command::Approve(id) => self.approve(*id).await,
            Command::Help => Err(Error::failed("help is about no environment").into()),
        }
    }

    async fn roll_back_as_asked(
        &self,
        service: Option<&Service>,
        to: Option<&TargetName>,
        reason: &str,
    ) -> Step<Outcome> {
        let named = |to: &TargetName| Wanted::Named(to.as_str().to_owned());
        let order = RollbackOrder {
            wanted: to.map_or(Wanted::LastStable, named),
            scope: service.map_or(Scope::All, |service| Scope::Only([service.clone()].into())),
            trigger: self.who.trigger(),
            reason: Some(reason.to_owned()),
            insistence: Insistence::None,
            act: Act::Driven,
            blame: Blame::All,
            strategy: None,
            unity: Unity::Each,
            dependents: Dependents::Refuse,
        };
        match self.policy.permissions.of(Deed::Rollback).approvals {
            0 => self.rollback(&order).await,
            approvals => self.request(&order, approvals, None).await,
        }
    }

    /// Returns whether somebody asked this environment for something by an id.
    pub async fn was_asked(&self, id: OperationId) -> Step<bool> {
        Ok(self.read().await?.state.requests.contains_key(&id))
    }

    async fn verify_as_asked(&self, reason: &str) -> Step<Outcome> {
        if self.ports.checks.is_empty() {
            let message = format!("no check of `{}` could fail", self.environment);
            return Err(Ending::new(Reason::Invalid, message).into());
        }
        let order = VerifyOrder {
            deployment: None,
            scope: Scope::All,
            recovery: Recovery::Report,
            watch: None,
            reason: Some(reason.to_owned()),
        };
        self.verify(&order).await
    }

    /// Tells what another process did for this comment.
    async fn acted_on(&self) -> Step<Option<Outcome>> {
        let page = self.read().await?;
        let Some((acted, state)) = self.earlier(&page).await? else { return Ok(None) };
        if let Some(open) = state.open().next() {
            return Ok(Some(Outcome::ended(self.left_behind(&state, open).await)));
        }
        let told = state.operation(acted.op).map(|operation| self.told(&state, operation));
        let ending = twice(told.as_ref().map(|told| told.n));
        Ok(Some(Outcome { deployment: told, ..Outcome::ended(ending) }))
    }

    /// An earlier attempt at a run is over for certain, however young what it left is.
    async fn left_behind(&self, state: &State, open: &Operation) -> Ending {
        let environment = &self.environment;
        let told = admission::open(state, None, self.now());
        let busy = told.filter(|ending| ending.reason == Reason::RefusedBusy);
        if let (Some(busy), false) = (busy, self.may_take_over(open).await) {
            return busy;
        }
        let what = admission::describe(open);
        let message = format!("{what} {} of `{environment}` was left in the middle", open.n);
        let resume = format!("lastgood resume -e {}", shell_words::quote(environment.as_str()));
        Ending::new(Reason::RefusedInterrupted, message).next(resume)
    }

    /// Refuses to begin anything for a comment that another process has acted on.
    pub(in super::super) async fn is_first(&self, moment: Moment, page: &Page) -> Step<()> {
        match moment {
            Moment::AfterTheAct => Ok(()),
            Moment::BeforeTheAct => match self.earlier(page).await? {
                Some((acted, state)) => {
                    Err(twice(state.operation(acted.op).map(|operation| operation.n)).into())
                }
                None => Ok(()),
            },
        }
    }

    /// Returns what another process did first for this comment, be it archived since.
    async fn earlier(&self, page: &Page) -> Step<Option<(Acted, State)>> {
        let Some(comment) = self.who.comment else { return Ok(None) };
        let others = |state: &State| {
            state.comments.get(&comment).copied().filter(|acted| acted.run != self.who.run)
        };
        if let Some(acted) = others(&page.state) {
            return Ok(Some((acted, page.state.clone())));
        }
        let whole = self.whole(page).await?;
        let state = self.with(page, &whole);
        Ok(others(&state).map(|acted| (acted, state)))
    }
}

fn twice(n: Option<u64>) -> Ending {
    let what = n.map(|n| format!(": see deployment {n}")).unwrap_or_default();
    let message = format!("this comment was acted on before{what}; nothing was done twice");
    Ending::new(Reason::ActedOn, message)
}
