//! Brings services to the idle slot, and the traffic after them.

use std::time::Duration;

use super::commit::{Entry, Moment};
use super::desk::Desk;
use super::execute::{OnFailure, operation_of};
use super::halt::Step;
use super::look::Look;
use super::settle::{Moved, Results, draft};
use super::shift::Shifted;
use super::stay::Kept;
use crate::domain::check::Phase;
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{
    Body, FinishOutcome, Finished, Kind, PlannedStep, StepOutcome, Verified,
};
use crate::domain::gate::GateReport;
use crate::domain::names::Service;
use crate::domain::operation::{LONGEST_LOOK, Operation};
use crate::domain::outcome::Outcome;
use crate::domain::policy::{Stage, Strategy, Switching};
use crate::domain::slots::{Shares, Slot};
use crate::domain::slotted::Slots;
use crate::domain::state::State;
use crate::domain::verdict::Verdict;
use crate::domain::version::{Version, Versions};
use crate::ports::{Action, BoundCheck, Router};

/// The longest that a slot is asked whether it still answers, before the traffic goes back there.
const GLANCE: Duration = Duration::from_secs(5);

impl Desk {
    /// Returns both slots as the ledger has them, where the environment has slots.
    pub fn slots(&self, state: &State) -> Option<Slots> {
        self.ports.router.as_ref().map(|router| Slots::of(state, router.pair()))
    }

    /// Returns both slots, and refuses where there are none.
    pub(super) fn two_slots(&self, state: &State) -> Step<Slots> {
        self.slots(state).ok_or_else(|| {
            let message = format!("`{}` has no router and so no slots", self.environment);
            Ending::new(Reason::NoSlots, message).into()
        })
    }

    /// Returns the slot that a change goes to; none where there are none, or other steps make it.
    pub(super) fn slot_for(&self, state: &State) -> Option<Slot> {
        self.slots(state).map(|slots| slots.idle().clone())
    }

    /// Returns what is driven for these steps: at a slot, all that it does not hold.
    pub(super) fn driven_steps(
        &self,
        state: &State,
        steps: &[PlannedStep],
        slot: Option<&Slot>,
    ) -> Vec<PlannedStep> {
        match (self.slots(state), slot) {
            (Some(slots), Some(slot)) => slots.steps(slot, &after(state, steps)),
            (None, _) | (_, None) => steps.to_vec(),
        }
    }

    /// Carries an operation of a slot through: services, gate, traffic, and the end of it.
    pub(super) async fn carry_to_slot(
        &self,
        operation: &Operation,
        slot: &Slot,
        action: Action,
    ) -> Step<Results> {
        let Some(router) = self.ports.router.clone() else {
            let message = format!(
                "{} of `{}` moves traffic to `{slot}`, and no router is configured any more",
                operation.n, self.environment
            );
            return Err(Ending::new(Reason::RefusedInterrupted, message).into());
        };
        let state = self.owned(operation.id).await?;
        let wanted = after(&state, operation.plan());
        let steps = self.lacking(&state, operation, slot, &wanted).await;
        let was_driven = !steps.is_empty();
        let place = Place { operation, slot, wanted: &wanted, router: &*router };
        let left: Vec<PlannedStep> =
            steps.into_iter().filter(|step| !operation.has_done(&step.service)).collect();
        // Traffic follows what was planned to be brought, so that this operation has sent none there yet; one
        // that planned to bring nothing can have.
        let planned = !self.driven_steps(&state, operation.plan(), Some(slot)).is_empty();
        if (planned || is_untouched(operation))
            && !left.is_empty()
            && let Some(kept) = self.serves_already(&place).await
        {
            return self.stay(&place, Results::default(), kept).await;
        }
        let driven = self.drive_waves(operation, &left, action, OnFailure::Stop).await?;
        if !driven.is_complete() {
            let why = not_brought(&driven, slot);
            return self.stay(&place, driven, Kept::Driver(why)).await;
        }
        let must_look = was_driven || operation.kind == Kind::Deploy;
        if must_look && operation.kind != Kind::Switch {
            let report = self.look_at_slot(&place).await?;
            let is_healthy = report.as_ref().is_none_or(|it| it.verdict() == Verdict::Healthy);
            let manual = self.policy.deploy.switch == Switching::Manual;
            match report {
                Some(report) if !is_healthy => {
                    return self.stay(&place, driven, Kept::Gate(report)).await;
                }
                Some(report) if manual && operation.kind == Kind::Deploy => {
                    return self.stay(&place, driven, Kept::Ready(report)).await;
                }
                Some(_) | None => {}
            }
        }
        match self.shift(operation, slot, &*router).await? {
            Shifted::All(shares) => Ok(arrived(&place, driven, shares)),
            Shifted::Back(kept) => self.stay(&place, driven, kept).await,
        }
    }

