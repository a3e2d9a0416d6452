//! Asks the gate of what runs before a deployment.

use super::begin::BeginOrder;
use super::desk::{Desk, Page};
use super::halt::Step;
use super::look::Look;
use crate::domain::check::Rehearsal;
use crate::domain::ending::{Ending, Reason};
use crate::domain::gate::GateReport;
use crate::domain::outcome::{GateTold, Outcome};
use crate::domain::rehearsal;
use crate::domain::verdict::Verdict;
use crate::ports::BoundCheck;

impl Desk {
    /// Runs the whole gate against what runs now; nothing is written, marked or undone.
    pub async fn rehearse(&self) -> Step<Outcome> {
        let page = self.read().await?;
        let versions = page.state.versions();
        let report = self.look(Look::all(&versions)).await;
        let told = page.state.current().map(|operation| self.told(&page.state, operation));
        let ending = rehearsed(&report);
        let gate = Some(GateTold::found(report));
        Ok(Outcome { gate, deployment: told, ..Outcome::ended(ending) })
    }

    /// Returns the checks that fail of what runs now, before a deployment that may begin.
    ///
    /// Whatever they say stops nothing: what is about to come may be the repair.
    pub(super) async fn failing_before(
        &self,
        page: &Page,
        order: &BeginOrder,
    ) -> Step<Vec<String>> {
        let versions = page.state.versions();
        let is_asked = self.policy.verify.rehearsal == Rehearsal::Asked;
        let checks: Vec<BoundCheck> = if is_asked { self.rehearsed_checks() } else { Vec::new() };
        if checks.is_empty() || versions.is_empty() || !self.could_begin(page, order) {
            return Ok(Vec::new());
        }
        self.tell("looking at what runs before the deployment");
        let report = self.look(Look { checks: Some(&checks), ..Look::all(&versions) }).await;
        let failed = rehearsal::failed(&report.checks);
        for name in &failed {
            self.tell(format!(
                "{name} fails before the deployment: alone it is no reason to go back"
            ));
        }
        Ok(failed)
    }

    /// Reads the ledger for [`Self::failing_before`], where there is anything to ask.
    pub(super) async fn rehearse_before(&self, order: &BeginOrder) -> Step<Vec<String>> {
        if self.ports.checks.is_empty() || self.policy.verify.rehearsal == Rehearsal::Skipped {
            return Ok(Vec::new());
        }
        let page = self.read().await?;
        self.failing_before(&page, order).await
    }

    /// What will be refused needs no rehearsal.
    fn could_begin(&self, page: &Page, order: &BeginOrder) -> bool {
        let ids = (self.new_operation(), self.new_event());
        self.beginning(order, &[], ids, page, self.now()).is_ok()
    }

    fn rehearsed_checks(&self) -> Vec<BoundCheck> {
        let asked = |bound: &BoundCheck| {
            let check = rehearsal::rehearsed(&bound.check)?;
            Some(BoundCheck { check, probe: bound.probe.clone() })
        };
        self.ports.checks.iter().filter_map(asked).collect()
    }
}

fn rehearsed(report: &GateReport) -> Ending {
    let (passed, total) = report.passed_of_required();
    let message = format!("of what runs now, {passed} of {total} required checks passed");
    match report.verdict() {
        Verdict::Healthy => Ending::new(Reason::Done, message),
        Verdict::Unhealthy => {
            Ending::new(Reason::NotAsked, message).next("Look at the checks, or at what runs.")
        }
        Verdict::Error => Ending::new(Reason::ChecksBroken, message),
        Verdict::Inconclusive => Ending::new(Reason::NoData, message),
    }
}
