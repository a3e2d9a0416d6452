//! Carries a rollback out, stage by stage.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use super::RollbackManager;
use super::driver::Move;
use super::health::{Health, HealthChecker, look, sick};
use super::point::DeployedVersion;
use super::settings::RollbackStrategy;
use super::told::{RollbackError, RollbackResult};
use crate::domain::event::{Body, PlannedStep, ServiceDone, Started, StepOutcome};
use crate::domain::ids::OperationId;
use crate::domain::names::Service;
use crate::ports::Action;

use super::book::Draft;

/// A rollback, or the cancel of one, that was decided upon.
pub(super) struct Course {
    pub(super) op: OperationId,
    pub(super) n: u64,
    pub(super) action: Action,
    pub(super) started: Started,
    /// What the services are brought to, whole.
    pub(super) to: HashMap<String, DeployedVersion>,
    /// The services that do not move, and are looked at all the same.
    pub(super) watched: BTreeSet<String>,
    pub(super) description: String,
    /// A stable restore point that going there says is still good.
    pub(super) confirmed: Option<OperationId>,
    /// The rollback that this undoes.
    pub(super) cancelled: Option<OperationId>,
}

/// What has become of each service so far.
#[derive(Default)]
pub(super) struct Progress {
    pub(super) outcomes: BTreeMap<Service, StepOutcome>,
    /// The services that were moved, in that order.
    pub(super) moved: Vec<Service>,
    pub(super) health: Health,
}

impl Progress {
    /// Returns the services that are not back and well.
    fn failed(&self) -> BTreeSet<String> {
        let bad = self.outcomes.iter().filter(|(_, outcome)| **outcome != StepOutcome::Done);
        bad.map(|(service, _)| service.to_string()).chain(sick(&self.health).cloned()).collect()
    }
}

impl<H: HealthChecker> RollbackManager<H> {
    /// Writes the intent, moves, looks, writes the result. A panic on the way leaves it open.
    pub(super) fn carry_out(&mut self, course: &Course) -> Result<RollbackResult, RollbackError> {
        let began = Instant::now();
        self.can_be_brought(course)?;
        self.tell(course, vec![Body::Started(course.started.clone())])?;
        let mut progress = Progress::default();
        for stage in self.stages(&course.started.plan) {
            self.stage(course, &stage, &mut progress)?;
        }
        let late = self.config.strategy == RollbackStrategy::Immediate;
        let moved = progress.moved.iter().filter(|_| late).map(ToString::to_string);
        let others = course.watched.iter().filter(|name| !progress.health.contains_key(*name));
        let watched: Vec<String> = moved.chain(others.cloned()).collect();
        progress.health.extend(self.health_of(watched));
        self.settle(course, &progress)?;
        Ok(result(&course.started.plan, &progress, began.elapsed()))
    }

    fn can_be_brought(&self, course: &Course) -> Result<(), RollbackError> {
        let moves = course.started.plan.iter().filter_map(|step| self.step(course, step));
        let missing = moves.filter_map(|one| {
            let why = self.driver.available(&one).err()?;
            Some(format!("`{}` {} cannot be brought: {why}", one.service, one.to.version))
        });
        let told: Vec<String> = missing.collect();
        if told.is_empty() { Ok(()) } else { Err(RollbackError::InvalidState(told.join("; "))) }
    }

    /// Looks at what is there already.
    pub(super) fn already_there(&self, course: &Course) -> RollbackResult {
        let began = Instant::now();
        let health = self.health_of(course.watched.iter().cloned());
        let progress = Progress { health, ..Progress::default() };
        result(&[], &progress, began.elapsed())
    }

    pub(super) fn health_of(&self, services: impl IntoIterator<Item = String>) -> Health {
        look(&self.checker, services, self.config.health_check_timeout)
    }

    pub(super) fn tell(&mut self, course: &Course, bodies: Vec<Body>) -> Result<(), RollbackError> {
        let draft = |body| Draft { op: course.op, n: course.n, body, contents: None };
        self.book.append(bodies.into_iter().map(draft).collect()).map(|_| ())
    }

