//! Drives a deployment, verifies it, and goes back where that helps.

use super::begin::BeginOrder;
use super::commit::{Entry, Moment};
use super::desk::{Desk, Page};
use super::execute::OnFailure;
use super::halt::{Halt, Step};
use super::order::{Blame, Dependents, RollbackOrder};
use super::settle::{Results, draft};
use super::verify::VerifyOrder;
use crate::domain::admission::Insistence;
use crate::domain::decision::{self, CommonFailure, Means, Recovery, Rules};
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{Act, Body, CheckNote, StepOutcome, Trigger, Unity, Verified};
use crate::domain::ids::OperationId;
use crate::domain::operation::Operation;
use crate::domain::outcome::{GateTold, Outcome, Severity};
use crate::domain::plan;
use crate::domain::policy::Reaction;
use crate::domain::state::State;
use crate::domain::target::{Scope, Wanted};
use crate::domain::verdict;
use crate::domain::version::Versions;
use crate::ports::Action;

impl Desk {
    /// Drives a deployment and sees it through.
    pub async fn deploy(&self, order: &BeginOrder) -> Step<Outcome> {
        Box::pin(self.bring(order, &Versions::new())).await
    }

    /// Drives a deployment that was decided on while these versions ran.
    pub(super) async fn bring(&self, order: &BeginOrder, found: &Versions) -> Step<Outcome> {
        let page = self.read().await?;
        self.can_deploy(&page, order)?;
        self.is_in_stock(&page, order).await?;
        if let Some(slot) = self.slot_for(&page.state) {
            self.may_begin(&page.state, self.now())?;
            self.gets_nothing(&slot).await?;
        }
        let failing = self.failing_before(&page, order).await?;
        let begun = self.open_deployment(order, &failing, found).await?;
        self.see_through(begun.operation.id).await
    }

    fn can_deploy(&self, page: &Page, order: &BeginOrder) -> Step<()> {
        let plan = plan::forward_to(&page.state, &order.versions, &self.roster);
        let slot = self.slot_for(&page.state);
        let driven = self.driven_steps(&page.state, &plan.steps, slot.as_ref());
        self.can_drive(Act::Driven, &driven, slot.as_ref())
    }

    /// Refuses what its drivers say is not there to be brought.
    async fn is_in_stock(&self, page: &Page, order: &BeginOrder) -> Step<()> {
        let plan = plan::forward_to(&page.state, &order.versions, &self.roster);
        let n = page.state.next_number();
        let meant = Operation::new(self.new_operation(), n, self.now(), &self.who.actor);
        let slot = self.slot_for(&page.state);
        let driven = self.driven_steps(&page.state, &plan.steps, slot.as_ref());
        let stock = self.stock(&meant, slot.as_ref(), Action::Deploy, &driven).await;
        let missing = stock.filter(|found| !found.passed && found.severity == Severity::Error);
        match missing.filter(|_| order.insistence == Insistence::None) {
            Some(missing) => Err(Ending::new(Reason::ArtifactMissing, missing.message).into()),
            None => Ok(()),
        }
    }

    /// Shows what a deployment would run; nothing is written.
    pub async fn plan_deploy(&self, order: &BeginOrder) -> Step<Outcome> {
        let page = self.read().await?;
        self.can_deploy(&page, order)?;
        let ids = (self.new_operation(), self.new_event());
        let (operation, _) = self.beginning(order, &[], ids, &page, self.now())?;
        if let Some(slot) = operation.slot() {
            self.gets_nothing(slot).await?;
        }
        let n = operation.n;
        let steps = operation.plan();
        let lines = self.plan_lines(&page.state, &operation, Action::Deploy);
        let message =
            format!("deployment {n} of `{}` would move {}", self.environment, count(steps.len()));
        Ok(Outcome::planned(Ending::new(Reason::Planned, message), lines))
    }

    /// Drives what is left of an open deployment, verifies it, and goes back where it is sick.
    pub(super) async fn see_through(&self, id: OperationId) -> Step<Outcome> {
        let results = self.execute(id, Action::Deploy, OnFailure::Stop).await?;
        if let Some(kept) = &results.kept {
            return self.kept_where_it_was(id, kept).await;
        }
        if results.put_back {
            let page = self.read().await?;
            let told = page.state.operation(id).map(|op| self.told(&page.state, op));
            let n = told.as_ref().map_or(0, |told| told.n);
            let message = format!(
                "nothing of deployment {n} of `{}` was kept: {}",
                self.environment,
                self.story(id, &results).await?
            );
            let next = "Mend the driver, then `lastgood deploy` again.";
            let ending = Ending::new(Reason::PutBack, message).next(next);
            return Ok(Outcome { deployment: told, ..Outcome::ended(ending) });
        }
        if self.came_to_nothing(id).await? {
            let message = format!(
                "the deployment of `{}` was to be put back: {}",
                self.environment,
                self.story(id, &results).await?
            );
            return Ok(Outcome::ended(Ending::new(Reason::DeployFailed, message)));
        }
        if results.of(StepOutcome::Failed).is_empty() {
            return self.verify_made(id).await.map_err(|halt| self.unproven(halt));
        }
        self.driver_failed(id, &results).await.map_err(|halt| self.unproven(halt))
    }

