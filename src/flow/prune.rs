//! Retention: moves old lines to the archive and removes old tags.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::commit::{Draft, Entry, Moment, Tries};
use super::desk::{Desk, Page};
use super::halt::Step;
use crate::domain::archive::{self, Archival, Extent};
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::Body;
use crate::domain::ids::{EventId, OperationId};
use crate::domain::outcome::{More, Outcome};
use crate::domain::state::State;
use crate::error::Kind;
use crate::ports::{Batch, FoundLine, Place, Shelf, TagOrder, TagResult, Written};

/// What retention did.
#[derive(Debug, Clone, Default)]
struct Moved {
    lines: usize,
    through: Option<u64>,
}

impl Desk {
    /// Moves what is beyond `keep`, or everything, and removes the tags that are too many.
    pub async fn prune(&self, extent: Extent) -> Step<Outcome> {
        let page = self.read().await?;
        self.may_prune(&page.state, extent, self.now())?;
        let moved = self.archive(&page, extent).await?;
        if extent == Extent::Retire {
            self.pass_on_closed(&page.state);
        }
        let removed_tags = self.remove_tags(extent).await?;
        let message = format!(
            "moved {} lines of `{}` to the archive and removed {} tags",
            moved.lines,
            self.environment,
            removed_tags.len()
        );
        let more = More::Pruned { moved_lines: moved.lines, through: moved.through, removed_tags };
        Ok(Outcome { more, ..Outcome::ended(Ending::new(Reason::Done, message)) })
    }

    /// Shows what retention would move; nothing is written.
    pub async fn plan_prune(&self, extent: Extent) -> Step<Outcome> {
        let page = self.read().await?;
        self.may_prune(&page.state, extent, self.now())?;
        let archival = self.archival(&page, extent, self.now());
        let lines = archival.as_ref().map_or(0, |archival| moving(&page, archival).len());
        let removed_tags =
            self.tags_too_many(extent).await?.iter().map(|order| order.name().to_owned()).collect();
        let through = archival.map(|archival| archival.pruned.through);
        let message = format!("{lines} lines of `{}` would move to the archive", self.environment);
        let more = More::Pruned { moved_lines: lines, through, removed_tags };
        Ok(Outcome { more, ..Outcome::ended(Ending::new(Reason::Planned, message)) })
    }

    /// Refuses to close an environment that a person keeps others out of, or that is being changed.
    fn may_prune(&self, state: &State, extent: Extent, now: Timestamp) -> Step<()> {
        match extent {
            Extent::Keep(_) => Ok(()),
            Extent::Retire => self.may_begin(state, now),
        }
    }

    /// Archives where the live ledger has outgrown `keep`; what fails is told, and tried again next time.
    pub(super) async fn archive_when_due(&self, state: &State) {
        let keep = self.policy.keep.deployments;
        let made = state.deployments().len();
        if made <= keep + archive::slack(keep) {
            return;
        }
        if let Err(halt) = self.prune(Extent::Keep(keep)).await {
            self.tell(format!("old lines and tags stay for now: {halt}"));
        }
    }

    fn archival(&self, page: &Page, extent: Extent, now: Timestamp) -> Option<Archival> {
        let window = self.policy.rollback.limit.per.max(self.policy.rollback.cooldown);
        let window = SignedDuration::try_from(window).unwrap_or(SignedDuration::MAX);
        archive::plan(&page.state, extent, window, &self.tags, now)
    }

    /// First the lines are added to the archive, then one push takes exactly these lines away.
    async fn archive(&self, page: &Page, extent: Extent) -> Step<Moved> {
        let Some(archival) = self.archival(page, extent, self.now()) else {
            return Ok(Moved::default());
        };
        let mut shelved = BTreeSet::new();
        self.shelve(moving(page, &archival), &mut shelved).await?;
        let (op, ev) = (self.new_operation(), self.new_event());
        loop {
            let taken = self
                .commit(Moment::AfterTheAct, |page, now| {
                    self.may_prune(&page.state, extent, now)?;
                    Ok(self.taking_away(extent, op, ev, &shelved, page, now))
                })
                .await?
                .value;
            match taken {
                Taken::Moved(moved) => return Ok(moved),
                Taken::NotShelved(lines) => self.shelve(lines, &mut shelved).await?,
            }
        }
    }

