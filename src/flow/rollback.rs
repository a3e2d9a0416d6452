//! Goes back to a deployment that was good, and proves it.

use jiff::Timestamp;

use super::commit::{Decided, Entry, Moment};
use super::desk::{Desk, Page, Whole};
use super::execute::OnFailure;
use super::halt::Step;
use super::order::{Blame, Dependents, RollbackOrder};
use super::settle::{Results, draft};
use super::told::number;
use super::vouch::Prepared;
use crate::domain::admission::{self, Insistence};
use crate::domain::company;
use crate::domain::decision;
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{Act, Body, Kind, PlannedStep, Started, Trigger};
use crate::domain::ids::{EventId, OperationId};
use crate::domain::names::{Commit, Service};
use crate::domain::operation::Operation;
use crate::domain::outcome::{Outcome, Safety, SafetyRule, Severity};
use crate::domain::plan::{self, Order, Plan};
use crate::domain::policy::Strategy;
use crate::domain::slots::Slot;
use crate::domain::state::State;
use crate::domain::target::{self, Scope, Wanted};
use crate::domain::version::Versions;
use crate::ports::Action;

/// A rollback as it was decided on.
#[derive(Debug, Clone)]
pub(super) struct Course {
    pub(super) operation: Operation,
    pub(super) from: Option<u64>,
    pub(super) to: Option<u64>,
    pub(super) plan: Plan,
    pub(super) safety: Vec<Safety>,
}

impl Desk {
    /// Shows what a rollback would do; nothing is written.
    pub async fn plan_rollback(&self, order: &RollbackOrder) -> Step<Outcome> {
        let order = &self.widened(order).await?;
        let page = self.read().await?;
        let prepared = self.prepare(&order.wanted, &order.scope, &page).await?;
        let course = self.course(order, self.new_operation(), &page, &prepared, self.now())?;
        self.may_be_driven(&page.state, &course.operation).await?;
        Ok(self.planned(order, &course, &page.state))
    }

    /// Goes back and proves it, or leaves the act to the next steps.
    pub async fn rollback(&self, order: &RollbackOrder) -> Step<Outcome> {
        let order = self.widened(order).await?;
        self.go_back(&order, &Versions::new()).await
    }

    /// Widens an order by what must go along, where that is asked.
    async fn widened(&self, order: &RollbackOrder) -> Step<RollbackOrder> {
        let mut order = order.clone();
        if order.dependents == Dependents::Refuse || order.scope == Scope::All {
            return Ok(order);
        }
        let page = self.read().await?;
        let whole = self.archive_for(&order.wanted, &order.scope, &page).await?;
        let state = self.with(&page, &whole);
        let target = self.target(&state, &order)?;
        // A scope that is wider is another choice, so what was chosen stays chosen.
        order.wanted = Wanted::Chosen(target.id);
        loop {
            let plan =
                plan::back_to(&state, target, &order.scope, &self.roster, Order::NeedingFirst)?;
            let found = company::conflicts(&state, &plan, &self.roster, Some(target));
            let wide = company::widened(&order.scope, &found);
            if wide == order.scope {
                return Ok(order);
            }
            order.scope = wide;
        }
    }

    /// Goes back from versions that were judged, while they still run.
    pub(super) async fn go_back(&self, order: &RollbackOrder, judged: &Versions) -> Step<Outcome> {
        let course = self.open_rollback(order, judged).await?;
        self.see_back(order, &course).await
    }

    /// Carries out a rollback whose intent is written, and proves it.
    pub(super) async fn see_back(&self, order: &RollbackOrder, course: &Course) -> Step<Outcome> {
        match order.act {
            Act::HandedOver => self.handed_over(order, course).await,
            Act::Driven => {
                let id = course.operation.id;
                let results = self.execute(id, Action::Rollback, OnFailure::GoOn).await?;
                self.prove(order.trigger, course, &results).await
            }
        }
    }

    async fn open_rollback(&self, order: &RollbackOrder, judged: &Versions) -> Step<Course> {
        let (op, ev) = (self.new_operation(), self.new_event());
        loop {
            let page = self.read().await?;
            let prepared = self.prepare(&order.wanted, &order.scope, &page).await?;
            if let Some(ending) = decision::moved_on(&page.state, judged) {
                return Err(ending.into());
            }
            let course = self.course(order, op, &page, &prepared, self.now())?;
            self.may_be_driven(&page.state, &course.operation).await?;
            let written = self.commit(Moment::BeforeTheAct, |page, now| {
                if let Some(ending) = decision::moved_on(&page.state, judged) {
                    return Err(ending.into());
                }
                if !self.is_prepared(&order.wanted, &order.scope, page, &prepared) {
                    return Ok((None, None));
                }
                let (course, entry) = self.rolling_back(order, op, ev, page, &prepared, now)?;
                Ok((Some(course), entry))
            });
            if let Some(course) = written.await?.value {
                return Ok(course);
            }
        }
    }

