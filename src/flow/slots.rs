//! Brings services to the idle slot, and the traffic after them.

use super::commit::{Entry, Moment};
use super::desk::Desk;
use super::execute::{OnFailure, operation_of};
use super::halt::Step;
use super::look::Look;
use super::settle::{Moved, Results, draft};
use super::shift::Shifted;
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{
    Body, FinishOutcome, Finished, Kind, PlannedStep, StepOutcome, Verified,
};
use crate::domain::gate::GateReport;
use crate::domain::ids::OperationId;
use crate::domain::operation::Operation;
use crate::domain::outcome::{GateTold, Outcome};
use crate::domain::policy::{Stage, Strategy, Switching};
use crate::domain::slots::{Shares, Slot};
use crate::domain::slotted::Slots;
use crate::domain::state::State;
use crate::domain::verdict::Verdict;
use crate::domain::version::Versions;
use crate::ports::{Action, Router};

/// Why the traffic stayed where it was.
#[derive(Debug, Clone)]
pub enum Kept {
    /// The slot is ready, and a person moves the traffic.
    Ready(GateReport),
    /// A driver failed at the slot.
    Driver(String),
    /// The gate did not find the slot healthy before any traffic went there.
    Gate(GateReport),
    /// It got worse while the traffic moved, and all of it went back.
    Worse(GateReport),
    /// The router failed; how the traffic is shared is told.
    Router(String),
    /// The router gives traffic to the slot that the ledger calls idle: nothing was touched.
    Elsewhere(String),
}

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
        let steps = self.driven_steps(&state, operation.plan(), Some(slot));
        let is_done = |step: &PlannedStep| {
            let done = operation.done.get(&step.service);
            done.is_some_and(|done| done.outcome == StepOutcome::Done)
        };
        let was_driven = !steps.is_empty();
        let place = Place { operation, slot, wanted: &wanted, router: &*router };
        if was_driven && let Some(kept) = self.serves_already(&place).await {
            return self.stay(&place, Results::default(), kept).await;
        }
        let left: Vec<PlannedStep> = steps.into_iter().filter(|step| !is_done(step)).collect();
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

    /// Asks what runs at a slot before any traffic goes there, and writes what it found.
    async fn look_at_slot(&self, place: &Place<'_>) -> Step<Option<GateReport>> {
        let checks = self.ports.sides.get(place.slot).map(|side| side.checks.clone());
        let checks: Vec<_> = checks.unwrap_or_default();
        if checks.is_empty() {
            return Ok(None);
        }
        self.tell(format!("looking at `{}` before any traffic goes there", place.slot));
        let report = self.look(Look { checks: Some(&checks), ..Look::all(place.wanted) }).await;
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

    /// Never brings anything to a slot that serves by the router's own word, unless this operation
    /// itself had begun to move the traffic there.
    async fn serves_already(&self, place: &Place<'_>) -> Option<Kept> {
        let own = place.operation;
        if own.opener != own.owner || !own.done.is_empty() {
            return None;
        }
        let shares = match place.router.read().await {
            Ok(shares) if shares.share(place.slot) == 0 => return None,
            Ok(shares) => shares.to_string(),
            Err(error) => return Some(Kept::Elsewhere(error.to_string())),
        };
        let live = place.router.pair().other(place.slot);
        let why = format!(
            "the router gives {shares}, and by the ledger `{live}` serves; nothing was touched"
        );
        Some(Kept::Elsewhere(why))
    }

    /// Gives all traffic to the slot that serves by the ledger; an error leaves the operation open.
    pub(super) async fn traffic_home(&self, router: &dyn Router, live: &Slot) -> Step<Shares> {
        let all = Shares::all(router.pair(), live);
        if let Ok(read) = router.read().await
            && read.is_near(&all, 0)
        {
            return Ok(read);
        }
        self.tell(format!("traffic: {all}"));
        router.share(&all).await.map_err(|error| {
            let message = format!(
                "the traffic of `{}` could not be given to `{live}`, which serves: {error}",
                self.environment
            );
            let resume = format!(
                "mend the router, then lastgood resume -e {}",
                shell_words::quote(self.environment.as_str())
            );
            Ending::new(Reason::RouterFailed, message).next(resume).into()
        })
    }

    /// Gives the traffic back to the slot that serves by the ledger, where nothing is open; tells what
    /// it did, or nothing where there was nothing to do.
    pub(super) async fn realigned(&self, state: &State) -> Step<Option<Outcome>> {
        let (Some(slots), Some(router)) = (self.slots(state), &self.ports.router) else {
            return Ok(None);
        };
        let is_open = state.open().next().is_some();
        let before = router.read().await?;
        if is_open || state.current().is_none() || before.sole() == Some(slots.live()) {
            return Ok(None);
        }
        let shares = self.traffic_home(&**router, slots.live()).await?;
        let message = format!("gave the traffic of `{}` back: {shares}", self.environment);
        Ok(Some(Outcome::ended(Ending::new(Reason::Done, message))))
    }

    /// Gives the traffic back after an operation was given up for something newer, as far as that goes.
    pub(super) async fn traffic_settles(&self) {
        let settled = async {
            let page = self.read().await?;
            self.realigned(&page.state).await
        };
        match settled.await {
            Ok(Some(outcome)) => self.tell(outcome.ending.message),
            Ok(None) => {}
            Err(halt) => self.tell(format!("the traffic may not be where it should: {halt:?}")),
        }
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

    /// Closes an operation after which the same slot serves as before.
    async fn stay(&self, place: &Place<'_>, driven: Results, kept: Kept) -> Step<Results> {
        let outcome = match kept {
            Kept::Ready(_) => FinishOutcome::Completed,
            Kept::Driver(_)
            | Kept::Gate(_)
            | Kept::Worse(_)
            | Kept::Router(_)
            | Kept::Elsewhere(_) => FinishOutcome::Failed,
        };
        let untouched = matches!(kept, Kept::Elsewhere(_));
        let traffic = if untouched {
            place.router.read().await.ok()
        } else {
            // Killed in the middle before, a run can have left a part of it here.
            self.owned(place.operation.id).await?;
            let live = place.router.pair().other(place.slot);
            Some(self.traffic_home(place.router, live).await?)
        };
        let holds = (!untouched).then(|| place.wanted.clone());
        let message = crate::domain::text::message(&kept.to_string());
        let finished = Finished { message, traffic, holds, ..Finished::plain(outcome) };
        let written = self.finish_with(place.operation.id, finished).await;
        written.map_err(|halt| self.left_open(halt))?;
        Ok(not_moved(place, driven, kept))
    }
}

impl Desk {
    /// Tells a deployment after which the same slot serves as before.
    pub(super) async fn kept_where_it_was(&self, id: OperationId, kept: &Kept) -> Step<Outcome> {
        let page = self.read().await?;
        let operation = page.state.operation(id);
        let told = operation.map(|operation| self.told(&page.state, operation));
        let n = operation.map_or(0, |operation| operation.n);
        let message = format!("deployment {n} of `{}`: {kept}", self.environment);
        let (reason, report) = match kept {
            Kept::Ready(report) => (Reason::Ready, Some(report)),
            Kept::Gate(report) | Kept::Worse(report) => (stayed(report.verdict()), Some(report)),
            Kept::Driver(_) => (Reason::NotSwitched, None),
            Kept::Router(_) | Kept::Elsewhere(_) => (Reason::RouterFailed, None),
        };
        let gate = report.map(|report| GateTold::found(report.clone()));
        Ok(Outcome { gate, deployment: told, ..Outcome::ended(Ending::new(reason, message)) })
    }
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

/// What was brought to a slot that does not serve was not moved.
fn not_moved(place: &Place<'_>, driven: Results, kept: Kept) -> Results {
    let mut results = driven;
    results.by_service.retain(|_, outcome| *outcome == StepOutcome::Failed);
    for step in place.operation.plan() {
        results.by_service.entry(step.service.clone()).or_insert(StepOutcome::Skipped);
    }
    results.kept = Some(kept);
    results
}

fn not_brought(driven: &Results, slot: &Slot) -> String {
    let list = |services: Vec<crate::domain::names::Service>| {
        services.iter().map(|service| format!("`{service}`")).collect::<Vec<_>>().join(", ")
    };
    let failed = driven.of(StepOutcome::Failed);
    if failed.is_empty() {
        let left = list(driven.of(StepOutcome::Skipped));
        return format!("what was brought to `{slot}` was not well, so {left} was not touched");
    }
    format!("the driver of {} failed at `{slot}`", list(failed))
}

fn stayed(verdict: Verdict) -> Reason {
    match verdict {
        Verdict::Healthy | Verdict::Unhealthy => Reason::NotSwitched,
        Verdict::Error => Reason::ChecksBroken,
        Verdict::Inconclusive => Reason::NoData,
    }
}

/// Where an operation of a slot is carried through.
struct Place<'a> {
    operation: &'a Operation,
    slot: &'a Slot,
    wanted: &'a Versions,
    router: &'a dyn Router,
}

impl std::fmt::Display for Kept {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let said = |report: &GateReport| match report.decisive() {
            Some(check) => format!("{}: {}", check.name, check.message),
            None => "the gate could not tell".to_owned(),
        };
        match self {
            Self::Ready(_) => out.write_str("the traffic waits for a person"),
            Self::Driver(why) | Self::Router(why) | Self::Elsewhere(why) => out.write_str(why),
            Self::Gate(report) => write!(out, "no traffic went there; {}", said(report)),
            Self::Worse(report) => write!(out, "the traffic went back; {}", said(report)),
        }
    }
}

/// Returns the versions that serve once a plan is carried out.
fn after(state: &State, steps: &[PlannedStep]) -> Versions {
    let mut versions = state.versions();
    versions.extend(steps.iter().map(|step| (step.service.clone(), step.to.clone())));
    versions
}