    fn taking_away(
        &self,
        extent: Extent,
        op: OperationId,
        ev: EventId,
        shelved: &BTreeSet<(String, String)>,
        page: &Page,
        now: Timestamp,
    ) -> (Taken, Option<Entry>) {
        let Some(archival) = self.archival(page, extent, now) else {
            return (Taken::Moved(Moved::default()), None);
        };
        let lines = moving(page, &archival);
        let is_new = |line: &&FoundLine| !shelved.contains(&key(line));
        let missing: Vec<FoundLine> = lines.iter().filter(is_new).cloned().collect();
        if !missing.is_empty() {
            return (Taken::NotShelved(missing), None);
        }
        let through = archival.pruned.through;
        let moved = Moved { lines: lines.len(), through: Some(through) };
        let body = Body::Pruned(archival.pruned);
        let entry = Entry {
            drafts: vec![Draft { ev, op, n: page.state.top, body, place: Place::Anchor }],
            remove: lines,
            summary: format!("Archive {} through {through}", self.environment),
            ..Entry::default()
        };
        (Taken::Moved(moved), Some(entry))
    }

    /// Adds lines to the archive, at the places where they lay; those that are there already stay.
    async fn shelve(
        &self,
        lines: Vec<FoundLine>,
        shelved: &mut BTreeSet<(String, String)>,
    ) -> Step<()> {
        let mut tries = Tries::new(self, Moment::AfterTheAct);
        loop {
            let written = self.shelve_once(&lines).await;
            match written {
                Ok(Written::Accepted(_)) => {
                    shelved.extend(lines.iter().map(key));
                    return Ok(());
                }
                Ok(Written::Moved) => tries.moved().await?,
                Ok(Written::Lost(error)) => tries.unreachable(error).await?,
                Err(error) if error.kind() == Kind::Unreachable => tries.unreachable(error).await?,
                Ok(Written::Refused(error)) | Err(error) => return Err(error.into()),
            }
        }
    }

    async fn shelve_once(&self, lines: &[FoundLine]) -> crate::error::Result<Written> {
        let image = self.ports.ledger.read(&self.environment, Shelf::Archive).await?;
        let there: BTreeSet<_> = image.lines.iter().map(key).collect();
        let missing = lines.iter().filter(|line| !there.contains(&key(line)));
        let add: Vec<_> =
            missing.map(|line| (Place::Note(line.note.clone()), line.text.clone())).collect();
        if add.is_empty() {
            return Ok(Written::Accepted(Vec::new()));
        }
        let summary = format!("Archive {} lines of {}", add.len(), self.environment);
        let batch = Batch { add, summary, ..Batch::default() };
        self.ports.ledger.write(&self.environment, Shelf::Archive, &image, &batch).await
    }

    async fn remove_tags(&self, extent: Extent) -> Step<Vec<String>> {
        let orders = self.tags_too_many(extent).await?;
        if orders.is_empty() {
            return Ok(Vec::new());
        }
        let results = self.ports.ledger.tag(&orders).await?;
        let gone = results.into_iter().filter(|(_, result)| *result == TagResult::Removed);
        Ok(gone.map(|(name, _)| name).collect())
    }

    /// Tags beyond `keep.tags` go, never those of named points or the last stable.
    async fn tags_too_many(&self, extent: Extent) -> Step<Vec<TagOrder>> {
        let page = self.read().await?;
        let keep = match extent {
            Extent::Keep(_) => self.policy.keep.tags,
            Extent::Retire => 0,
        };
        let mut found = Vec::new();
        for prefix in [self.tags.every_deploy(), self.tags.every_stable()] {
            let mut tags = self.ports.ledger.tags(&prefix).await?;
            tags.retain(|tag| self.tags.number(&tag.name).is_some());
            tags.sort_by_key(|tag| std::cmp::Reverse(self.tags.number(&tag.name)));
            found.extend(tags.into_iter().skip(keep));
        }
        let spared = match extent {
            Extent::Keep(_) => self.spared(&page).await?,
            Extent::Retire => BTreeSet::new(),
        };
        let is_old = |name: &str| self.tags.number(name).is_some_and(|n| !spared.contains(&n));
        let old = found.into_iter().filter(|tag| is_old(&tag.name));
        Ok(old.map(|tag| TagOrder::Remove { name: tag.name, object: tag.object }).collect())
    }

    async fn spared(&self, page: &Page) -> Step<BTreeSet<u64>> {
        let whole = self.whole(page).await?;
        let state = self.with(page, &whole);
        let named = state.operations.iter().filter(|operation| !operation.points.is_empty());
        let mut spared: BTreeSet<u64> = named.map(|operation| operation.n).collect();
        spared.extend(state.last_stable().map(|operation| operation.n));
        spared.extend(
            state
                .current()
                .and_then(crate::domain::operation::Operation::target)
                .and_then(|id| state.operation(id))
                .map(|op| op.n),
        );
        Ok(spared)
    }
}

enum Taken {
    Moved(Moved),
    NotShelved(Vec<FoundLine>),
}

fn moving(page: &Page, archival: &Archival) -> Vec<FoundLine> {
    page.image.lines.iter().filter(|line| archival.moves(&line.text)).cloned().collect()
}

fn key(line: &FoundLine) -> (String, String) {
    (line.note.clone(), line.text.clone())
}
