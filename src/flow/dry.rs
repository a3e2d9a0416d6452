//! Shows what a verb would do: the very decision, not obeyed.

use super::begin::BeginOrder;
use super::cancel::CancelOrder;
use super::desk::{Desk, Whole};
use super::halt::Step;
use super::mark::Mark;
use super::record::RecordOrder;
use super::resume::{Ways, drives};
use super::told::{action_of, number};
use super::verify::VerifyOrder;
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{Act, Kind, PlannedStep};
use crate::domain::operation::Operation;
use crate::domain::outcome::{Outcome, PlanLine};
use crate::domain::plan::{self, Roster};
use crate::domain::policy::Switching;
use crate::domain::slots::{Shares, Slot, WHOLE};
use crate::domain::state::State;
use crate::ports::Action;

impl Desk {
    /// Shows the deployment that would be opened.
    pub async fn plan_begin(&self, order: &BeginOrder) -> Step<Outcome> {
        let page = self.read().await?;
        let ids = (self.new_operation(), self.new_event());
        let (operation, _) = self.beginning(order, &[], ids, &page, self.now())?;
        let message = format!("deployment {} of `{}` would begin", operation.n, self.environment);
        let told = self.told(&page.state, &operation);
        Ok(Outcome::ended(Ending::new(Reason::Planned, message)).about(told))
    }

    /// Shows the deployment that would be written down.
    pub async fn plan_record(&self, order: &RecordOrder) -> Step<Outcome> {
        let page = self.read().await?;
        let (made, _) = self.recording(order, &page, self.now())?;
        let although = match &made.barred {
            Some(barred) => format!(", although {}", barred.message),
            None => String::new(),
        };
        let n = made.n;
        let message =
            format!("deployment {n} of `{}` would be recorded{although}", self.environment);
        Ok(Outcome::ended(Ending::new(Reason::Planned, message)))
    }

    /// Shows what would be judged, by which checks.
    pub async fn plan_verify(&self, order: &VerifyOrder) -> Step<Outcome> {
        let page = self.read().await?;
        let subject = self.subject(&page.state, order)?;
        let checks = &self.ports.checks;
        let names: Vec<&str> = checks.iter().map(|bound| bound.check.name.as_str()).collect();
        let message = format!(
            "deployment {} of `{}` would be judged by {}",
            subject.n,
            self.environment,
            names.join(", ")
        );
        let told = self.told(&page.state, subject);
        Ok(Outcome::ended(Ending::new(Reason::Planned, message)).about(told))
    }

    /// Shows of which deployment something would be said.
    pub async fn plan_mark(&self, n: u64, mark: &Mark) -> Step<Outcome> {
        let page = self.read().await?;
        let known = !page.state.numbered(n).is_empty();
        let whole = if known { Whole::default() } else { self.whole(&page).await? };
        let state = self.with(&page, &whole);
        let told = self.told(&state, self.markable(&state, n, mark)?);
        let as_what = match mark {
            Mark::Good => "marked good".to_owned(),
            Mark::Bad => "marked bad".to_owned(),
            Mark::Name(name) => format!("restore point `{name}`"),
        };
        let message = format!("deployment {n} of `{}` would be {as_what}", self.environment);
        Ok(Outcome::ended(Ending::new(Reason::Planned, message)).about(told))
    }

    /// Shows what would be rolled forward.
    pub async fn plan_cancel(&self, order: &CancelOrder) -> Step<Outcome> {
        let page = self.read().await?;
        let (op, ev) = (self.new_operation(), self.new_event());
        let prepared = self.prepare_forward(&page).await?;
        let (course, _) = self.cancelling(order, (op, ev), &page, &prepared, self.now())?;
        self.may_be_driven(&page.state, &course.operation).await?;
        let action = action_of(&course);
        let lines = self.plan_lines(&page.state, &course.operation, action);
        let message =
            format!("`{}` would be rolled forward to {}", self.environment, number(course.to));
        Ok(Outcome::planned(Ending::new(Reason::Planned, message), lines))
    }

    /// Shows what was left open, and what would be driven.
    pub async fn plan_resume(&self, ways: Ways) -> Step<Outcome> {
        let page = self.read().await?;
        let Some(open) = page.state.open().next() else {
            if let Some(planned) = self.plan_realigned(&page.state).await? {
                return Ok(planned);
            }
            return match self.leftover(&page.state).filter(|_| ways == Ways::Finish) {
                Some(leftover) => self.plan_leftover(&leftover).await,
                None => Ok(self.nothing_left(&page.state, 0)),
            };
        };
        if (ways, open.act()) == (Ways::Finish, Act::HandedOver) {
            return Err(self.only_record_closes(open).into());
        }
        if drives(open, ways) {
            self.are_ready(open.act(), open.plan(), open.slot())?;
        }
        let lines = self.lines_left(&page.state, open, ways);
        let verb = match ways {
            Ways::Finish => "finished",
            Ways::Undo => "undone",
        };
        let message = format!("{} of `{}` would be {verb}", open.n, self.environment);
        let told = self.told(&page.state, open);
        Ok(Outcome::planned(Ending::new(Reason::Planned, message), lines).about(told))
    }