    /// Returns what moves together, in order.
    fn stages(&self, steps: &[PlannedStep]) -> Vec<Vec<PlannedStep>> {
        let services: BTreeSet<Service> = steps.iter().map(|step| step.service.clone()).collect();
        let levels = self.graph.levels(&services).into_iter();
        let stages: Vec<Vec<Service>> = match self.config.strategy {
            RollbackStrategy::Immediate => levels.rev().collect(),
            RollbackStrategy::Gradual => levels.collect(),
            RollbackStrategy::ServiceByService => levels.flatten().map(|one| vec![one]).collect(),
        };
        let of = |stage: Vec<Service>| {
            let all = steps.iter().filter(|step| stage.contains(&step.service));
            all.cloned().collect()
        };
        stages.into_iter().map(of).collect()
    }

    fn stage(
        &mut self,
        course: &Course,
        stage: &[PlannedStep],
        progress: &mut Progress,
    ) -> Result<(), RollbackError> {
        let failed = progress.failed();
        let (held, free): (Vec<_>, Vec<_>) =
            stage.iter().partition(|step| self.hangs_on(&step.service, &failed));
        let moves: Vec<Move> = free.iter().filter_map(|step| self.step(course, step)).collect();
        let results = self.driver.bring_together(&moves);
        let mut done: Vec<ServiceDone> = held.iter().map(|step| skipped(&step.service)).collect();
        for (at, step) in free.iter().enumerate() {
            let untold = || Err("its driver did not say how it went".to_owned());
            let result = results.get(at).cloned().unwrap_or_else(untold);
            done.push(self::done(&step.service, result));
        }
        let now: Vec<Service> = done
            .iter()
            .filter(|d| d.outcome == StepOutcome::Done)
            .map(|d| d.service.clone())
            .collect();
        progress.outcomes.extend(done.iter().map(|d| (d.service.clone(), d.outcome)));
        self.tell(course, done.into_iter().map(Body::ServiceDone).collect())?;
        if self.config.strategy != RollbackStrategy::Immediate {
            progress.health.extend(self.health_of(now.iter().map(ToString::to_string)));
        }
        progress.moved.extend(now);
        Ok(())
    }

    /// Whether a service needs one of these, or one of these needs it.
    fn hangs_on(&self, service: &Service, failed: &BTreeSet<String>) -> bool {
        let below = self.graph.dependents(service);
        failed
            .iter()
            .filter_map(|name| Service::new(name.as_str()).ok())
            .any(|other| below.contains(&other) || self.graph.dependents(&other).contains(service))
    }

    fn step(&self, course: &Course, step: &PlannedStep) -> Option<Move> {
        let service = step.service.to_string();
        let to = course.to.get(&service)?.clone();
        let from = self.current.get(&service).cloned();
        let (action, operation, deployment) = (course.action, course.op, course.n);
        Some(Move { service, from, to, action, operation, deployment })
    }
}

fn skipped(service: &Service) -> ServiceDone {
    let message = "it hangs on a service that failed".to_owned();
    let (service, outcome) = (service.clone(), StepOutcome::Skipped);
    ServiceDone { service, outcome, message, duration_ms: 0 }
}

/// Returns how the driving of one service ended, as the ledger has it.
pub(super) fn done(service: &Service, result: Result<(), String>) -> ServiceDone {
    let (outcome, message) = match result {
        Ok(()) => (StepOutcome::Done, String::new()),
        Err(why) => (StepOutcome::Failed, crate::domain::text::message(&why)),
    };
    ServiceDone { service: service.clone(), outcome, message, duration_ms: 0 }
}

/// Tells what has become of a plan.
pub(super) fn result(
    steps: &[PlannedStep],
    progress: &Progress,
    duration: Duration,
) -> RollbackResult {
    let failed = progress.failed();
    let moved = || steps.iter().filter(|step| progress.moved.contains(&step.service));
    let before = |step: &PlannedStep| Some((step.service.to_string(), step.from.clone()?.version));
    let after = |step: &PlannedStep| (step.service.to_string(), step.to.version.clone());
    let names = progress.moved.iter().map(ToString::to_string);
    RollbackResult {
        success: failed.is_empty(),
        rolled_back_services: names.filter(|name| !failed.contains(name)).collect(),
        previous_versions: moved().filter_map(before).collect(),
        new_versions: moved().map(after).collect(),
        failed_services: failed.into_iter().collect(),
        duration,
    }
}
