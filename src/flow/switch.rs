//! Moves the traffic to the slot that is ready.

use jiff::Timestamp;

use super::commit::{Decided, Entry, Moment};
use super::desk::{Desk, Page};
use super::execute::OnFailure;
use super::halt::Step;
use crate::domain::admission::Insistence;
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{Kind, PlannedStep, Started};
use crate::domain::ids::{EventId, OperationId};
use crate::domain::operation::Operation;
use crate::domain::outcome::Outcome;
use crate::domain::policy::Strategy;
use crate::domain::slots::Slot;
use crate::domain::slotted::{Slots, Standing};
use crate::ports::Action;

/// How the traffic is to be moved.
#[derive(Debug, Clone, Default)]
pub struct SwitchOrder {
    /// Why.
    pub reason: Option<String>,
    /// Whether a person insists, though the gate did not pass.
    pub insistence: Insistence,
    /// How it is moved; as the policy says for deployments where it is not told.
    pub strategy: Option<Strategy>,
}

impl Desk {
    /// Moves the traffic to the other slot, which must hold what the gate found healthy.
    pub async fn switch(&self, order: &SwitchOrder) -> Step<Outcome> {
        let (op, ev) = (self.new_operation(), self.new_event());
        let written = self
            .commit(Moment::BeforeTheAct, |page, now| self.switching(order, (op, ev), page, now));
        written.await?;
        let results = self.execute(op, Action::Deploy, OnFailure::Stop).await?;
        match &results.kept {
            Some(kept) => self.kept_where_it_was(op, kept).await,
            None => self.verify_switched(op).await.map_err(|halt| self.unproven(halt)),
        }
    }

    /// Shows what a switch would do.
    pub async fn plan_switch(&self, order: &SwitchOrder) -> Step<Outcome> {
        let page = self.read().await?;
        let ids = (self.new_operation(), self.new_event());
        let (operation, _) = self.switching(order, ids, &page, self.now())?;
        let slot = operation.slot().map_or_else(String::new, ToString::to_string);
        let lines = self.plan_lines(&page.state, &operation, Action::Deploy);
        let message = format!("the traffic of `{}` would go to `{slot}`", self.environment);
        Ok(Outcome::planned(Ending::new(Reason::Planned, message), lines))
    }

    fn switching(
        &self,
        order: &SwitchOrder,
        ids: (OperationId, EventId),
        page: &Page,
        now: Timestamp,
    ) -> Decided<Operation> {
        let state = &page.state;
        self.may_begin(state, now)?;
        let slots = self.two_slots(state)?;
        let strategy = order.strategy.unwrap_or(self.policy.deploy.strategy);
        self.has_stages(strategy, &self.policy.deploy.stages)?;
        let slot = slots.idle().clone();
        let holds = slots.holds(&slot);
        self.is_ready(&slot, &slots, order.insistence)?;
        let running = state.versions();
        let differs = holds.iter().filter(|(service, to)| running.get(*service) != Some(*to));
        let step = |(service, to): (&crate::domain::names::Service, &_)| PlannedStep {
            service: service.clone(),
            from: running.get(service).cloned(),
            to: Clone::clone(to),
        };
        let at_slot = |made: &&Operation| made.slot() == Some(&slot) && !made.empties();
        let newest = state.operations.iter().rev().find(at_slot);
        let plan = differs.map(step).collect();
        let started = Started {
            commit: newest.and_then(Operation::commit).cloned(),
            strategy: order.strategy,
            slot: Some(slot.clone()),
            from: state.current().map(|current| current.id),
            ..self.intent(Kind::Switch, plan, order.reason.as_ref())
        };
        let (operation, entry) = self.opened(ids, started, state, now);
        let summary = format!("Begin switch {} of {} to {slot}", operation.n, self.environment);
        Ok((operation, Some(Entry { summary, ..entry })))
    }

    fn is_ready(&self, slot: &Slot, slots: &Slots, insistence: Insistence) -> Step<()> {
        let forced = insistence == Insistence::Forced;
        let why = match slots.standing(slot) {
            _ if slots.holds(slot).is_empty() => "holds nothing",
            Standing::Ready => return Ok(()),
            Standing::Idle | Standing::Failed if forced => return Ok(()),
            Standing::Idle => "holds what served before; `lastgood rollback` returns to it",
            Standing::Failed if slots.is_half_emptied(slot) => {
                "was emptied only in part; deploy over it, or empty it again"
            }
            Standing::Failed => "holds what the gate did not find healthy",
            Standing::Deploying => "is being deployed to",
            Standing::Emptying => "is being emptied",
            Standing::Live => "serves already",
        };
        let message = format!("`{slot}` of `{}` {why}", self.environment);
        let ending = Ending::new(Reason::NotReady, message);
        let served_before = slots.standing(slot) == Standing::Idle && !slots.holds(slot).is_empty();
        Err(if served_before { ending.next("lastgood rollback") } else { ending }.into())
    }

    /// Looks at what serves now; a switch is a deployment like any other.
    async fn verify_switched(&self, id: OperationId) -> Step<Outcome> {
        if self.ports.checks.is_empty() {
            let page = self.read().await?;
            let told = page.state.operation(id).map(|made| self.told(&page.state, made));
            let message = format!("the traffic of `{}` was moved", self.environment);
            let ending = Ending::new(Reason::Switched, message);
            return Ok(Outcome { deployment: told, ..Outcome::ended(ending) });
        }
        self.verify_made(id).await
    }
}
