//! Looks at what was restored, and says whether it is good.

use super::desk::Desk;
use super::halt::{Halt, Step};
use super::look::Look;
use super::rollback::Course;
use super::settle::Results;
use super::verify::VerifyOrder;
use crate::domain::decision::Recovery;
use crate::domain::event::StepOutcome;
use crate::domain::gate::GateReport;
use crate::domain::ids::OperationId;
use crate::domain::operation::Operation;
use crate::domain::outcome::DeploymentTold;
use crate::domain::target::Scope;
use crate::domain::verdict::Verdict;

/// What the gate said of what was restored.
#[derive(Debug, Clone)]
pub struct Proof {
    /// What the gate saw; none where there is no gate.
    pub report: Option<GateReport>,
    /// Whether it was marked stable for it.
    pub marked: bool,
    /// The deployment as it stands.
    pub deployment: Option<DeploymentTold>,
}

impl Proof {
    /// Returns the verdict, where there is a gate.
    pub fn verdict(&self) -> Option<Verdict> {
        self.report.as_ref().map(GateReport::verdict)
    }
}

impl Desk {
    /// Looks at what a rollback or roll-forward restored, and writes what it saw.
    async fn prove_restored(&self, id: OperationId) -> Step<Proof> {
        let proof = self.look_at_restored(id).await;
        proof.map_err(|halt| self.unproven(halt))
    }

    /// Looks at what was moved; where nothing was, there is nothing to prove.
    pub(super) async fn proof_of(&self, course: &Course, results: &Results) -> Step<Option<Proof>> {
        if results.of(StepOutcome::Done).is_empty() {
            return Ok(None);
        }
        self.prove_restored(course.operation.id).await.map(Some)
    }

    /// Says of a remote that went away before the verdict was written that the rest is.
    pub(super) fn unproven(&self, halt: Halt) -> Halt {
        let done = "what was moved is written down, and its verdict is not";
        self.after_the_act(halt, done, "lastgood verify")
    }

    async fn look_at_restored(&self, id: OperationId) -> Step<Proof> {
        let page = self.read().await?;
        let operation = page.state.operation(id);
        let versions = operation.and_then(Operation::versions).cloned().unwrap_or_default();
        if self.ports.checks.is_empty() {
            let deployment = operation.map(|operation| self.told(&page.state, operation));
            return Ok(Proof { report: None, marked: false, deployment });
        }
        let Some(operation) = operation else {
            return Ok(Proof { report: None, marked: false, deployment: None });
        };
        let found = self.found(operation, Look::all(&versions)).await;
        let order = VerifyOrder {
            deployment: None,
            scope: Scope::All,
            recovery: Recovery::Report,
            watch: None,
            reason: None,
        };
        let judgement = self.judge(id, &found, &order).await?;
        let state = &judgement.state;
        let deployment = state.operation(id).map(|op| self.told(state, op));
        Ok(Proof { report: Some(found.report), marked: judgement.marked, deployment })
    }
}
