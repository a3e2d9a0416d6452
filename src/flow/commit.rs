//! The one way to write: read, decide, push with a lease.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use super::desk::{Desk, Page};
use super::halt::Step;
use crate::domain::event::{Body, Event, FORMAT};
use crate::domain::fold::{self, Reading};
use crate::domain::ids::{EventId, LineId, OperationId, RunId};
use crate::domain::line;
use crate::domain::state::State;
use crate::error::{Error, Kind, Result};
use crate::ports::{Batch, FoundLine, Image, Place, Shelf, TagOrder, TagResult, Written};

const BASE: Duration = Duration::from_millis(500);
const CAP: Duration = Duration::from_secs(30);
/// A process can have been paused for longer than any patience: it looks again before it gives up.
const LEAST_TRIES: u32 = 3;
/// Nothing has been done yet, so a remote that is away is told soon.
const PATIENCE_BEFORE_THE_ACT: Duration = Duration::from_secs(20);

/// An event before it has its place in the ledger.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The event, over all attempts.
    pub ev: EventId,
    /// The operation.
    pub op: OperationId,
    /// Its number.
    pub n: u64,
    /// What happened.
    pub body: Body,
    /// Where it lies.
    pub place: Place,
}

/// What one attempt wants to write.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// The events, in order.
    pub drafts: Vec<Draft>,
    /// Lines of the archive that are live again.
    pub again: Vec<FoundLine>,
    /// Lines to take away.
    pub remove: Vec<FoundLine>,
    /// The tags that go with them.
    pub tags: Vec<TagOrder>,
    /// The subject of the ledger's commit.
    pub summary: String,
}

/// Whether anything has been done outside that must now be written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Nothing has been touched.
    BeforeTheAct,
    /// Something has.
    AfterTheAct,
}

/// What came of a write.
#[derive(Debug)]
pub struct Committed<T> {
    /// What the decision returned.
    pub value: T,
    /// What the ledger says now.
    pub state: State,
    /// What became of each tag.
    pub tags: Vec<(String, TagResult)>,
}

impl<T> Committed<T> {
    /// Returns what became of a tag, in the contract's word.
    pub fn tag_result(&self, name: &str) -> Option<String> {
        self.tags.iter().find(|(tag, _)| tag == name).map(|(_, result)| tag_word(result))
    }
}

/// Returns the contract's word for what became of a tag.
pub fn tag_word(result: &TagResult) -> String {
    match result {
        TagResult::Created => "created".to_owned(),
        TagResult::Exists => "exists".to_owned(),
        TagResult::Conflict => "conflict".to_owned(),
        TagResult::None => "none".to_owned(),
        TagResult::Removed => "removed".to_owned(),
        TagResult::Refused(cause) => format!("refused: {cause}"),
    }
}

/// What a decision wants: its result, and what to write for it; nothing where there is nothing.
pub type Decided<T> = Step<(T, Option<Entry>)>;

impl Desk {
    /// Decides on the newest ledger and writes, until it is written or patience ends.
    ///
    /// `decide` is asked anew with every attempt; the drafts it returns must keep their `ev`.
    pub async fn commit<T>(
        &self,
        moment: Moment,
        decide: impl FnMut(&Page, Timestamp) -> Decided<T> + Send,
    ) -> Step<Committed<T>> {
        self.commit_as(self.who.run, moment, decide).await
    }

    /// The same in the name of another run, for what it could not write itself.
    pub async fn commit_as<T>(
        &self,
        run: RunId,
        moment: Moment,
        decide: impl FnMut(&Page, Timestamp) -> Decided<T> + Send,
    ) -> Step<Committed<T>> {
        let mut touched = BTreeSet::new();
        let committed = self.keep_trying(run, moment, decide, &mut touched).await?;
        self.pass_on(&committed.state, touched);
        Ok(committed)
    }

