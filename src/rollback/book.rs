//! The ledger in memory: events, made and folded by the domain.

use std::collections::BTreeSet;
use std::time::SystemTime;

use jiff::Timestamp;
use ulid::Ulid;

use super::store::{Contents, Saved, Store};
use super::told::RollbackError;
use crate::domain::event::{Body, Event, FORMAT, Pruned};
use crate::domain::fold::{Reading, fold};
use crate::domain::ids::{EventId, LineId, OperationId, RunId};
use crate::domain::line;
use crate::domain::names::Environment;
use crate::domain::state::State;
use crate::domain::target::TagNames;

/// Who writes, by the lines' word.
const ACTOR: &str = "library";

/// An event that is to be written.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) op: OperationId,
    pub(super) n: u64,
    pub(super) body: Body,
    pub(super) contents: Option<Contents>,
}

/// The ledger of one manager.
pub(super) struct Book {
    environment: Environment,
    run: RunId,
    saved: Saved,
    head: Head,
    pub(super) store: Option<Box<dyn Store>>,
}

/// What the next line follows.
#[derive(Debug, Clone, Copy, Default)]
struct Head {
    newest: Option<LineId>,
    top: u64,
    open: Option<OperationId>,
}

impl Book {
    /// Takes up a ledger; a line that is no event is told.
    pub(super) fn new(saved: Saved) -> Result<Self, RollbackError> {
        let run = RunId(LineId::after(None, Timestamp::now(), 0).0);
        let (environment, head) = (environment(), Head::default());
        let mut book = Self { environment, run, saved, head, store: None };
        let state = book.state();
        if let Some(foreign) = state.foreign.first() {
            let told = format!("`{}` is no event: {}", foreign.excerpt, foreign.why);
            return Err(RollbackError::InvalidState(told));
        }
        let open = state.open().next().map(|operation| operation.id);
        book.head = Head { newest: state.newest, top: state.top, open };
        Ok(book)
    }

    /// Returns an empty ledger.
    pub(super) fn empty() -> Self {
        let (environment, run) = (environment(), RunId(LineId::after(None, Timestamp::now(), 0).0));
        Self { environment, run, saved: Saved::default(), head: Head::default(), store: None }
    }

    pub(super) fn saved(&self) -> &Saved {
        &self.saved
    }

    pub(super) fn state(&self) -> State {
        fold(&self.environment, self.saved.lines.iter().map(String::as_str), Reading::Live)
    }

    pub(super) fn tags(&self) -> TagNames {
        TagNames::new("", &self.environment)
    }

    /// Returns the operation that is under way, or was left in the middle.
    pub(super) fn open(&self) -> Option<OperationId> {
        self.head.open
    }

    pub(super) fn contents(&self, op: OperationId) -> Option<&Contents> {
        self.saved.contents.get(&op)
    }

    /// Says of a restore point whether it was marked stable.
    pub(super) fn mark(&mut self, op: OperationId, is_stable: bool) {
        self.saved.contents.entry(op).and_modify(|contents| contents.is_stable = is_stable);
    }

    pub(super) fn len(&self) -> usize {
        self.saved.lines.len()
    }

    /// Returns the identity and number of the next operation.
    pub(super) fn next(&self) -> (OperationId, u64) {
        let n = self.head.top + 1;
        let line = LineId::after(self.head.newest, Timestamp::now(), u128::from(n));
        (OperationId(line.0), n)
    }

    /// Writes events, all or none, and returns when.
    pub(super) fn append(&mut self, drafts: Vec<Draft>) -> Result<SystemTime, RollbackError> {
        let before = (self.head, self.saved.lines.len());
        let ops: Vec<OperationId> = drafts.iter().map(|draft| draft.op).collect();
        let written = self.write_all(drafts);
        let kept = written.and_then(|at| self.keep().map(|()| at));
        kept.map_err(|why| {
            self.take_back(before, &ops);
            RollbackError::InvalidState(why)
        })
    }

    /// Writes events whether or not the store keeps them now; it is asked again with the next.
    pub(super) fn append_anyway(&mut self, drafts: Vec<Draft>) -> Result<SystemTime, String> {
        let at = self.write_all(drafts)?;
        let _ = self.keep();
        Ok(at)
    }

