//! Opens a deployment that other steps will make.

use jiff::Timestamp;

use super::commit::{Decided, Entry, Moment};
use super::desk::{Desk, Page};
use super::halt::Step;
use crate::domain::admission::{self, Insistence, Request};
use crate::domain::company;
use crate::domain::decision;
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{Act, Kind, Started, Trigger, Unity};
use crate::domain::ids::{EventId, OperationId};
use crate::domain::names::Commit;
use crate::domain::operation::Operation;
use crate::domain::outcome::Outcome;
use crate::domain::plan::{self, Plan};
use crate::domain::policy::Strategy;
use crate::domain::state::State;
use crate::domain::version::Versions;

/// A deployment that is about to be made.
#[derive(Debug, Clone)]
pub struct BeginOrder {
    /// The versions it brings, where they are known by now.
    pub versions: Versions,
    /// The commit on which lines and tags lie.
    pub commit: Option<Commit>,
    /// Why.
    pub reason: Option<String>,
    /// Whether a person insists.
    pub insistence: Insistence,
    /// Who drives it.
    pub act: Act,
    /// How the services are moved; as the environment's policy says where it is not told.
    pub strategy: Option<Strategy>,
    /// What becomes of those that were moved when another cannot be.
    pub unity: Unity,
}

/// A deployment whose intent is written.
pub(super) struct Begun {
    pub(super) state: State,
    pub(super) operation: Operation,
    pub(super) tag_result: Option<String>,
}

impl Desk {
    /// Writes the intent, gives the number, and makes the tag where the versions are known.
    pub async fn begin(&self, order: &BeginOrder) -> Step<Outcome> {
        let failing = self.rehearse_before(order).await?;
        let begun = self.open_deployment(order, &failing, &Versions::new()).await?;
        let n = begun.operation.n;
        let message = format!("deployment {n} of `{}` is begun", self.environment);
        let operation = begun.state.operation(begun.operation.id).unwrap_or(&begun.operation);
        let mut told = self.told(&begun.state, operation);
        told.tag_result = begun.tag_result;
        Ok(Outcome::ended(Ending::new(Reason::Begun, message)).about(told))
    }

    pub(super) async fn open_deployment(
        &self,
        order: &BeginOrder,
        failing: &[String],
        found: &Versions,
    ) -> Step<Begun> {
        let ids = (self.new_operation(), self.new_event());
        let written = self.commit(Moment::BeforeTheAct, |page, now| {
            if let Some(ending) = decision::moved_on(&page.state, found) {
                return Err(ending.into());
            }
            self.beginning(order, failing, ids, page, now)
        });
        let written = written.await?;
        let tag_result = written.tag_result(&self.tags.deploy(written.value.n));
        Ok(Begun { state: written.state, operation: written.value, tag_result })
    }

    pub(super) fn beginning(
        &self,
        order: &BeginOrder,
        failing: &[String],
        ids: (OperationId, EventId),
        page: &Page,
        now: Timestamp,
    ) -> Decided<Operation> {
        let state = &page.state;
        let plan = plan::forward_to(state, &order.versions, &self.roster);
        self.may_deploy(order, state, &plan, now)?;
        let strategy = order.strategy.unwrap_or(self.policy.deploy.strategy);
        let started = Started {
            commit: order.commit.clone(),
            act: order.act,
            strategy: Some(strategy),
            unity: order.unity,
            slot: self.slot_for(state).filter(|_| order.act == Act::Driven),
            trigger: Trigger::Manual,
            from: state.current().map(|operation| operation.id),
            failed_before: failing.to_vec(),
            ..self.intent(Kind::Deploy, plan.steps, order.reason.as_ref())
        };
        let (operation, entry) = self.opened(ids, started, state, now);
        let mut versions = state.versions();
        versions.extend(order.versions.clone());
        // A deployment that lastgood drives gets its tag when it is made, not when it is meant.
        let announced = order.act == Act::HandedOver && !order.versions.is_empty();
        let tag = announced.then(|| self.deploy_tag(&operation, &versions)).flatten();
        let tags = tag.into_iter().collect();
        let summary = format!("Begin deployment {} of {}", operation.n, self.environment);
        Ok((operation, Some(Entry { tags, summary, ..entry })))
    }

    /// Refuses what stands against a deployment: others, rules, versions that do not work together.
    fn may_deploy(
        &self,
        order: &BeginOrder,
        state: &State,
        plan: &Plan,
        now: Timestamp,
    ) -> Step<()> {
        let request = Request {
            versions: &order.versions,
            actor: &self.who.actor,
            ci: self.who.ci.as_ref(),
            own: None,
            insistence: order.insistence,
        };
        if let Some(objection) = admission::objections(state, &request, now).into_iter().next() {
            return Err(objection.into());
        }
        let strategy = order.strategy.unwrap_or(self.policy.deploy.strategy);
        self.has_stages(strategy, &self.policy.deploy.stages)?;
        let against = company::objection(state, plan, &self.roster);
        match against.filter(|_| order.insistence == Insistence::None) {
            Some(objection) => Err(objection.into()),
            None => Ok(()),
        }
    }
}