    /// The archive is read only where the live ledger has no answer.
    pub(super) async fn archive_for(
        &self,
        wanted: &Wanted,
        scope: &Scope,
        page: &Page,
    ) -> Step<Whole> {
        let found = target::choose(&page.state, wanted, scope, &self.tags);
        match (found, wanted) {
            (Ok(found), Wanted::LastStable) if !page.state.hides_no_stable_above(found) => {
                Ok(self.whole(page).await?)
            }
            (Ok(_), _) => Ok(Whole::default()),
            (Err(_), _) => Ok(self.whole(page).await?),
        }
    }

    fn rolling_back(
        &self,
        order: &RollbackOrder,
        op: OperationId,
        ev: EventId,
        page: &Page,
        prepared: &Prepared,
        now: Timestamp,
    ) -> Decided<Course> {
        let course = self.course(order, op, page, prepared, now)?;
        let Some(started) = course.operation.started.clone() else {
            return Ok((course, None));
        };
        let n = course.operation.n;
        let entry = Entry {
            drafts: vec![draft(ev, &course.operation, Body::Started(started))],
            summary: format!("Begin rollback {n} of {} to {}", self.environment, number(course.to)),
            ..Entry::default()
        };
        Ok((course, Some(entry)))
    }

    /// Decides the whole rollback: target, safety, plan, what is quarantined.
    pub(super) fn course(
        &self,
        order: &RollbackOrder,
        op: OperationId,
        page: &Page,
        prepared: &Prepared,
        now: Timestamp,
    ) -> Step<Course> {
        self.may_begin(&page.state, now)?;
        let state = self.with(page, &prepared.whole);
        let target = self.target(&state, order)?;
        let plan = {
            let way = Order::of(Kind::Rollback, self.strategy_of(order));
            plan::back_to(&state, target, &order.scope, &self.roster, way)?
        };
        if plan.is_empty() {
            return Err(self.already_there(target).into());
        }
        let mut safety = safety(&state, target, &order.scope);
        safety.extend(self.vouched(target, &plan, prepared));
        safety.extend(company::safety(&page.state, &plan, &self.roster, target));
        safety.extend(prepared.stock.clone());
        stands_against(&safety, order.insistence)?;
        self.has_stages(self.strategy_of(order), &self.policy.rollback.stages)?;
        let slot = self.slot_for(&page.state).filter(|_| order.act == Act::Driven);
        let driven = self.driven_steps(&page.state, &plan.steps, slot.as_ref());
        self.can_drive(order.act, &driven, slot.as_ref())?;
        let current = page.state.current();
        // To bring its services back to the current deployment is no flight from it.
        let fled = current.filter(|current| current.id != target.id);
        let started = Started {
            commit: commit_of(target, &plan, &order.scope),
            quarantine: fled.map_or_else(Versions::new, |_| blamed(&order.blame, &plan)),
            act: order.act,
            strategy: Some(self.strategy_of(order)),
            unity: order.unity,
            slot,
            trigger: order.trigger,
            from: fled.map(|operation| operation.id),
            target: Some(target.id),
            ..self.intent(Kind::Rollback, plan.steps.clone(), order.reason.as_ref())
        };
        let mut operation = Operation::new(op, page.state.next_number(), now, &self.who.actor);
        operation.kind = Kind::Rollback;
        operation.started = Some(started);
        let from = current.map(|operation| operation.n);
        Ok(Course { operation, from, to: Some(target.n), plan, safety })
    }