    /// Shows what is left to be driven or moved of an open operation.
    fn lines_left(&self, state: &State, open: &Operation, ways: Ways) -> Vec<PlanLine> {
        let action = action_of(&Self::course_of(state, open));
        match (ways, open.slot(), self.slots(state)) {
            (Ways::Undo, _, _) if open.empties() || open.act() == Act::HandedOver => Vec::new(),
            (Ways::Finish, _, _) if open.empties() => {
                open.left().map(|step| self.removal_line(open, step)).collect()
            }
            (Ways::Undo, Some(_), Some(slots)) => self.traffic_alone(state, slots.live()),
            (Ways::Finish, Some(_), _) => self.plan_lines(state, open, action),
            (Ways::Undo, _, _) => {
                let steps = open.plan().iter().rev();
                let back = steps.filter_map(|step| reversed(state, step, &self.roster));
                back.map(|step| self.plan_line(open, Action::Rollback, &step)).collect()
            }
            (Ways::Finish, None, _) => {
                open.left().map(|step| self.plan_line(open, action, step)).collect()
            }
        }
    }

    /// Shows that all traffic would be given back, where it is astray and nothing is open.
    async fn plan_realigned(&self, state: &State) -> Step<Option<Outcome>> {
        let Some(live) = self.astray(state).await? else { return Ok(None) };
        let message =
            format!("the traffic of `{}` would be given back to `{live}`", self.environment);
        let lines = self.traffic_alone(state, &live);
        Ok(Some(Outcome::planned(Ending::new(Reason::Planned, message), lines)))
    }

    /// Shows what is sent to the router, and that nothing is driven.
    fn traffic_alone(&self, state: &State, live: &Slot) -> Vec<PlanLine> {
        let mut lines: Vec<PlanLine> = unmoved(state).collect();
        if let (Some(last), Some(router)) = (lines.last_mut(), &self.ports.router) {
            last.commands = router.plan(&Shares::all(router.pair(), live));
        }
        lines
    }

    /// Shows what drivers would run for an operation that is not begun, and what moves the traffic after them.
    pub(super) fn plan_lines(
        &self,
        state: &State,
        operation: &Operation,
        action: Action,
    ) -> Vec<PlanLine> {
        let steps = operation.plan();
        let Some(slot) = operation.slot() else {
            return steps.iter().map(|step| self.plan_line(operation, action, step)).collect();
        };
        let mut driven = self.driven_steps(state, steps, Some(slot));
        driven.retain(|step| !operation.has_done(&step.service));
        let at_slot = |step: &PlannedStep| driven.iter().find(|own| own.service == step.service);
        let moved = steps.iter().map(|step| PlanLine {
            service: step.service.clone(),
            from: step.from.clone(),
            to: Some(step.to.clone()),
            // What the slot holds already comes with the traffic alone.
            commands: at_slot(step)
                .map_or_else(Vec::new, |own| self.plan_line(operation, action, own).commands),
        });
        let is_moved = |own: &&PlannedStep| steps.iter().any(|step| step.service == own.service);
        let filled = driven.iter().filter(|own| !is_moved(own));
        let filled = filled.map(|own| self.plan_line(operation, action, own));
        let mut lines: Vec<_> = filled.chain(moved).collect();
        if lines.is_empty() {
            // The other slot holds the same, and the traffic moves all the same.
            lines.extend(unmoved(state));
        }
        if let Some(last) = lines.last_mut() {
            last.commands.extend(self.traffic_lines(operation, slot));
        }
        lines
    }

    /// Shows what would be sent to the router, stage by stage; nothing where a person moves the traffic.
    fn traffic_lines(&self, operation: &Operation, slot: &Slot) -> Vec<String> {
        let by_hand = self.policy.deploy.switch == Switching::Manual;
        let waits = by_hand && operation.kind == Kind::Deploy;
        let Some(router) = self.ports.router.as_ref().filter(|_| !waits) else { return Vec::new() };
        let stages = self.stages(operation, slot);
        let shares = stages.iter().map(|held| held.stage.traffic);
        let shares = shares.filter(|percent| *percent < WHOLE).chain([WHOLE]);
        shares.flat_map(|percent| router.plan(&Shares::of(router.pair(), slot, percent))).collect()
    }
}

/// Returns the way back of a step; none where it is not known what ran before.
fn reversed(state: &State, step: &PlannedStep, roster: &Roster) -> Option<PlannedStep> {
    let to = plan::before(state, step, roster)?;
    Some(PlannedStep { service: step.service.clone(), from: Some(step.to.clone()), to })
}

/// Returns what runs, as lines of what stays as it is.
fn unmoved(state: &State) -> impl Iterator<Item = PlanLine> {
    state.versions().into_iter().map(|(service, version)| PlanLine {
        service,
        from: Some(version.clone()),
        to: Some(version),
        commands: Vec::new(),
    })
}
