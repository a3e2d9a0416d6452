//! How a rollback is told: what moved and how it ended.

use super::desk::Desk;
use super::halt::Step;
use super::order::RollbackOrder;
use super::proof::Proof;
use super::rollback::Course;
use super::settle::Results;
use super::stay::Kept;
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{Act, Kind, PlannedStep, StepOutcome, Trigger};
use crate::domain::gate::GateReport;
use crate::domain::names::Service;
use crate::domain::operation::Operation;
use crate::domain::outcome::{
    GateTold, Outcome, PlanLine, RollbackStatus, RollbackTold, Verification,
};
use crate::domain::policy::Strategy;
use crate::domain::state::State;
use crate::domain::verdict::Verdict;
use crate::ports::Action;

impl Desk {
    pub(super) fn planned(&self, order: &RollbackOrder, course: &Course, state: &State) -> Outcome {
        let message = format!(
            "rollback of `{}` from {} to {} would move {}",
            self.environment,
            number(course.from),
            number(course.to),
            names(&course.plan.steps)
        );
        let mut told = self.told_course(order.trigger, course, RollbackStatus::Planned);
        if order.act == Act::Driven {
            told.plan = self.plan_lines(state, &course.operation, Action::Rollback);
        }
        let ending = Ending::new(Reason::Planned, message);
        Outcome { rollback: Some(told), ..Outcome::ended(ending) }
    }

    pub(super) async fn handed_over(
        &self,
        order: &RollbackOrder,
        course: &Course,
    ) -> Step<Outcome> {
        let message = format!(
            "rollback {} of `{}` to {} is begun; now bring {}",
            course.operation.n,
            self.environment,
            number(course.to),
            names(&course.plan.steps)
        );
        let mut told = self.told_course(order.trigger, course, RollbackStatus::Planned);
        told.id = Some(course.operation.id);
        told.deployment = Some(course.operation.n);
        let page = self.read().await?;
        let deployment = page.state.operation(course.operation.id).unwrap_or(&course.operation);
        let outcome = Outcome::ended(Ending::new(Reason::HandedOver, message));
        let outcome = outcome.about(self.told(&page.state, deployment));
        Ok(Outcome { rollback: Some(told), ..outcome })
    }

    /// Tells a rollback that was carried out.
    pub(super) fn rolled_back(
        &self,
        trigger: Trigger,
        course: &Course,
        results: &Results,
        proof: Option<Proof>,
    ) -> Outcome {
        let failed = results.of(StepOutcome::Failed);
        let verdict = proof.as_ref().and_then(Proof::verdict);
        let status = status(results, verdict);
        let mut told = self.told_course(trigger, course, status);
        let done = results.of(StepOutcome::Done);
        told.id = Some(course.operation.id);
        told.deployment = Some(course.operation.n);
        told.new_versions.retain(|service, _| done.contains(service));
        told.previous_versions.retain(|service, _| done.contains(service));
        told.rolled_back_services = done;
        told.failed_services = failed;
        told.skipped_services.extend(results.of(StepOutcome::Skipped));
        told.started_at = Some(course.operation.at);
        let now = self.now();
        told.completed_at = Some(now);
        told.duration_ms = u64::try_from(now.duration_since(course.operation.at).as_millis()).ok();
        let report = proof.as_ref().and_then(|proof| proof.report.clone());
        let marked = proof.as_ref().is_some_and(|proof| proof.marked);
        told.verification = report.as_ref().map(|report| verification(report, marked));
        let ending = self.rollback_ending(trigger, course, results, verdict);
        let gate =
            report.map(|report| GateTold { marked_stable: marked, ..GateTold::found(report) });
        let deployment = proof.and_then(|proof| proof.deployment);
        Outcome { rollback: Some(told), gate, deployment, ..Outcome::ended(ending) }
    }

    /// Adds who failed and who was put back, as the ledger has it, where all or nothing was asked.
    pub(super) async fn with_story(
        &self,
        course: &Course,
        results: &Results,
        mut outcome: Outcome,
    ) -> Step<Outcome> {
        let Some(put_back) = self.how_put_back(course.operation.id, results).await? else {
            return Ok(outcome);
        };
        outcome.ending.message =
            format!("rolled back nothing of {}: {}", self.on_its_way(course), put_back.story);
        if let Some(told) = &mut outcome.rollback {
            told.skipped_services.retain(|service| !put_back.back.contains(service));
            told.put_back_services = put_back.back;
        }
        Ok(outcome)
    }

    fn on_its_way(&self, course: &Course) -> String {
        format!("`{}` from {} to {}", self.environment, number(course.from), number(course.to))
    }