    async fn keep_trying<T>(
        &self,
        run: RunId,
        moment: Moment,
        mut decide: impl FnMut(&Page, Timestamp) -> Decided<T> + Send,
        touched: &mut BTreeSet<OperationId>,
    ) -> Step<Committed<T>> {
        let mut tries = Tries::new(self, moment);
        let mut attempts = Attempts(Vec::new());
        loop {
            let (page, landed) = match self.look_for(&mut attempts).await {
                Ok(found) => found,
                Err(error) if error.kind() == Kind::Unreachable => {
                    tries.unreachable(error).await?;
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            if let Some((landed, state)) = landed {
                let tags = self.ports.ledger.tag(&landed.tags).await.unwrap_or_default();
                return Ok(Committed { value: landed.value, state, tags });
            }
            self.is_first(moment, &page).await?;
            let now = self.now();
            let (value, entry) = decide(&page, now)?;
            let Some(entry) = entry else {
                return Ok(Committed { value, state: page.state, tags: Vec::new() });
            };
            let evs = entry.drafts.iter().map(|draft| draft.ev).collect();
            touched.extend(entry.drafts.iter().map(|draft| draft.op));
            let newest = page.state.newest.max(attempts.newest());
            let (batch, ids) = self.batch(newest, entry, run, now);
            let written = self.attempt(&page.image, &batch).await;
            if let Written::Accepted(tags) = written {
                return Ok(Committed { value, state: self.state_after(&page, &batch), tags });
            }
            let pruned = page.state.newest_pruned;
            attempts.0.push(Attempt { evs, ids, value, tags: batch.tags, pruned });
            match written {
                Written::Accepted(_) | Written::Moved => tries.moved().await?,
                Written::Lost(error) => tries.unreachable(error).await?,
                Written::Refused(error) => return Err(error.into()),
            }
        }
    }

    /// Reads the ledger, and looks whether an attempt had arrived: here, or in the archive where
    /// another has moved it since.
    async fn look_for<T>(&self, attempts: &mut Attempts<T>) -> Result<(Page, Found<T>)> {
        let page = self.read().await?;
        if let Some(landed) = attempts.landed(&page.state) {
            let state = page.state.clone();
            return Ok((page, Some((landed, state))));
        }
        if attempts.0.iter().all(|attempt| attempt.pruned == page.state.newest_pruned) {
            return Ok((page, None));
        }
        let state = self.with(&page, &self.whole(&page).await?);
        let landed = attempts.landed(&state);
        Ok((page, landed.map(|landed| (landed, state))))
    }

    /// Returns what the ledger says once a batch is written on it.
    fn state_after(&self, page: &Page, batch: &Batch) -> State {
        let stays = |line: &&FoundLine| !batch.remove.contains(line);
        let before = page.image.lines.iter().filter(stays).map(|line| line.text.as_str());
        let added = batch.add.iter().map(|(_, line)| line.as_str());
        fold::fold(&self.environment, before.chain(added), Reading::Live)
    }

    async fn attempt(&self, image: &Image, batch: &Batch) -> Written {
        let write = self.ports.ledger.write(&self.environment, Shelf::Live, image, batch);
        match write.await {
            Ok(written) => written,
            Err(error) if error.kind() == Kind::Unreachable => Written::Lost(error),
            Err(error) => Written::Refused(error),
        }
    }

    fn batch(
        &self,
        mut newest: Option<LineId>,
        entry: Entry,
        run: RunId,
        now: Timestamp,
    ) -> (Batch, Vec<LineId>) {
        let mut ids = Vec::with_capacity(entry.drafts.len());
        let again = entry.again.into_iter().map(|line| (Place::Note(line.note), line.text));
        let mut add: Vec<_> = again.collect();
        for draft in entry.drafts {
            let id = LineId::after(newest, now, self.ports.clock.random());
            newest = Some(id);
            ids.push(id);
            let event = Event {
                id,
                v: FORMAT,
                ev: draft.ev,
                op: draft.op,
                run,
                at: now,
                env: self.environment.clone(),
                n: draft.n,
                actor: self.who.actor.clone(),
                comment: self.who.comment,
                body: draft.body,
            };
            add.push((draft.place, line::write(&event)));
        }
        let batch = Batch { add, remove: entry.remove, tags: entry.tags, summary: entry.summary };
        (batch, ids)
    }
}

/// The attempt that had arrived, and a state that it is in.
type Found<T> = Option<(Attempt<T>, State)>;

/// What was sent before, of which the answer may have been lost.
struct Attempts<T>(Vec<Attempt<T>>);

struct Attempt<T> {
    evs: Vec<EventId>,
    ids: Vec<LineId>,
    value: T,
    tags: Vec<TagOrder>,
    pruned: Option<LineId>,
}

impl<T> Attempts<T> {
    /// Returns the newest id that was tried: a late copy must not be newer than what replaced it.
    fn newest(&self) -> Option<LineId> {
        self.0.iter().flat_map(|attempt| attempt.ids.iter().copied()).max()
    }

    /// Takes out the attempt whose very lines are in the ledger.
    fn landed(&mut self, state: &State) -> Option<Attempt<T>> {
        let is_there = |attempt: &Attempt<T>| {
            let mut lines = attempt.evs.iter().zip(&attempt.ids);
            lines.any(|(ev, id)| state.known.get(ev) == Some(id))
        };
        self.0.iter().position(is_there).map(|place| self.0.swap_remove(place))
    }
}

/// Full jitter, bounded by time and not by count.
pub(super) struct Tries<'a> {
    desk: &'a Desk,
    began: Duration,
    moment: Moment,
    count: u32,
}

impl<'a> Tries<'a> {
    pub(super) fn new(desk: &'a Desk, moment: Moment) -> Self {
        Self { desk, began: desk.ports.clock.monotonic(), moment, count: 0 }
    }

    /// Waits after the ref had moved.
    pub(super) async fn moved(&mut self) -> Step<()> {
        let busy = || {
            Error::unreachable(format!(
                "could not write to the ledger of `{}`: others kept writing",
                self.desk.environment
            ))
            .hint("run it again, or give it longer with `--patience`")
        };
        if self.count >= LEAST_TRIES && self.is_over(self.desk.patience) {
            return Err(busy().into());
        }
        self.wait().await;
        Ok(())
    }

    /// Waits after the remote could not be reached.
    pub(super) async fn unreachable(&mut self, error: Error) -> Step<()> {
        let patience = match self.moment {
            Moment::BeforeTheAct => self.desk.patience.min(PATIENCE_BEFORE_THE_ACT),
            Moment::AfterTheAct => self.desk.patience,
        };
        if self.is_over(patience) {
            return Err(error.into());
        }
        self.desk.tell(format!("{error}; trying again"));
        self.wait().await;
        Ok(())
    }

    fn is_over(&self, patience: Duration) -> bool {
        self.desk.ports.clock.monotonic().saturating_sub(self.began) >= patience
    }

    async fn wait(&mut self) {
        let most = BASE.saturating_mul(1 << self.count.min(10)).min(CAP);
        self.count += 1;
        let share = u32::try_from(self.desk.ports.clock.random() % 1024).unwrap_or(512);
        self.desk.ports.clock.sleep(most * share / 1024).await;
    }
}