    /// Returns what is to be brought to a slot; all of it, where what it held no longer answers on the way back.
    async fn lacking(
        &self,
        state: &State,
        operation: &Operation,
        slot: &Slot,
        wanted: &Versions,
    ) -> Vec<PlannedStep> {
        let steps = self.driven_steps(state, operation.plan(), Some(slot));
        let is_way_back = matches!(operation.kind, Kind::Rollback | Kind::RollForward);
        if !steps.is_empty() || !is_way_back || self.still_answers(slot, wanted).await {
            return steps;
        }
        self.tell(format!("what `{slot}` holds does not answer: it is brought there anew"));
        anew(wanted)
    }

    /// Asks once whether a slot still runs what it is said to hold: somebody may have stopped it since.
    async fn still_answers(&self, slot: &Slot, wanted: &Versions) -> bool {
        let own = self.ports.sides.get(slot).map(|side| side.checks.clone()).unwrap_or_default();
        let settling = own.into_iter().filter(|bound| bound.check.phase == Phase::Settle);
        let once = settling.map(|mut bound| {
            let limits = &mut bound.check.limits;
            (limits.success_streak, limits.initial_delay) = (Some(1), Duration::ZERO);
            limits.deadline = limits.deadline.min(GLANCE);
            bound
        });
        let checks: Vec<BoundCheck> = once.collect();
        if checks.is_empty() {
            return true;
        }
        let look = Look { checks: Some(&checks), within: Some(GLANCE), ..Look::all(wanted) };
        self.look(look).await.verdict() != Verdict::Unhealthy
    }

    /// Asks what runs at a slot before any traffic goes there, and writes what it found.
    async fn look_at_slot(&self, place: &Place<'_>) -> Step<Option<GateReport>> {
        let checks = self.ports.sides.get(place.slot).map(|side| side.checks.clone());
        let checks: Vec<_> = checks.unwrap_or_default();
        if checks.is_empty() {
            return Ok(None);
        }
        self.tell(format!("looking at `{}` before any traffic goes there", place.slot));
        let within = Some(self.policy.verify.timeout.min(LONGEST_LOOK));
        let look = Look { checks: Some(&checks), within, ..Look::all(place.wanted) };
        let report = self.look(look).await;
        self.write_look(place.operation, place.wanted, &report, None).await?;
        Ok(Some(report))
    }

    /// Writes what was seen of an operation that is still open.
    pub(super) async fn write_look(
        &self,
        operation: &Operation,
        versions: &Versions,
        report: &GateReport,
        traffic: Option<Shares>,
    ) -> Step<()> {
        let ev = self.new_event();
        let verified = Verified {
            verdict: report.verdict(),
            versions: versions.clone(),
            checks: report.notes(),
            decided: None,
            traffic,
        };
        let written = self.commit(Moment::AfterTheAct, |page, _| {
            let own = operation_of(&page.state, operation.id)?;
            if let Some(ending) = self.overtaken(&page.state, own) {
                return Err(ending.into());
            }
            let drafts = vec![draft(ev, own, Body::Verified(verified.clone()))];
            let summary = format!("Look at {} of {}", own.n, self.environment);
            Ok(((), Some(Entry { drafts, summary, ..Entry::default() })))
        });
        written.await.map(|_| ())
    }

