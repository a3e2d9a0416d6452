//! Finds out which commits a command took away or brought back.

use super::{Hearing, PATIENCE};
use crate::domain::comment::{Command, Moved};
use crate::domain::names::Commit;
use crate::domain::outcome::{Outcome, PlanLine};
use crate::domain::version::Version;

impl Hearing<'_> {
    /// Returns the commits between what ran and what runs, as far as the platform knows them.
    pub(super) async fn moved(&self, command: &Command, outcome: &Outcome) -> Option<Moved> {
        let rollback = outcome.rollback.as_ref()?;
        let done = |line: &&PlanLine| rollback.rolled_back_services.contains(&line.service);
        let (before, after) = rollback.plan.iter().filter(done).find_map(commits)?;
        let forward = matches!(command, Command::Cancel(_));
        let (old, new) = if forward { (before, after) } else { (after, before) };
        let (between, _) = self.decorate(self.talk.between(&old, &new), PATIENCE).await;
        between.map(if forward { Moved::Redone } else { Moved::Undone })
    }
}

/// The commits of this repository that a service came from and went to.
fn commits(line: &PlanLine) -> Option<(Commit, Commit)> {
    let own = |version: &Version| version.commit.clone().filter(|_| version.repository.is_none());
    let (from, to) = (line.from.as_ref().and_then(own)?, own(&line.to)?);
    (from != to).then_some((from, to))
}
