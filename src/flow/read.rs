//! What is told without writing: status, history, one deployment, two compared.

use std::collections::BTreeMap;

use super::advice;
use super::desk::{Desk, Page, Whole};
use super::halt::Step;
use super::seen::SeenNow;
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::LockScope;
use crate::domain::line;
use crate::domain::operation::Operation;
use crate::domain::outcome::{DeploymentTold, Difference, LockTold, More, Outcome, StatusTold};
use crate::domain::state::State;
use crate::domain::target::{self, Scope, Wanted};
use crate::domain::version::Versions;

/// How much of a history is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// The newest this many.
    Newest(usize),
    /// All, the archive included.
    All,
}

/// Whether the events are told too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Deployments only.
    Deployments,
    /// Their events too.
    Events,
}

impl Desk {
    /// Tells what is good now and how we know.
    pub async fn status(&self) -> Step<Outcome> {
        let page = self.read().await?;
        let whole = self.whole_for_last_stable(&page).await?;
        let state = self.with(&page, &whole);
        let seen = self.seen_now(&state).await;
        let next = advice::next(&state, &seen, self.now());
        let told = self.status_told(&state, seen);
        let message = if state.is_retired() {
            format!("`{}` is retired; `lastgood record` opens it again", self.environment)
        } else {
            self.status_message(&told)
        };
        let more = More::Status(Box::new(told));
        let ending = Ending::new(Reason::Done, message);
        let ending = if let Some(next) = next { ending.next(next) } else { ending };
        Ok(Outcome { more, ..Outcome::ended(ending) })
    }

    fn status_told(&self, state: &State, seen: SeenNow) -> StatusTold {
        let tell = |operation: &Operation| self.told(state, operation);
        let last = state.last_stable();
        let behind = last.and_then(|last| {
            state.deployments().iter().position(|operation| operation.id == last.id)
        });
        let now = self.now();
        let locks = [LockScope::All, LockScope::Rollback].into_iter().filter_map(|scope| {
            let lock = state.lock(scope, now)?;
            let (by, reason) = (lock.by.clone(), lock.reason.clone());
            Some(LockTold { scope, by, at: lock.at, until: lock.until, reason })
        });
        StatusTold {
            drift: seen.drift(),
            slots: seen.slots,
            current: state.current().map(tell),
            last_stable: last.map(tell),
            stable_behind: behind,
            in_progress: state.open().next().map(tell),
            locks: locks.collect(),
            requests: self.requests_told(state),
            quarantined: state.quarantine.iter().cloned().collect(),
            unknown: state.unknown.keys().cloned().collect(),
            ambiguous: state.ambiguous(),
            ledger: self.ports.ledger.location(),
        }
    }

    fn status_message(&self, told: &StatusTold) -> String {
        let environment = &self.environment;
        match (&told.current, told.stable_behind) {
            (None, _) => format!("nothing was deployed to `{environment}` yet"),
            (Some(current), Some(0)) => {
                format!("`{environment}` runs deployment {}, which is stable", current.n)
            }
            (Some(current), behind) => {
                let stable = match (&told.last_stable, behind) {
                    (Some(last), Some(behind)) => {
                        format!("the last stable one is {}, {behind} back", last.n)
                    }
                    (Some(_), None) | (None, _) => "no deployment is stable".to_owned(),
                };
                format!("`{environment}` runs deployment {}; {stable}", current.n)
            }
        }
    }

    /// Tells the deployments, newest first.
    pub async fn history(&self, depth: Depth, detail: Detail) -> Step<Outcome> {
        let page = self.read().await?;
        let (whole, most) = match depth {
            Depth::All => (self.whole(&page).await?, usize::MAX),
            Depth::Newest(most) => (Whole::default(), most),
        };
        let state = self.with(&page, &whole);
        let mut operations: Vec<&Operation> = state.operations.iter().collect();
        operations.sort_by_key(|operation| std::cmp::Reverse(operation.opened));
        let lines = lines(&page, &whole);
        let tell = |operation: &&Operation| self.told_with(&state, operation, detail, &lines);
        let deployments: Vec<DeploymentTold> = operations.iter().take(most).map(tell).collect();
        let message = format!("{} of `{}`", count(deployments.len()), self.environment);
        let more = More::History { deployments };
        Ok(Outcome { more, ..Outcome::ended(Ending::new(Reason::Done, message)) })
    }

