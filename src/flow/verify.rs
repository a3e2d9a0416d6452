//! Looks at a deployment, marks it stable, or goes back.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::commit::{Decided as Written, Entry, Moment};
use super::desk::{Desk, Page, Whole};
use super::halt::{Halt, Step};
use super::look::Look;
use super::order::{Blame, Dependents, RollbackOrder};
use super::settle::draft;
use crate::domain::admission::Insistence;
use crate::domain::decision::{
    self, CommonFailure, Decision, Means, Next, Recovery, Rules, Seen, StabilityChange,
};
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{Act, Body, Decided, Judge, Judged, Kind, Trigger, Unity, Verified};
use crate::domain::gate::GateReport;
use crate::domain::ids::{EventId, OperationId};
use crate::domain::names::Service;
use crate::domain::operation::Operation;
use crate::domain::outcome::{GateTold, Outcome};
use crate::domain::plan::{self, Order};
use crate::domain::policy::Reaction;
use crate::domain::standing;
use crate::domain::state::State;
use crate::domain::target::{self, Scope, Wanted};
use crate::domain::verdict::Verdict;
use crate::domain::version::Versions;
use crate::ports::{RunState, TagOrder};

/// What is to be looked at, and what may be done about it.
#[derive(Debug, Clone)]
pub struct VerifyOrder {
    /// The deployment; the one this CI run recorded, else the current one, where none is named.
    pub deployment: Option<u64>,
    /// Which services are judged.
    pub scope: Scope,
    /// What may be done.
    pub recovery: Recovery,
    /// How long to keep looking once it is healthy.
    pub watch: Option<Duration>,
    /// Why, for what is written.
    pub reason: Option<String>,
}

/// The identities of the two events that a verdict can write.
#[derive(Debug, Clone, Copy)]
struct Evs {
    verified: EventId,
    stability: EventId,
}

/// What was seen of a deployment, and what a policy of the user's own made of it.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) report: GateReport,
    versions: Versions,
    decided: Option<Decided>,
}

pub(super) struct Judgement {
    next: Next,
    pub(super) marked: bool,
    subject: OperationId,
    pub(super) state: State,
}

impl Desk {
    /// Runs the gate on a deployment and does what its verdict leads to.
    pub async fn verify(&self, order: &VerifyOrder) -> Step<Outcome> {
        let page = self.settled_page(order.recovery).await?;
        if let Some(outcome) = self.carry_out_due(&page, order).await? {
            return Ok(outcome);
        }
        let subject = self.subject(&page.state, order)?;
        let versions = judged_versions(subject, &order.scope)?;
        let scope = &order.scope;
        let look = Look { scope, watch: order.watch, ..Look::all(&versions) };
        let mut found = self.found(subject, look).await;
        let mut judgement = self.judge(subject.id, &found, order).await?;
        if judgement.next == Next::RollBack
            && let Some(later) = self.passing_trouble(subject, look).await
        {
            // A watch that was broken off begins anew: nothing else says that it is well for so long.
            found = if look.watch.is_some() { self.found(subject, look).await } else { later };
            judgement = self.judge(subject.id, &found, order).await?;
        }
        match judgement.next.clone() {
            Next::End(ending) => Ok(self.told_verdict(&judgement, ending, found)),
            Next::RollBack => {
                let told = self.told_verdict(&judgement, rolling_back(), found.clone());
                self.flee(&found, order, told).await
            }
        }
    }

    /// Returns the ledger once nothing is open, finishing what was left where that may be done.
    async fn settled_page(&self, recovery: Recovery) -> Step<Page> {
        let page = self.read().await?;
        let Some(open) = page.state.open().next() else { return Ok(page) };
        if recovery == Recovery::Automatic && self.may_take_over(open).await {
            // What serves is looked at first; the slot that does not can wait.
            if open.empties() {
                let given_up = self.drop_cleanup(open.id, "its run is over").await?;
                self.tell(given_up.ending.message);
                return Ok(self.read().await?);
            }
            self.tell(format!(
                "finishing {} of `{}`, which was left open",
                open.n,
                open_name(self)
            ));
            Box::pin(self.resume_left(open.id, "its run is over")).await?;
            return Ok(self.read().await?);
        }
        match decision::busy(&page.state, self.now()) {
            Some(ending) => Err(ending.into()),
            None => Ok(page),
        }
    }

    /// Returns whether an open operation's run is gone for certain or long enough.
    pub(super) async fn may_take_over(&self, open: &Operation) -> bool {
        if open.act() == Act::HandedOver {
            return false;
        }
        if open.is_abandoned(self.now()) {
            return true;
        }
        match open.ci() {
            Some(ci) => self.ports.forge.run_state(ci).await == RunState::Over,
            None => false,
        }
    }