    /// Chooses the target; a service that nobody knows is not told as one without a target.
    fn target<'a>(&self, state: &'a State, order: &RollbackOrder) -> Step<&'a Operation> {
        let found = target::choose(state, &order.wanted, &order.scope, &self.tags);
        let stranger =
            |against| plan::stranger(state, &order.scope, &self.roster).unwrap_or(against);
        Ok(found.map_err(stranger)?)
    }

    fn strategy_of(&self, order: &RollbackOrder) -> Strategy {
        order.strategy.unwrap_or(self.policy.rollback.strategy)
    }

    /// Refuses while a person keeps others out or another operation is open.
    pub(super) fn may_begin(&self, state: &State, now: Timestamp) -> Step<()> {
        let locked = admission::locked(state, &self.who.actor, now);
        match locked.or_else(|| admission::open(state, None, now)) {
            Some(objection) => Err(objection.into()),
            None => Ok(()),
        }
    }

    fn already_there(&self, target: &Operation) -> Ending {
        let message = format!(
            "`{}` already runs the versions of deployment {}; nothing was written",
            self.environment, target.n
        );
        Ending::new(Reason::AlreadyThere, message)
    }

    /// Refuses a plan of which some service has nothing that could move it.
    pub(super) fn can_drive(
        &self,
        act: Act,
        steps: &[PlannedStep],
        slot: Option<&Slot>,
    ) -> Step<()> {
        let undriven = |service: &Service| self.ports.driver_at(service, slot).is_none();
        let without: Vec<String> = steps
            .iter()
            .filter(|step| act == Act::Driven && undriven(&step.service))
            .map(|step| format!("`{}`", step.service))
            .collect();
        if without.is_empty() {
            return self.are_ready(act, steps, slot);
        }
        let message = format!("no driver can bring {} to a version", without.join(", "));
        let next = "configure a `driver`, give one after `--`, or use `--handover`";
        Err(Ending::new(Reason::Invalid, message).next(next).into())
    }

    /// Refuses steps whose driver lacks what it needs to drive anything at all.
    pub(super) fn are_ready(
        &self,
        act: Act,
        steps: &[PlannedStep],
        slot: Option<&Slot>,
    ) -> Step<()> {
        let driven = steps.iter().filter(|_| act == Act::Driven);
        for driver in driven.filter_map(|step| self.ports.driver_at(&step.service, slot)) {
            if let Err(error) = driver.ready() {
                let ending = Ending::new(Reason::Invalid, error.whole());
                return Err(ending.next(error.hints().join("; ")).into());
            }
        }
        Ok(())
    }

    /// Looks at what was restored, and tells the whole rollback.
    pub(super) async fn prove(
        &self,
        trigger: Trigger,
        course: &Course,
        results: &Results,
    ) -> Step<Outcome> {
        let proof = self.proof_of(course, results).await?;
        let outcome = self.rolled_back(trigger, course, results, proof);
        self.with_story(course, results, outcome).await
    }
}

/// A restore point of one service is that service's; a whole one is the target's.
fn commit_of(target: &Operation, plan: &Plan, scope: &Scope) -> Option<Commit> {
    let own = plan.steps.iter().find_map(|step| step.to.commit.clone());
    match scope {
        Scope::Only(services) if services.len() == 1 => own.or_else(|| target.commit().cloned()),
        Scope::Only(_) | Scope::All => target.commit().cloned(),
    }
}

fn blamed(blame: &Blame, plan: &Plan) -> Versions {
    // Where a driver failed, what is there may be the very version that is wanted back.
    let is_fled = |step: &&PlannedStep| step.from.as_ref() != Some(&step.to);
    let fled = plan.steps.iter().filter(|step| blame.covers(&step.service)).filter(is_fled);
    fled.filter_map(|step| Some((step.service.clone(), step.from.clone()?))).collect()
}

fn safety(state: &State, target: &Operation, scope: &Scope) -> Vec<Safety> {
    let n = target.n;
    let stable = target.is_stable();
    let held =
        target::holds_quarantined(state, target.versions().unwrap_or(&Versions::new()), scope);
    vec![
        Safety {
            name: SafetyRule::TargetStable,
            passed: stable,
            severity: Severity::Error,
            message: if stable {
                format!("deployment {n} is stable")
            } else {
                format!("deployment {n} was never found good, or is good no longer")
            },
        },
        Safety {
            name: SafetyRule::TargetNotQuarantined,
            passed: !held,
            severity: Severity::Error,
            message: if held {
                format!("deployment {n} holds a version that was rolled back from")
            } else {
                format!("deployment {n} holds no quarantined version")
            },
        },
    ]
}

pub(super) fn stands_against(safety: &[Safety], insistence: Insistence) -> Step<()> {
    match (against(safety), insistence) {
        (None, _) | (Some(_), Insistence::Forced) => Ok(()),
        (Some(failed), Insistence::None) => Err(refusal(failed).into()),
    }
}

/// Returns what stands against a target besides the ledger's own word, whoever insists.
pub(super) fn unvouched(safety: &[Safety]) -> Option<Ending> {
    let besides = |one: &&Safety| match one.name {
        SafetyRule::TargetStable | SafetyRule::TargetNotQuarantined => false,
        SafetyRule::TargetReachable
        | SafetyRule::TargetTagged
        | SafetyRule::DependenciesSatisfied
        | SafetyRule::ArtifactsThere => true,
    };
    against(safety.iter().filter(besides)).map(refusal)
}

fn against<'a>(safety: impl IntoIterator<Item = &'a Safety>) -> Option<&'a Safety> {
    safety.into_iter().find(|one| !one.passed && one.severity == Severity::Error)
}

fn refusal(failed: &Safety) -> Ending {
    let reason = match failed.name {
        SafetyRule::TargetStable => Reason::TargetNotStable,
        SafetyRule::TargetNotQuarantined => Reason::Quarantined,
        SafetyRule::TargetReachable => Reason::TargetNotReachable,
        SafetyRule::TargetTagged => Reason::TargetNotTagged,
        SafetyRule::DependenciesSatisfied => Reason::DependencyConflict,
        SafetyRule::ArtifactsThere => Reason::ArtifactMissing,
    };
    Ending::new(reason, failed.message.clone())
}