    fn rollback_ending(
        &self,
        trigger: Trigger,
        course: &Course,
        results: &Results,
        verdict: Option<Verdict>,
    ) -> Ending {
        let what = self.on_its_way(course);
        let done = results.of(StepOutcome::Done);
        let failed = results.of(StepOutcome::Failed);
        let skipped = results.of(StepOutcome::Skipped);
        if let Some(kept) = &results.kept {
            let message = format!("rolled back nothing of {what}: {kept}");
            return Ending::new(not_back(kept), message);
        }
        if results.put_back {
            let message = format!(
                "rolled back nothing of {what}: one service could not be moved, and all were put back"
            );
            return Ending::new(Reason::PutBack, message).next(again(course));
        }
        if done.is_empty() {
            let message = format!("rolled back nothing of {what}: {} failed", list(&failed));
            return Ending::new(Reason::RollbackFailed, message);
        }
        if !failed.is_empty() || !skipped.is_empty() {
            let left = |services: &[Service], what| {
                (!services.is_empty()).then(|| format!("{} {what}", list(services)))
            };
            let left = [left(&failed, "failed"), left(&skipped, "not touched")];
            let left: Vec<String> = left.into_iter().flatten().collect();
            let message = format!("rolled back {} of {what}; {}", list(&done), left.join("; "));
            return Ending::new(Reason::RollbackPartial, message);
        }
        let reason = match (verdict, trigger) {
            (Some(Verdict::Healthy), Trigger::Automatic) => Reason::RolledBack,
            (Some(Verdict::Healthy), _) => Reason::Returned,
            (None, _) => Reason::Unproven,
            (Some(Verdict::Unhealthy | Verdict::Error | Verdict::Inconclusive), _) => {
                Reason::RollbackUnproven
            }
        };
        let proof = match reason {
            Reason::Unproven => "no check is configured that could prove it",
            Reason::RollbackUnproven => "the gate did not find it healthy",
            _ => "the gate found it healthy",
        };
        Ending::new(reason, format!("rolled back {what}; {proof}"))
    }

    pub(super) fn told_course(
        &self,
        trigger: Trigger,
        course: &Course,
        status: RollbackStatus,
    ) -> RollbackTold {
        let steps = &course.plan.steps;
        RollbackTold {
            id: None,
            status,
            from: course.from,
            to: course.to,
            deployment: None,
            strategy: strategy(course).unwrap_or(self.policy.rollback.strategy).as_str(),
            trigger,
            rolled_back_services: Vec::new(),
            failed_services: Vec::new(),
            skipped_services: Vec::new(),
            put_back_services: Vec::new(),
            unchanged_services: course.plan.unchanged.clone(),
            previous_versions: steps
                .iter()
                .map(|step| (step.service.clone(), step.from.clone()))
                .collect(),
            new_versions: steps
                .iter()
                .map(|step| (step.service.clone(), step.to.clone()))
                .collect(),
            started_at: None,
            completed_at: None,
            duration_ms: None,
            safety: course.safety.clone(),
            verification: None,
            snapshot: None,
            data_preserved: true,
            warnings: warnings(course),
            plan: steps
                .iter()
                .map(|step| self.plan_line(&course.operation, action_of(course), step))
                .collect(),
        }
    }

    /// Shows what a driver would run for one service.
    pub(super) fn plan_line(
        &self,
        operation: &Operation,
        action: Action,
        step: &PlannedStep,
    ) -> PlanLine {
        let drive = self.drive(operation, action, step);
        let driver = self.ports.driver_at(&step.service, drive.slot.as_ref());
        PlanLine {
            service: step.service.clone(),
            from: step.from.clone(),
            to: Some(step.to.clone()),
            commands: driver.map(|driver| driver.plan(&drive)).unwrap_or_default(),
        }
    }
}

/// Returns what drivers are told that a change is.
pub(super) fn action_of(course: &Course) -> Action {
    match course.operation.kind {
        Kind::Deploy | Kind::Switch => Action::Deploy,
        Kind::Rollback => Action::Rollback,
        Kind::RollForward => Action::RollForward,
    }
}

/// Returns the next move once a driver is mended.
fn again(course: &Course) -> &'static str {
    match course.operation.kind {
        Kind::Rollback => "Mend the driver, then `lastgood rollback` again.",
        Kind::RollForward => "Mend the driver, then `lastgood cancel` again.",
        Kind::Deploy | Kind::Switch => Reason::PutBack.next(),
    }
}

fn strategy(course: &Course) -> Option<Strategy> {
    course.operation.started.as_ref()?.strategy
}

fn not_back(kept: &Kept) -> Reason {
    match kept {
        Kept::Router(_) | Kept::Elsewhere(_) => Reason::RouterFailed,
        Kept::Ready(_) | Kept::Driver(_) | Kept::Gate(_) | Kept::Worse(_) => Reason::RollbackFailed,
    }
}

fn status(results: &Results, verdict: Option<Verdict>) -> RollbackStatus {
    if results.of(StepOutcome::Done).is_empty() {
        return RollbackStatus::Failed;
    }
    if !results.is_complete() {
        return RollbackStatus::Partial;
    }
    match verdict {
        Some(Verdict::Healthy) | None => RollbackStatus::Completed,
        Some(Verdict::Unhealthy | Verdict::Error | Verdict::Inconclusive) => RollbackStatus::Failed,
    }
}

fn verification(report: &GateReport, marked_stable: bool) -> Verification {
    let (passed, total) = report.passed_of_required();
    Verification { passed, total, marked_stable, checks: report.checks.clone() }
}

fn warnings(course: &Course) -> Vec<String> {
    let stays = |service: &Service| {
        format!("`{service}` is not in deployment {} and stays as it is", number(course.to))
    };
    course.plan.not_in_target.iter().map(stays).collect()
}

fn names(steps: &[PlannedStep]) -> String {
    let name = |step: &PlannedStep| format!("`{}` to {}", step.service, step.to.version);
    steps.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn list(services: &[Service]) -> String {
    services.iter().map(|service| format!("`{service}`")).collect::<Vec<_>>().join(", ")
}

/// Returns a number for a sentence.
pub(super) fn number(n: Option<u64>) -> String {
    n.map_or_else(|| "something older".to_owned(), |n| n.to_string())
}