    pub(super) fn subject<'a>(&self, state: &'a State, order: &VerifyOrder) -> Step<&'a Operation> {
        if let Some(n) = order.deployment {
            return self.numbered(state, n);
        }
        let own = self.who.ci.as_ref().and_then(|ci| state.of_ci(ci));
        let own = own.filter(|operation| operation.deployed.is_some());
        own.or_else(|| state.current()).ok_or_else(|| {
            let message = format!("`{}` has no deployment yet", self.environment);
            Ending::new(Reason::NothingRecorded, message).into()
        })
    }

    /// Looks, and asks the policy of the user's own, where there is one.
    pub(super) async fn found(&self, subject: &Operation, look: Look<'_>) -> Found {
        let report = self.look(look).await;
        let decided = self.decided(subject, &report).await;
        Found { report, versions: look.versions.clone(), decided }
    }

    pub(super) async fn judge(
        &self,
        subject: OperationId,
        found: &Found,
        order: &VerifyOrder,
    ) -> Step<Judgement> {
        let evs = Evs { verified: self.new_event(), stability: self.new_event() };
        let seen = seen(found);
        let whole = self.way_back(&seen, order.recovery).await?;
        let committed = self.commit(Moment::AfterTheAct, |page, now| {
            let state = self.with(page, &whole);
            self.judging(subject, found, &seen, order, evs, &state, now)
        });
        let committed = committed.await?;
        Ok(Judgement { state: committed.state, ..committed.value })
    }

    /// Reads the archive where a rollback may follow and the live ledger has no target for it.
    async fn way_back(&self, seen: &Seen, recovery: Recovery) -> Step<Whole> {
        let is_well = seen.verdict == Verdict::Healthy && seen.decided != Some(Reaction::Rollback);
        if is_well || recovery == Recovery::Report {
            return Ok(Whole::default());
        }
        let page = self.read().await?;
        self.archive_for(&Wanted::LastStable, &Scope::All, &page).await
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "each is a fact of its own, and all are needed anew"
    )]
    fn judging(
        &self,
        subject: OperationId,
        found: &Found,
        seen: &Seen,
        order: &VerifyOrder,
        evs: Evs,
        state: &State,
        now: Timestamp,
    ) -> Written<Judgement> {
        let operation = state.operation(subject).ok_or_else(|| {
            let message = format!("the deployment moved to the archive of `{}`", self.environment);
            Ending::new(Reason::Superseded, message)
        })?;
        let rules = Rules {
            policy: &self.policy,
            recovery: order.recovery,
            means: self.means(state),
            tags: &self.tags,
            now,
        };
        let decision = decision::weigh(state, operation, seen, &rules);
        let entry = self.verdict_entry(state, operation, found, &decision, evs);
        let marked = decision.stability == StabilityChange::Mark;
        let judgement = Judgement { next: decision.next, marked, subject, state: state.clone() };
        Ok((judgement, (!entry.drafts.is_empty()).then_some(entry)))
    }

    fn means(&self, state: &State) -> Means {
        let idle = self.slot_for(state);
        let driven = |service: &Service| {
            let driver = self.ports.driver_at(service, idle.as_ref());
            driver.is_some_and(|driver| driver.ready().is_ok())
        };
        let target = target::choose(state, &Wanted::LastStable, &Scope::All, &self.tags).ok();
        let plan = target.and_then(|target| {
            plan::back_to(state, target, &Scope::All, &self.roster, Order::NeedingFirst).ok()
        });
        let ready = match plan.map(|plan| self.driven_steps(state, &plan.steps, idle.as_ref())) {
            Some(steps) => steps.iter().all(|step| driven(&step.service)),
            None => state.versions().keys().all(driven),
        };
        if ready { Means::Driver } else { Means::Missing }
    }

    fn verdict_entry(
        &self,
        state: &State,
        operation: &Operation,
        found: &Found,
        decision: &Decision,
        evs: Evs,
    ) -> Entry {
        let mut entry = Entry {
            summary: format!("Verify {} of {}", operation.n, self.environment),
            ..Entry::default()
        };
        let verified = Verified {
            verdict: found.report.verdict(),
            versions: found.versions.clone(),
            checks: found.report.notes(),
            decided: found.decided.clone(),
            traffic: None,
        };
        if is_news(operation, &verified) {
            entry.drafts.push(draft(evs.verified, operation, Body::Verified(verified)));
        }
        let judged = Judged { by: Judge::Gate, reason: None };
        match decision.stability {
            StabilityChange::None => {}
            StabilityChange::Mark => {
                entry.drafts.push(draft(evs.stability, operation, Body::Stable(judged)));
                entry.tags.extend(self.earned_tag(state, operation));
            }
            StabilityChange::Demote => {
                entry.drafts.push(draft(evs.stability, operation, Body::Unstable(judged)));
            }
        }
        entry
    }

    /// A rollback to a restore point makes no `stable` tag: the one it returned to has it.
    pub(super) fn earned_tag(&self, state: &State, operation: &Operation) -> Option<TagOrder> {
        let target = operation.target().and_then(|id| state.operation(id));
        let has_it =
            |target: &Operation| target.is_stable() && target.versions() == operation.versions();
        let inherited = operation.kind == Kind::Rollback && target.is_none_or(has_it);
        (!inherited).then(|| self.stable_tag(operation)).flatten()
    }

    /// Goes back by itself, after a verdict that says so.
    async fn flee(&self, found: &Found, order: &VerifyOrder, seen: Outcome) -> Step<Outcome> {
        let failed = found.report.failed();
        let common =
            if failed.shared.is_empty() { CommonFailure::None } else { CommonFailure::Some };
        let rollback = RollbackOrder {
            wanted: Wanted::LastStable,
            scope: Scope::All,
            trigger: Trigger::Automatic,
            reason: order.reason.clone().or_else(|| Some(why(found))),
            insistence: Insistence::None,
            act: Act::Driven,
            blame: Blame::Failed(failed.services, common),
            strategy: None,
            unity: Unity::Each,
            dependents: Dependents::Refuse,
        };
        let outcome = match self.go_back(&rollback, &found.versions).await {
            Ok(outcome) => outcome,
            Err(Halt::Ended(ending)) => Outcome::ended(not_begun(ending)),
            Err(broken) => return Err(broken),
        };
        // What is told is the deployment that was judged, and the rollback beside it.
        Ok(Outcome { deployment: seen.deployment, gate: seen.gate, ..outcome })
    }

    fn told_verdict(&self, judgement: &Judgement, ending: Ending, found: Found) -> Outcome {
        let state = &judgement.state;
        let told = state.operation(judgement.subject).map(|op| self.told(state, op));
        let gate = GateTold {
            marked_stable: judgement.marked,
            decided: found.decided,
            ..GateTold::found(found.report)
        };
        let ending = on_what(state, ending);
        Outcome { deployment: told, gate: Some(gate), ..Outcome::ended(ending) }
    }
}

