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
use crate::domain::policy::Switching;
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
}

impl Desk {
    /// Returns both slots as the ledger has them, where the environment has slots.
    pub fn slots(&self, state: &State) -> Option<Slots> {
        self.ports.router.as_ref().map(|router| Slots::of(state, router.pair()))
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
        let left = steps.into_iter().filter(|step| !is_done(step)).collect();
        let driven = self.drive_waves(operation, left, action, OnFailure::Stop).await?;
        let place = Place { operation, slot, wanted: &wanted, router: &*router };
        if !driven.failed().is_empty() {
            let names: Vec<String> =
                driven.failed().iter().map(|service| format!("`{service}`")).collect();
            let why = format!("the driver of {} failed at `{slot}`", names.join(", "));
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

    /// Closes an operation after which the same slot serves as before.
    async fn stay(&self, place: &Place<'_>, driven: Results, kept: Kept) -> Step<Results> {
        let ev = self.new_event();
        let outcome = match kept {
            Kept::Ready(_) => FinishOutcome::Completed,
            Kept::Driver(_) | Kept::Gate(_) | Kept::Worse(_) | Kept::Router(_) => {
                FinishOutcome::Failed
            }
        };
        let traffic = place.router.read().await.ok();
        let holds = Some(place.wanted.clone());
        let message = crate::domain::text::message(&kept.to_string());
        let finished = Finished { message, traffic, holds, ..Finished::plain(outcome) };
        let written = self.commit(Moment::AfterTheAct, |page, _| {
            let own = self.still_ours(&page.state, place.operation.id)?;
            let drafts = vec![draft(ev, own, Body::Finished(finished.clone()))];
            let summary = format!("Finish {} of {}", own.n, self.environment);
            Ok(((), Some(Entry { drafts, summary, ..Entry::default() })))
        });
        written.await.map_err(|halt| self.left_open(halt))?;
        let mut results = driven;
        for step in place.operation.plan() {
            results.by_service.entry(step.service.clone()).or_insert(StepOutcome::Skipped);
        }
        results.kept = Some(kept);
        Ok(results)
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
            Kept::Router(_) => (Reason::RouterFailed, None),
        };
        let gate = report.map(|report| GateTold::found(report.clone()));
        Ok(Outcome { gate, deployment: told, ..Outcome::ended(Ending::new(reason, message)) })
    }
}

fn arrived(place: &Place<'_>, driven: Results, shares: Shares) -> Results {
    let mut results = driven;
    for step in place.operation.plan() {
        results.by_service.insert(step.service.clone(), StepOutcome::Done);
    }
    let (slot, holds) = (place.slot.clone(), place.wanted.clone());
    results.moved = Some(Moved { slot, shares, holds });
    results
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
            Self::Driver(why) | Self::Router(why) => out.write_str(why),
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
