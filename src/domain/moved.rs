//! Which commits a rollback or roll-forward took away or brought back.

use super::event::Kind;
use super::names::Commit;
use super::outcome::{Outcome, PlanLine};
use super::version::Version;

/// The commits that are live no longer, or live again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Whether they went or came.
    pub way: Way,
    /// The older of the two commits, which is not one of them.
    pub after: Commit,
    /// The newer, which is the last of them.
    pub upto: Commit,
    /// What is known of them; nothing where nobody could list them.
    pub between: Option<Between>,
}

/// Whether commits went or came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// They are live no longer.
    Undone,
    /// They are live again.
    Redone,
}

/// The commits between two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Between {
    /// Some of them, oldest first: id and subject.
    pub commits: Vec<(String, String)>,
    /// How many there are.
    pub total: usize,
}

impl Moved {
    /// Returns between which commits an outcome moved; nothing where it moved none of this repository.
    pub fn by(outcome: &Outcome) -> Option<Self> {
        let rollback = outcome.rollback.as_ref()?;
        let done = |line: &&PlanLine| rollback.rolled_back_services.contains(&line.service);
        let (before, now) = rollback.plan.iter().filter(done).find_map(commits)?;
        let made = outcome.deployment.as_ref();
        let made = made.filter(|told| Some(told.n) == rollback.deployment);
        let (way, after, upto) = match made.map(|told| told.kind) {
            Some(Kind::RollForward) => (Way::Redone, before, now),
            Some(Kind::Deploy | Kind::Rollback | Kind::Switch) | None => (Way::Undone, now, before),
        };
        Some(Self { way, after, upto, between: None })
    }
}

/// The commits of this repository that a service came from and went to.
fn commits(line: &PlanLine) -> Option<(Commit, Commit)> {
    let own = |version: &Version| version.commit.clone().filter(|_| version.repository.is_none());
    let (from, to) = (line.from.as_ref().and_then(own)?, line.to.as_ref().and_then(own)?);
    (from != to).then_some((from, to))
}
