//! Where a rollback goes, and whether it may.

use std::collections::BTreeSet;

use super::RollbackManager;
use super::carry::Course;
use super::health::HealthChecker;
use super::retain::identity;
use super::told::{RollbackError, RollbackResult};
use crate::domain::event::{Kind, PlannedStep, Started, Trigger};
use crate::domain::names::Service;
use crate::domain::operation::Operation;
use crate::domain::plan::{self, Order, Plan, Roster};
use crate::domain::state::State;
use crate::domain::target::{self, Scope, Wanted};
use crate::domain::version::Versions;
use crate::ports::Action;

/// Which rollback is asked for.
pub(super) struct Request {
    /// Where to.
    pub(super) wanted: Wanted,
    /// Which services decide where to.
    pub(super) choice: Scope,
    /// Which services go back.
    pub(super) scope: Scope,
    /// Who asks.
    pub(super) trigger: Trigger,
    /// The services that are to be looked at beside those that go back.
    pub(super) sick: BTreeSet<Service>,
}

impl Request {
    fn of_person(wanted: Wanted, scope: Scope) -> Self {
        let (choice, sick) = (scope.clone(), BTreeSet::new());
        Self { wanted, choice, scope, trigger: Trigger::Manual, sick }
    }
}

impl<H: HealthChecker> RollbackManager<H> {
    /// Goes back to a restore point: every service that differs from it is moved.
    ///
    /// A service that the point does not hold stays as it is. Where nothing differs nothing is
    /// moved or written, and the result tells whether what runs is healthy.
    ///
    /// An unknown point is [`RestorePointNotFound`](RollbackError::RestorePointNotFound), one that
    /// holds no service [`InvalidState`](RollbackError::InvalidState); versions that would not fit
    /// together are a [`DependencyConflict`](RollbackError::DependencyConflict). Nothing has been
    /// touched then.
    pub fn rollback_to(&mut self, id: &str) -> Result<RollbackResult, RollbackError> {
        self.nothing_open()?;
        let wanted = self.point(id)?;
        self.go_back(&Request::of_person(wanted, Scope::All))
    }

    /// Goes back to the newest stable restore point that differs from what runs.
    ///
    /// One that holds a version that was itself rolled back from is passed over, until it is marked
    /// stable anew, or that rollback is cancelled. With none left it is
    /// [`RestorePointNotFound`](RollbackError::RestorePointNotFound).
    pub fn rollback_to_stable(&mut self) -> Result<RollbackResult, RollbackError> {
        self.nothing_open()?;
        self.go_back(&Request::of_person(Wanted::LastStable, Scope::All))
    }

    /// Brings one service back to what it ran at a restore point: first the service, then the
    /// point's id.
    ///
    /// A service that the point does not hold is
    /// [`ServiceNotFound`](RollbackError::ServiceNotFound).
    pub fn rollback_service(
        &mut self,
        service: &str,
        id: &str,
    ) -> Result<RollbackResult, RollbackError> {
        self.nothing_open()?;
        let wanted = self.point(id)?;
        let unknown = || RollbackError::ServiceNotFound(service.to_owned());
        let holds = |point: &&super::RestorePoint| point.id == id;
        let point = self.history.iter().find(holds).ok_or_else(unknown)?;
        if !point.versions.contains_key(service) {
            return Err(unknown());
        }
        let name = Service::new(service).map_err(|_| unknown())?;
        self.go_back(&Request::of_person(wanted, Scope::Only([name].into())))
    }

    fn point(&self, id: &str) -> Result<Wanted, RollbackError> {
        let found = self.history.iter().find(|point| point.id == id);
        let unknown = || RollbackError::RestorePointNotFound(id.to_owned());
        let point = found.ok_or_else(unknown)?;
        if point.versions.is_empty() {
            let told = format!("the restore point `{id}` holds no service");
            return Err(RollbackError::InvalidState(told));
        }
        identity(point).map(Wanted::Chosen).ok_or_else(unknown)
    }

    /// Chooses, plans and validates before anything is touched, then goes.
    pub(super) fn go_back(&mut self, request: &Request) -> Result<RollbackResult, RollbackError> {
        let state = self.book.state();
        let tags = self.book.tags();
        let target = target::choose(&state, &request.wanted, &request.choice, &tags)
            .map_err(|_| no_target(&request.wanted))?;
        let plan =
            plan::back_to(&state, target, &request.scope, &Roster::default(), Order::NeedingFirst)
                .map_err(|ending| RollbackError::InvalidState(ending.message))?;
        self.fits(&state, &plan)?;
        let course = self.course(&state, target, &plan, request);
        if plan.is_empty() { Ok(self.already_there(&course)) } else { self.carry_out(&course) }
    }

    /// Only what the plan would bring about speaks against it, never what was so before.
    pub(super) fn fits(&self, state: &State, plan: &Plan) -> Result<(), RollbackError> {
        let mut after = state.versions();
        after.extend(plan.steps.iter().map(|step| (step.service.clone(), step.to.clone())));
        let moved: BTreeSet<&Service> = plan.steps.iter().map(|step| &step.service).collect();
        let conflicts = self.graph.conflicts(&after).into_iter();
        let ours = conflicts.filter(|c| moved.contains(&c.service) || moved.contains(&c.needed));
        let told: Vec<String> = ours.map(|conflict| conflict.to_string()).collect();
        if told.is_empty() {
            Ok(())
        } else {
            Err(RollbackError::DependencyConflict(told.join("; ")))
        }
    }

    fn course(&self, state: &State, target: &Operation, plan: &Plan, request: &Request) -> Course {
        let (op, n) = self.book.next();
        let started = Started {
            trigger: request.trigger,
            from: state.current().map(|operation| operation.id),
            target: Some(target.id),
            quarantine: quarantined(&plan.steps, &request.sick),
            ..Started::new(Kind::Rollback, plan.steps.clone())
        };
        let words = self.book.contents(target.id).and_then(|contents| contents.description.clone());
        let named = matches!((&request.wanted, &request.scope), (Wanted::Chosen(_), Scope::All));
        let watched = plan.unchanged.iter().chain(&request.sick).map(ToString::to_string);
        Course {
            op,
            n,
            action: Action::Rollback,
            started,
            to: self.versions_of(target.id),
            watched: watched.collect(),
            description: format!("rollback to {} ({})", target.id, words.unwrap_or_default()),
            confirmed: self.marked(target.id).filter(|_| named),
            cancelled: None,
        }
    }
}

/// Of an automatic rollback those that are sick; all that are returned where none of them is.
fn quarantined(steps: &[PlannedStep], sick: &BTreeSet<Service>) -> Versions {
    let left = |step: &PlannedStep| Some((step.service.clone(), step.from.clone()?));
    let all: Versions = steps.iter().filter_map(left).collect();
    let own: Versions = all
        .iter()
        .filter(|(s, _)| sick.contains(*s))
        .map(|(s, v)| (s.clone(), v.clone()))
        .collect();
    if own.is_empty() { all } else { own }
}

fn no_target(wanted: &Wanted) -> RollbackError {
    RollbackError::RestorePointNotFound(match wanted {
        Wanted::LastStable => "stable, and other than what runs".to_owned(),
        Wanted::Named(name) => name.clone(),
        Wanted::Chosen(id) => id.to_string(),
    })
}
