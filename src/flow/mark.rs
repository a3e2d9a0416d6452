//! What people say of deployments and environments: good, bad, named, locked.

use super::commit::{Decided, Draft, Entry, Moment};
use super::desk::{Desk, Page, Whole};
use super::halt::Step;
use super::settle::draft;
use crate::domain::archive;
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{Body, Judge, Judged, LockScope, Locked};
use crate::domain::ids::EventId;
use crate::domain::moment;
use crate::domain::names::PointName;
use crate::domain::operation::Operation;
use crate::domain::outcome::Outcome;
use crate::domain::state::State;
use crate::error::Error;
use crate::ports::{Place, TagOrder};

/// What a person says of a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// It is good; this lifts a quarantine.
    Good,
    /// It is bad; this sets one.
    Bad,
    /// Its restore point has this name.
    Name(PointName),
}

impl Desk {
    /// Returns the one deployment that bears a number.
    pub(super) fn numbered<'a>(&self, state: &'a State, n: u64) -> Step<&'a Operation> {
        match state.numbered(n).as_slice() {
            [operation] => Ok(operation),
            [] => {
                let message = format!("`{}` has no deployment {n}", self.environment);
                Err(Ending::new(Reason::TargetUnknown, message).into())
            }
            [_, _, ..] => {
                let message =
                    format!("two deployments of `{}` bear the number {n}", self.environment);
                Err(Ending::new(Reason::Ambiguous, message).into())
            }
        }
    }

    /// Writes what a person says of a deployment, with its tag.
    pub async fn mark(&self, n: u64, mark: &Mark, reason: Option<String>) -> Step<Outcome> {
        let evs = [self.new_event(), self.new_event()];
        let page = self.read().await?;
        let known = !page.state.numbered(n).is_empty();
        let whole = if known { Whole::default() } else { self.whole(&page).await? };
        let tags = match mark {
            Mark::Bad => self.ports.ledger.tags(&self.tags.stable(n)).await?,
            Mark::Good | Mark::Name(_) => Vec::new(),
        };
        let stable = tags.into_iter().find(|tag| tag.name == self.tags.stable(n));
        let written = self.commit(Moment::BeforeTheAct, |page, _| {
            let gone =
                stable.clone().map(|tag| TagOrder::Remove { name: tag.name, object: tag.object });
            self.marking(n, mark, reason.clone(), evs, &whole, page, gone)
        });
        let written = written.await?;
        let tag_result = written.tag_result(&self.tags.stable(n));
        let page = self.read().await?;
        let state = self.with(&page, &whole);
        let mut told = self.told(&state, self.numbered(&state, n)?);
        told.tag_result = tag_result;
        Ok(Outcome::ended(Ending::new(Reason::Done, marked(n, mark))).about(told))
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "each is a fact of its own, and all are needed anew"
    )]
    fn marking(
        &self,
        n: u64,
        mark: &Mark,
        reason: Option<String>,
        evs: [EventId; 2],
        whole: &Whole,
        page: &Page,
        gone: Option<TagOrder>,
    ) -> Decided<()> {
        let state = self.with(page, whole);
        let operation = self.markable(&state, n, mark)?;
        let judged = Judged { by: Judge::Person, reason };
        let (body, tag) = match mark {
            Mark::Good => (Body::Stable(judged), self.stable_tag(operation)),
            Mark::Bad => (Body::Unstable(judged), gone),
            Mark::Name(name) => (Body::Point { name: name.clone() }, None),
        };
        let mut drafts: Vec<Draft> = self.revived(page, operation, evs[1]).into_iter().collect();
        let again = match drafts.as_slice() {
            [] => Vec::new(),
            [..] => whole.lines_of(&self.environment, operation.id),
        };
        drafts.push(draft(evs[0], operation, body));
        let entry = Entry {
            drafts,
            again,
            tags: tag.into_iter().collect(),
            summary: format!("Mark {n} of {}", self.environment),
            ..Entry::default()
        };
        Ok(((), Some(entry)))
    }

    /// Returns the deployment of which something may be said.
    pub(super) fn markable<'a>(
        &self,
        state: &'a State,
        n: u64,
        mark: &Mark,
    ) -> Step<&'a Operation> {
        let operation = self.numbered(state, n)?;
        if operation.deployed.is_none() {
            let message = format!("{n} of `{}` was never deployed", self.environment);
            return Err(Ending::new(Reason::TargetUnknown, message).into());
        }
        match mark {
            Mark::Good | Mark::Bad => {}
            Mark::Name(name) => self.is_free(state, name, n)?,
        }
        Ok(operation)
    }

    /// A deployment that moved to the archive is live again when a person speaks of it: there, what
    /// is said of it would be without effect.
    fn revived(&self, page: &Page, operation: &Operation, ev: EventId) -> Option<Draft> {
        let live = page.state.operation(operation.id).is_some();
        let mut pruned = page.state.pruned.clone().filter(|_| !live)?;
        pruned.kept.push(operation.id);
        pruned.kept.extend(page.state.locks.values().map(|lock| lock.op));
        pruned.kept.extend(archive::requests(&page.state));
        pruned.quarantined = page.state.quarantine.iter().cloned().collect();
        pruned.unknown = page.state.unknown.clone();
        let (op, n) = (self.new_operation(), page.state.top);
        Some(Draft { ev, op, n, body: Body::Pruned(pruned), place: Place::Anchor })
    }

    fn is_free(&self, state: &State, name: &PointName, n: u64) -> Step<()> {
        let bears = |operation: &&Operation| operation.n != n && operation.points.contains(name);
        let Some(other) = state.operations.iter().find(bears) else { return Ok(()) };
        let message = format!(
            "restore point `{name}` of `{}` is deployment {} already",
            self.environment, other.n
        );
        Err(Ending::new(Reason::Ambiguous, message).next("choose another name").into())
    }

    /// Keeps others out of the environment, or lastgood from rolling back.
    pub async fn lock(&self, locked: Locked) -> Step<Outcome> {
        let (op, ev) = (self.new_operation(), self.new_event());
        let written = self.commit(Moment::BeforeTheAct, |page, now| {
            let held = page.state.lock(locked.scope, now).filter(|lock| lock.by != self.who.actor);
            if let Some(lock) = held {
                let message = format!("`{}` holds the lock of `{}`", lock.by, self.environment);
                return Err(Ending::new(Reason::Locked, message).into());
            }
            let body = Body::Locked(locked.clone());
            let draft = Draft { ev, op, n: page.state.top, body, place: Place::Anchor };
            let summary = format!("Lock {}", self.environment);
            Ok(((), Some(Entry { drafts: vec![draft], summary, ..Entry::default() })))
        });
        written.await?;
        let until = locked.until.map(|until| format!(" until {}", moment::told(until)));
        let what = match locked.scope {
            LockScope::All => "is locked",
            LockScope::Rollback => "is not rolled back automatically",
        };
        let message = format!("`{}` {what}{}", self.environment, until.unwrap_or_default());
        Ok(Outcome::ended(Ending::new(Reason::Done, message)))
    }

    /// Lets others in again.
    pub async fn unlock(&self, scope: LockScope, reason: Option<String>) -> Step<Outcome> {
        let (op, ev) = (self.new_operation(), self.new_event());
        let written = self.commit(Moment::BeforeTheAct, |page, now| {
            let Some(lock) = page.state.lock(scope, now) else { return Ok((false, None)) };
            if lock.by != self.who.actor && reason.is_none() {
                let message =
                    format!("`{}` holds the lock of `{}`; say why", lock.by, self.environment);
                return Err(Error::invalid(message).hint("--reason TEXT").into());
            }
            let body = Body::Unlocked { scope, reason: reason.clone() };
            let draft = Draft { ev, op, n: page.state.top, body, place: Place::Anchor };
            let summary = format!("Unlock {}", self.environment);
            Ok((true, Some(Entry { drafts: vec![draft], summary, ..Entry::default() })))
        });
        let (reason, message) = if written.await?.value {
            (Reason::Done, format!("`{}` is open again", self.environment))
        } else {
            (Reason::AlreadyThere, format!("`{}` was not locked", self.environment))
        };
        Ok(Outcome::ended(Ending::new(reason, message)))
    }
}

fn marked(n: u64, mark: &Mark) -> String {
    match mark {
        Mark::Good => format!("deployment {n} is marked good"),
        Mark::Bad => format!("deployment {n} is marked bad"),
        Mark::Name(name) => format!("deployment {n} is restore point `{name}`"),
    }
}