    /// Tells one deployment with its events.
    pub async fn show(&self, name: &str) -> Step<Outcome> {
        let (page, whole, state) = self.everything().await?;
        let operation = self.find(&state, name)?;
        let told = self.told_with(&state, operation, Detail::Events, &lines(&page, &whole));
        let message = format!("deployment {} of `{}`", operation.n, self.environment);
        Ok(Outcome::ended(Ending::new(Reason::Done, message)).about(told))
    }

    /// Tells what changed from one deployment to another.
    pub async fn between(&self, from: &str, to: &str) -> Step<Outcome> {
        let (_, _, state) = self.everything().await?;
        let (one, other) = (self.find(&state, from)?, self.find(&state, to)?);
        let none = Versions::new();
        let differences =
            differences(one.versions().unwrap_or(&none), other.versions().unwrap_or(&none));
        let message = format!(
            "from {} to {} of `{}`, {} changed",
            one.n,
            other.n,
            self.environment,
            differences.len()
        );
        let more = More::Between { other: Box::new(self.told(&state, other)), differences };
        let outcome = Outcome::ended(Ending::new(Reason::Done, message));
        Ok(Outcome { more, ..outcome.about(self.told(&state, one)) })
    }

    async fn everything(&self) -> Step<(Page, Whole, State)> {
        let page = self.read().await?;
        let whole = self.whole(&page).await?;
        let state = self.with(&page, &whole);
        Ok((page, whole, state))
    }

    fn find<'a>(&self, state: &'a State, name: &str) -> Step<&'a Operation> {
        let number = name.parse::<u64>().ok();
        if let Some(n) = number.filter(|n| !state.numbered(*n).is_empty()) {
            return self.numbered(state, n);
        }
        let wanted = Wanted::Named(name.to_owned());
        Ok(target::choose(state, &wanted, &Scope::All, &self.tags)?)
    }

    pub(super) fn told_with(
        &self,
        state: &State,
        operation: &Operation,
        detail: Detail,
        lines: &[String],
    ) -> DeploymentTold {
        let mut told = self.told(state, operation);
        if detail == Detail::Events {
            told.events = Some(self.events_of(state, operation, lines));
        }
        told
    }

    /// Returns the lines that count for an operation, in the order of writing.
    fn events_of(
        &self,
        state: &State,
        operation: &Operation,
        lines: &[String],
    ) -> Vec<serde_json::Value> {
        let mut events = BTreeMap::new();
        for text in lines {
            let Ok(event) = line::read(text, &self.environment) else { continue };
            let counts = state.known.get(&event.ev) == Some(&event.id);
            if let (true, true, Ok(value)) =
                (event.op == operation.id, counts, serde_json::from_str(text))
            {
                events.insert(event.id, value);
            }
        }
        events.into_values().collect()
    }
}

fn differences(
    from: &Versions,
    to: &Versions,
) -> BTreeMap<crate::domain::names::Service, Difference> {
    let services = from.keys().chain(to.keys());
    let difference = |service: &crate::domain::names::Service| {
        let (before, after) = (from.get(service), to.get(service));
        (before != after).then(|| {
            let difference = Difference { from: before.cloned(), to: after.cloned() };
            (service.clone(), difference)
        })
    };
    services.filter_map(difference).collect()
}

/// Returns every line of both shelves.
pub(super) fn lines(page: &Page, whole: &Whole) -> Vec<String> {
    let live = page.image.lines.iter().map(|line| line.text.clone());
    live.chain(whole.lines().map(ToOwned::to_owned)).collect()
}

fn count(deployments: usize) -> String {
    match deployments {
        1 => "1 deployment".to_owned(),
        many => format!("{many} deployments"),
    }
}