/// Adds since when the environment has not been on its last release.
fn on_what(state: &State, ending: Ending) -> Ending {
    match standing::fallen_back(state) {
        Some(since) => Ending { message: format!("{}; {since}", ending.message), ..ending },
        None => ending,
    }
}

fn open_name(desk: &Desk) -> &str {
    desk.environment.as_str()
}

/// A rollback that may not begin after a verdict is a verdict that nothing came of.
fn not_begun(ending: Ending) -> Ending {
    let reason = match ending.reason {
        Reason::RefusedBusy => Reason::Busy,
        Reason::RefusedInterrupted => Reason::Interrupted,
        Reason::Locked => Reason::LockedRollback,
        Reason::TargetNotReachable => Reason::UnreachableTarget,
        Reason::TargetNotTagged => Reason::UntaggedTarget,
        Reason::MayServe => Reason::RouterFailed,
        reason => reason,
    };
    Ending { reason, ..ending }
}

fn rolling_back() -> Ending {
    Ending::new(Reason::RolledBack, "rolling back")
}

/// The first verdict on a deployment, or one that differs from the last.
fn is_news(operation: &Operation, verified: &Verified) -> bool {
    let outcomes = |verified: &Verified| -> BTreeMap<_, _> {
        verified.checks.iter().map(|check| (check.name.clone(), check.outcome)).collect()
    };
    operation.verified.as_ref().is_none_or(|(before, _)| {
        let answer = |verified: &Verified| verified.decided.as_ref().map(|decided| decided.answer);
        before.verdict != verified.verdict
            || outcomes(before) != outcomes(verified)
            || answer(before) != answer(verified)
    })
}

fn judged_versions(subject: &Operation, scope: &Scope) -> Step<Versions> {
    let all = subject.versions().cloned().unwrap_or_default();
    let judged: Versions = all.into_iter().filter(|(service, _)| scope.covers(service)).collect();
    if judged.is_empty() {
        let message = format!("deployment {} has no such service", subject.n);
        return Err(Ending::new(Reason::TargetUnknown, message).into());
    }
    Ok(judged)
}

fn seen(found: &Found) -> Seen {
    let report = &found.report;
    let failed = report.failed();
    let common = if failed.shared.is_empty() { CommonFailure::None } else { CommonFailure::Some };
    let drift = report.drift().first().map(|drift| drift.answered.clone());
    Seen {
        verdict: report.verdict(),
        versions: found.versions.clone(),
        fails: report.fails().map(ToOwned::to_owned).collect(),
        failed: failed.services,
        common_failure: common,
        drift,
        decided: found.decided.as_ref().map(|decided| decided.answer),
    }
}

fn why(found: &Found) -> String {
    let policy = found.decided.as_ref().filter(|_| found.report.verdict() == Verdict::Healthy);
    if let Some(decided) = policy {
        return format!("`{}` said to roll back", decided.by);
    }
    match found.report.decisive() {
        Some(check) => format!("{}: {}", check.name, check.message),
        None => "the gate failed".to_owned(),
    }
}