    fn write_all(&mut self, drafts: Vec<Draft>) -> Result<SystemTime, String> {
        let now = Timestamp::now();
        drafts.into_iter().try_for_each(|draft| self.write(draft, now))?;
        Ok(now.into())
    }

    fn take_back(&mut self, (head, lines): (Head, usize), ops: &[OperationId]) {
        self.head = head;
        self.saved.lines.truncate(lines);
        let known: BTreeSet<OperationId> = self.events().map(|event| event.op).collect();
        self.saved.contents.retain(|op, _| !ops.contains(op) || known.contains(op));
    }

    /// Keeps what changed beside the lines.
    pub(super) fn keep(&self) -> Result<(), String> {
        let kept = self.store.as_ref().map_or(Ok(()), |store| store.keep(&self.saved));
        kept.map_err(|why| format!("the store did not keep the ledger: {why}"))
    }

    fn write(&mut self, draft: Draft, now: Timestamp) -> Result<(), String> {
        let Draft { op, n, body, contents } = draft;
        let id = LineId::after(self.head.newest, now, 0);
        match &body {
            Body::Started(_) => self.head.open = Some(op),
            Body::Finished(_) if self.head.open == Some(op) => self.head.open = None,
            _ => {}
        }
        let event = Event {
            id,
            at: now,
            env: self.environment.clone(),
            n,
            actor: ACTOR.to_owned(),
            comment: None,
            body,
            v: FORMAT,
            ev: EventId(Ulid::from_parts(id.0.timestamp_ms(), u128::from(n))),
            op,
            run: self.run,
        };
        let text = line::write(&event);
        // What cannot be read back would be lost without a word.
        line::read(&text, &self.environment)
            .map_err(|foreign| format!("deployment {n} cannot be written down: {}", foreign.why))?;
        self.saved.lines.push(text);
        self.head = Head { newest: Some(id), top: self.head.top.max(n), ..self.head };
        if let Some(contents) = contents {
            self.saved.contents.insert(op, Contents { n, ..contents });
        }
        Ok(())
    }

    fn events(&self) -> impl Iterator<Item = Event> {
        self.saved.lines.iter().filter_map(|text| line::read(text, &self.environment).ok())
    }

    /// Takes the operation that was left in the middle over, so that what is written of it counts.
    pub(super) fn resumed(op: OperationId, n: u64) -> Draft {
        let why = "its process is gone".to_owned();
        Draft { op, n, body: Body::Resumed { why }, contents: None }
    }

    /// Forgets all operations but these, and of some of these that they are restore points; what
    /// was quarantined stays so.
    pub(super) fn forget_all_but(
        &mut self,
        kept: &BTreeSet<OperationId>,
        dropped: &BTreeSet<OperationId>,
    ) -> Result<(), String> {
        let state = self.state();
        let before = self.saved.clone();
        for op in dropped {
            self.saved.contents.entry(*op).and_modify(|contents| contents.description = None);
        }
        let events: Vec<Event> = self.events().collect();
        let stays = |event: &&Event| kept.contains(&event.op);
        self.saved.lines = events.iter().filter(stays).map(line::write).collect();
        self.saved.contents.retain(|op, _| kept.contains(op));
        let pruned = Pruned {
            through: state.top,
            kept: kept.iter().copied().collect(),
            stable: state.last_stable().map(|operation| operation.id),
            top: state.top,
            quarantined: state.quarantine.into_iter().collect(),
            unknown: state.unknown,
            limits: Vec::new(),
            live: None,
            retired: false,
        };
        let (op, _) = self.next();
        let draft = Draft { op, n: state.top, body: Body::Pruned(pruned), contents: None };
        let written = self.write(draft, Timestamp::now()).and_then(|()| self.keep());
        if written.is_err() {
            self.saved = before;
        }
        written
    }
}

/// Returns the one environment that a manager is about.
fn environment() -> Environment {
    loop {
        // The name is a good one, so this is the only turn.
        if let Ok(name) = Environment::new("library") {
            return name;
        }
    }
}