    async fn story(&self, id: OperationId, results: &Results) -> Step<String> {
        let put_back = self.how_put_back(id, results).await?;
        Ok(put_back.map_or_else(|| "one service could not be moved".to_owned(), |it| it.story))
    }

    /// Returns whether no deployment came of an operation that is over: then nothing is judged.
    async fn came_to_nothing(&self, id: OperationId) -> Step<bool> {
        let page = self.read().await?;
        let made = page.state.operation(id);
        Ok(made.is_some_and(|made| made.finished.is_some() && made.deployed.is_none()))
    }

    pub(super) async fn verify_made(&self, id: OperationId) -> Step<Outcome> {
        let page = self.read().await?;
        let made = page.state.operation(id);
        if self.ports.checks.is_empty() {
            let n = made.map_or(0, |operation| operation.n);
            let message = format!(
                "deployed {n} of `{}`; no check is configured that could prove it",
                self.environment
            );
            let told = made.map(|operation| self.told(&page.state, operation));
            let ending = Ending::new(Reason::Recorded, message);
            return Ok(Outcome { deployment: told, ..Outcome::ended(ending) });
        }
        let order = VerifyOrder {
            deployment: made.map(|operation| operation.n),
            scope: Scope::All,
            recovery: Recovery::Automatic,
            watch: None,
            reason: None,
        };
        self.verify(&order).await
    }

    /// A driver that fails counts as a failed gate.
    async fn driver_failed(&self, id: OperationId, results: &Results) -> Step<Outcome> {
        self.write_driver_verdict(id).await?;
        let failed = results.of(StepOutcome::Failed);
        let names: Vec<String> = failed.iter().map(|service| format!("`{service}`")).collect();
        let message =
            format!("the driver of {} failed in `{}`", names.join(", "), self.environment);
        let page = self.read().await?;
        let told = page.state.operation(id).map(|op| self.told(&page.state, op));
        let undo = RollbackOrder {
            wanted: Wanted::LastStable,
            scope: Scope::All,
            trigger: Trigger::Automatic,
            reason: Some(message.clone()),
            insistence: Insistence::None,
            act: Act::Driven,
            blame: Blame::Failed(failed.into_iter().collect(), CommonFailure::None),
            strategy: None,
            unity: Unity::Each,
            dependents: Dependents::Refuse,
        };
        let whole = self.archive_for(&Wanted::LastStable, &Scope::All, &page).await?;
        let against = self.against_undoing(&self.with(&page, &whole), id);
        match (self.policy.verify.on.fail, against) {
            (Reaction::Rollback, None) => {
                let outcome = match self.go_back(&undo, &page.state.versions()).await {
                    Ok(outcome) => outcome,
                    // Something was changed, so that it is no mere refusal.
                    Err(Halt::Ended(ending)) => Outcome::ended(Ending::new(
                        Reason::DeployFailed,
                        format!("{message}; {}", ending.message),
                    )),
                    Err(broken @ Halt::Broke(_)) => return Err(broken),
                };
                Ok(Outcome { deployment: told, gate: Some(failed_gate()), ..outcome })
            }
            (Reaction::Rollback | Reaction::Hold | Reaction::Pass, against) => {
                let why = against.map(|ending| format!("; {}", ending.message)).unwrap_or_default();
                let ending = Ending::new(Reason::DeployFailed, format!("{message}{why}"));
                let gate = Some(failed_gate());
                Ok(Outcome { deployment: told, gate, ..Outcome::ended(ending) })
            }
        }
    }

    /// Returns the first rule that stands against undoing a failed deployment.
    fn against_undoing(&self, state: &State, id: OperationId) -> Option<Ending> {
        let rules = Rules {
            policy: &self.policy,
            recovery: Recovery::Automatic,
            means: Means::Driver,
            tags: &self.tags,
            now: self.now(),
        };
        state.operation(id).and_then(|made| decision::against_rollback(state, made, &rules))
    }

    async fn write_driver_verdict(&self, id: OperationId) -> Step<()> {
        let ev = self.new_event();
        let written = self.commit(Moment::AfterTheAct, |page, _| {
            let Some(operation) = page.state.operation(id) else { return Ok(((), None)) };
            let verified = driver_verdict(operation);
            let drafts = vec![draft(ev, operation, Body::Verified(verified))];
            let summary = format!("Verify {} of {}", operation.n, self.environment);
            Ok(((), Some(Entry { drafts, summary, ..Entry::default() })))
        });
        written.await.map(|_| ())
    }
}

/// What is told of a deployment whose driver failed; its evidence says which.
fn failed_gate() -> GateTold {
    GateTold::of(verdict::Verdict::Unhealthy, Vec::new())
}

fn driver_verdict(operation: &Operation) -> Verified {
    let failed = operation.done.values().filter(|done| done.outcome == StepOutcome::Failed);
    let note = |done: &crate::domain::event::ServiceDone| CheckNote {
        name: format!("driver of {}", done.service),
        service: Some(done.service.clone()),
        outcome: verdict::Outcome::Fail,
        message: done.message.clone(),
        value: None,
        limit: None,
    };
    Verified {
        verdict: verdict::Verdict::Unhealthy,
        versions: operation.versions().cloned().unwrap_or_default(),
        checks: failed.map(note).collect(),
        decided: None,
        traffic: None,
    }
}

fn count(services: usize) -> String {
    if services == 1 { "1 service".to_owned() } else { format!("{services} services") }
}
