//! Asks a policy what to make of a verdict.

use serde_json::{Value, json};

use super::desk::Desk;
use crate::domain::event::Decided;
use crate::domain::gate::GateReport;
use crate::domain::operation::Operation;
use crate::domain::policy::Reaction;
use crate::domain::text;

impl Desk {
    /// Returns the policy's answer, where there is a policy; none from it is to hold.
    pub(super) async fn decided(
        &self,
        subject: &Operation,
        report: &GateReport,
    ) -> Option<Decided> {
        let policy = self.ports.decider.as_ref()?;
        let by = policy.name();
        let document = self.verdict_document(subject, report).to_string();
        let (answer, message) = match policy.decide(&document).await {
            Ok(answer) => (answer, String::new()),
            Err(why) => (Reaction::Hold, text::message(&why)),
        };
        match message.as_str() {
            "" => self.tell(format!("`{by}` says to {answer}")),
            why => self.tell(format!("`{by}` gave no answer, so nothing is done: {why}")),
        }
        Some(Decided { answer, by, message })
    }

    fn verdict_document(&self, subject: &Operation, report: &GateReport) -> Value {
        let before = subject.started.as_ref().map(|started| started.failed_before.clone());
        json!({
            "schema": 1,
            "environment": self.environment,
            "deployment": {
                "n": subject.n,
                "id": subject.id,
                "kind": subject.kind,
                "at": subject.at,
                "versions": subject.versions(),
            },
            "verdict": report.verdict(),
            "score": report.score(),
            "checks": report.checks,
            "failed_before": before.unwrap_or_default(),
        })
    }
}
