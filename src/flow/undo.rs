//! Puts services back to what they ran before.

use std::collections::BTreeMap;

use super::commit::{Entry, Moment};
use super::desk::Desk;
use super::halt::Step;
use super::settle::{Results, draft};
use crate::domain::event::{Body, FinishOutcome, Finished, PlannedStep, ServiceDone, StepOutcome};
use crate::domain::ids::OperationId;
use crate::domain::names::Service;
use crate::domain::operation::Operation;
use crate::domain::plan;
use crate::domain::text;

impl Desk {
    /// Puts back all that an operation has driven, and closes it.
    pub(super) async fn put_all_back(
        &self,
        operation: &Operation,
        results: Results,
    ) -> Step<Results> {
        self.tell("one service could not be moved: all are put back");
        let touched = |step: &&PlannedStep| {
            let outcome = results.by_service.get(&step.service);
            matches!(outcome, Some(StepOutcome::Done | StepOutcome::Failed))
        };
        let steps: Vec<PlannedStep> =
            operation.plan().iter().rev().filter(touched).cloned().collect();
        let done = steps.iter().map(|step| &step.service);
        let done = done.filter(|service| results.by_service[*service] == StepOutcome::Done);
        // Whoever takes over from here must not count on what is being put back.
        let said: Vec<ServiceDone> = done.map(being_put_back).collect();
        if !said.is_empty() {
            self.write_down(operation, said).await?;
        }
        let undone = self.put_back(operation, &steps).await?;
        let outcome = if undone.is_empty() { FinishOutcome::Undone } else { FinishOutcome::Failed };
        self.finish(operation.id, outcome, &undone).await?;
        let mut after = results;
        for step in &steps {
            let is_back = !undone.contains_key(&step.service);
            let outcome = if is_back { StepOutcome::Skipped } else { StepOutcome::Failed };
            after.by_service.insert(step.service.clone(), outcome);
        }
        after.put_back = undone.is_empty();
        Ok(after)
    }

    /// Returns what could not be put back, each with why.
    pub(super) async fn put_back(
        &self,
        operation: &Operation,
        steps: &[PlannedStep],
    ) -> Step<BTreeMap<Service, String>> {
        let state = self.owned(operation.id).await?;
        let mut undone = BTreeMap::new();
        for step in steps {
            let from = plan::before(&state, step, &self.roster);
            if from.is_none() {
                let message = "it ran nothing before".to_owned();
                let failed = failed(&step.service, message.clone());
                undone.insert(step.service.clone(), message);
                self.write_down(operation, vec![failed]).await?;
                continue;
            }
            let step = &PlannedStep { from, ..step.clone() };
            if let Err(error) = self.drive_back(operation.id, step).await? {
                undone.insert(step.service.clone(), error);
            }
        }
        Ok(undone)
    }

    /// Closes an operation of which no deployment comes.
    pub(super) async fn finish(
        &self,
        id: OperationId,
        outcome: FinishOutcome,
        undone: &BTreeMap<Service, String>,
    ) -> Step<()> {
        let message = text::message(&told(undone));
        self.finish_with(id, Finished { message, ..Finished::plain(outcome) }).await
    }

    /// Closes an operation of which no deployment comes, with all that there is to say of its end.
    pub(super) async fn finish_with(&self, id: OperationId, finished: Finished) -> Step<()> {
        let ev = self.new_event();
        let written = self.commit(Moment::AfterTheAct, |page, _| {
            let operation = self.still_ours(&page.state, id)?;
            let finished = finished.clone();
            let summary = format!("Finish {} of {}", operation.n, self.environment);
            let drafts = vec![draft(ev, operation, Body::Finished(finished))];
            Ok(((), Some(Entry { drafts, summary, ..Entry::default() })))
        });
        written.await.map(|_| ())
    }
}

/// Tells services with what became of them.
pub(super) fn told(undone: &BTreeMap<Service, String>) -> String {
    let each: Vec<String> =
        undone.iter().map(|(service, why)| format!("`{service}`: {why}")).collect();
    each.join("; ")
}

/// Says of a service that nobody may count on it for now.
pub(super) fn being_put_back(service: &Service) -> ServiceDone {
    failed(service, "it is being put back".to_owned())
}

fn failed(service: &Service, message: String) -> ServiceDone {
    let outcome = StepOutcome::Failed;
    ServiceDone { service: service.clone(), outcome, message, duration_ms: 0 }
}