    /// Refuses an operation that would drive something at a slot that may serve, before it is written.
    pub(super) async fn may_be_driven(&self, state: &State, operation: &Operation) -> Step<()> {
        match operation.slot() {
            Some(slot) if !self.driven_steps(state, operation.plan(), Some(slot)).is_empty() => {
                self.gets_nothing(slot).await
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Refuses to bring anything to a slot that may serve by the router's own word, before anything is written.
    pub(super) async fn gets_nothing(&self, slot: &Slot) -> Step<()> {
        let Some(router) = &self.ports.router else { return Ok(()) };
        let why = match router.read().await {
            Ok(shares) if shares.share(slot) == 0 => return Ok(()),
            Ok(shares) => format!("the router gives {shares}"),
            Err(error) => error.whole(),
        };
        let message = format!(
            "nothing is brought to `{slot}` of `{}`, which by the ledger does not serve: {why}",
            self.environment
        );
        Err(Ending::new(Reason::MayServe, message).into())
    }

    /// Never brings anything to a slot that serves by the router's own word.
    async fn serves_already(&self, place: &Place<'_>) -> Option<Kept> {
        let shares = match place.router.read().await {
            Ok(shares) if shares.share(place.slot) == 0 => return None,
            Ok(shares) => shares.to_string(),
            Err(error) => return Some(Kept::Elsewhere(error.whole())),
        };
        let live = place.router.pair().other(place.slot);
        let touched = if is_untouched(place.operation) { "nothing" } else { "nothing more" };
        let why = format!(
            "the router gives {shares}, and by the ledger `{live}` serves; {touched} was touched"
        );
        Some(Kept::Elsewhere(why))
    }

    /// Refuses to move traffic in stages where there are none.
    pub(super) fn has_stages(&self, strategy: Strategy, stages: &[Stage]) -> Step<()> {
        let what = match (strategy, &self.ports.router) {
            (Strategy::Immediate | Strategy::ServiceByService, _) => return Ok(()),
            (Strategy::Gradual, Some(_)) if !stages.is_empty() => return Ok(()),
            (Strategy::Gradual, Some(_)) => "it has no `stages`",
            (Strategy::Gradual, None) => "it has no `router`",
        };
        let message = format!("`{}` cannot move traffic in stages: {what}", self.environment);
        Err(Ending::new(Reason::Invalid, message).into())
    }

    /// Undoes an operation of a slot: all traffic goes to the one that serves, and what was brought
    /// to the other stays there, not to be trusted.
    pub(super) async fn undo_at_slot(&self, operation: &Operation) -> Step<Outcome> {
        let state = self.owned(operation.id).await?;
        let (Some(slots), Some(router)) = (self.slots(&state), &self.ports.router) else {
            let message = format!("no router is configured for `{}` any more", self.environment);
            return Err(Ending::new(Reason::RefusedInterrupted, message).into());
        };
        let traffic = Some(self.traffic_home(&**router, slots.live()).await?);
        let finished = Finished { traffic, ..Finished::plain(FinishOutcome::Undone) };
        self.finish_with(operation.id, finished).await?;
        let message = format!(
            "undid {} of `{}`: `{}` serves as before",
            operation.n,
            self.environment,
            slots.live()
        );
        Ok(Outcome::ended(Ending::new(Reason::Done, message)))
    }
}

/// Returns whether nobody can have driven anything for an operation yet.
pub(super) fn is_untouched(operation: &Operation) -> bool {
    operation.opener == operation.owner && operation.done.is_empty()
}

fn arrived(place: &Place<'_>, driven: Results, shares: Shares) -> Results {
    let mut results = driven;
    // What was brought only to fill the slot is no part of what changed.
    results.by_service = place
        .operation
        .plan()
        .iter()
        .map(|step| (step.service.clone(), StepOutcome::Done))
        .collect();
    let (slot, holds) = (place.slot.clone(), place.wanted.clone());
    results.moved = Some(Moved { slot, shares, holds });
    results
}

fn not_brought(driven: &Results, slot: &Slot) -> String {
    let list = |services: Vec<Service>| {
        services.iter().map(|service| format!("`{service}`")).collect::<Vec<_>>().join(", ")
    };
    let failed = driven.of(StepOutcome::Failed);
    if failed.is_empty() {
        let left = list(driven.of(StepOutcome::Skipped));
        return format!("what was brought to `{slot}` was not well, so {left} was not touched");
    }
    format!("the driver of {} failed at `{slot}`", list(failed))
}

/// Where an operation of a slot is carried through.
pub(super) struct Place<'a> {
    pub(super) operation: &'a Operation,
    pub(super) slot: &'a Slot,
    pub(super) wanted: &'a Versions,
    pub(super) router: &'a dyn Router,
}

/// Returns the steps that bring everything, whatever is there.
fn anew(wanted: &Versions) -> Vec<PlannedStep> {
    let step = |(service, version): (&Service, &Version)| PlannedStep {
        service: service.clone(),
        from: Some(version.clone()),
        to: version.clone(),
    };
    wanted.iter().map(step).collect()
}

/// Returns the versions that serve once a plan is carried out.
fn after(state: &State, steps: &[PlannedStep]) -> Versions {
    let mut versions = state.versions();
    versions.extend(steps.iter().map(|step| (step.service.clone(), step.to.clone())));
    versions
}
