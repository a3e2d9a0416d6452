//! Puts services back to what they ran before.

use std::collections::BTreeMap;

use super::commit::{Entry, Moment};
use super::desk::Desk;
use super::execute::operation_of;
use super::halt::Step;
use super::settle::{Results, draft};
use crate::domain::event::{
    Body, FinishOutcome, Finished, GOING_BACK, PlannedStep, ServiceDone, StepOutcome, Unity,
};
use crate::domain::ids::OperationId;
use crate::domain::names::Service;
use crate::domain::operation::Operation;
use crate::domain::plan;
use crate::domain::text;

/// The longest cause that is told of one service, in characters.
const LONGEST_CAUSE: usize = 200;

/// How an operation was put back, by the ledger's word.
pub(super) struct PutBack {
    /// Who failed, who is unknown and who is back.
    pub(super) story: String,
    /// The services that are back.
    pub(super) back: Vec<Service>,
}

impl Desk {
    /// Puts back all that an operation has driven, and closes it.
    pub(super) async fn put_all_back(
        &self,
        operation: &Operation,
        results: Results,
    ) -> Step<Results> {
        self.tell("one service could not be moved: all are put back");
        let state = self.owned(operation.id).await?;
        let failed = why_failed(operation_of(&state, operation.id)?);
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
        let back: Vec<&Service> =
            steps.iter().map(|step| &step.service).filter(|s| !undone.contains_key(*s)).collect();
        let message = text::message(&story(&failed, &undone, &back));
        let finished = Finished { message, ..Finished::plain(outcome) };
        self.finish_with(operation.id, finished).await?;
        let mut after = results;
        for PlannedStep { service, .. } in &steps {
            let has_failed = failed.contains_key(service) || undone.contains_key(service);
            let outcome = if has_failed { StepOutcome::Failed } else { StepOutcome::Skipped };
            after.by_service.insert(service.clone(), outcome);
        }
        after.put_back = undone.is_empty();
        Ok(after)
    }

    /// Reads how an operation was put back; none where nothing was.
    pub(super) async fn how_put_back(
        &self,
        id: OperationId,
        results: &Results,
    ) -> Step<Option<PutBack>> {
        if results.kept.is_some() || results.is_complete() {
            return Ok(None);
        }
        let page = self.read().await?;
        let made = page.state.operation(id).filter(|made| {
            let started = made.started.as_ref();
            made.deployed.is_none() && started.is_some_and(|s| s.unity == Unity::AllOrNothing)
        });
        Ok(made.and_then(|made| {
            let story = made.finished.as_ref()?.message.clone();
            let done = made.done.values().filter(|done| done.outcome == StepOutcome::Skipped);
            let back = done.map(|done| done.service.clone()).collect();
            (!story.is_empty()).then_some(PutBack { story, back })
        }))
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

fn why_failed(operation: &Operation) -> BTreeMap<Service, String> {
    let failed = operation.done.values().filter(|done| done.outcome == StepOutcome::Failed);
    failed.map(|done| (done.service.clone(), done.message.clone())).collect()
}

fn story(
    failed: &BTreeMap<Service, String>,
    undone: &BTreeMap<Service, String>,
    back: &[&Service],
) -> String {
    let each = |services: &BTreeMap<Service, String>, what: &str| -> Vec<String> {
        let told = |(service, why): (&Service, &String)| {
            format!("`{service}` could not be {what}: {}", text::clean(why, LONGEST_CAUSE))
        };
        services.iter().map(told).collect()
    };
    let mut said = each(failed, "moved");
    said.extend(each(undone, "put back, so that it is not known what it runs"));
    let mut names: Vec<String> = back.iter().map(|service| format!("`{service}`")).collect();
    names.sort();
    if !names.is_empty() {
        let were = if names.len() == 1 { "was" } else { "were" };
        said.push(format!("{} {were} put back", names.join(", ")));
    }
    said.join("; ")
}

/// Tells services with what became of them.
pub(super) fn told(undone: &BTreeMap<Service, String>) -> String {
    let each: Vec<String> =
        undone.iter().map(|(service, why)| format!("`{service}`: {why}")).collect();
    each.join("; ")
}

/// Says of a service that nobody may count on it for now.
pub(super) fn being_put_back(service: &Service) -> ServiceDone {
    failed(service, GOING_BACK.to_owned())
}

fn failed(service: &Service, message: String) -> ServiceDone {
    let outcome = StepOutcome::Failed;
    ServiceDone { service: service.clone(), outcome, message, duration_ms: 0 }
}
