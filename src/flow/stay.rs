//! Ends an operation after which the same slot serves as before.

use super::desk::Desk;
use super::halt::Step;
use super::settle::Results;
use super::slots::{Place, is_untouched};
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{FinishOutcome, Finished, StepOutcome};
use crate::domain::gate::GateReport;
use crate::domain::ids::OperationId;
use crate::domain::outcome::{GateTold, Outcome};
use crate::domain::verdict::Verdict;

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
    /// The router gives traffic to the slot that the ledger calls idle: nothing is brought there.
    Elsewhere(String),
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

impl Desk {
    /// Closes an operation after which the same slot serves as before.
    pub(super) async fn stay(
        &self,
        place: &Place<'_>,
        driven: Results,
        kept: Kept,
    ) -> Step<Results> {
        let outcome = match kept {
            Kept::Ready(_) => FinishOutcome::Completed,
            Kept::Driver(_)
            | Kept::Gate(_)
            | Kept::Worse(_)
            | Kept::Router(_)
            | Kept::Elsewhere(_) => FinishOutcome::Failed,
        };
        // What a person did to the traffic is left as it is.
        let elsewhere = matches!(kept, Kept::Elsewhere(_));
        let untouched = elsewhere && is_untouched(place.operation);
        let traffic = if elsewhere {
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

fn stayed(verdict: Verdict) -> Reason {
    match verdict {
        Verdict::Healthy | Verdict::Unhealthy => Reason::NotSwitched,
        Verdict::Error => Reason::ChecksBroken,
        Verdict::Inconclusive => Reason::NoData,
    }
}
