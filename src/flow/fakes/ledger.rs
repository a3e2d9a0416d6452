//! A remote in memory that compares before it swaps.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::Transcript;
use crate::domain::line;
use crate::domain::names::Environment;
use crate::error::{Error, Result};
use crate::ports::{
    Batch, FoundLine, FoundTag, Image, Ledger, Place, Shelf, TagOrder, TagResult, TagThere, Written,
};

/// One ref: its revision, and its lines.
#[derive(Clone, Default)]
pub(in crate::flow) struct Stored {
    pub(in crate::flow) revision: u64,
    pub(in crate::flow) lines: Vec<FoundLine>,
}

/// All that the remote holds.
#[derive(Default)]
pub(in crate::flow) struct Remote {
    pub(in crate::flow) live: Stored,
    pub(in crate::flow) archive: Stored,
    pub(in crate::flow) tags: BTreeMap<String, FoundTag>,
}

impl Remote {
    pub(in crate::flow) fn shelf(&mut self, shelf: Shelf) -> &mut Stored {
        match shelf {
            Shelf::Live => &mut self.live,
            Shelf::Archive => &mut self.archive,
        }
    }

    fn order(&mut self, order: &TagOrder) -> TagResult {
        match order {
            TagOrder::Create { name, target, message, at } => {
                let object = format!("{target} {at} {message}");
                match self.tags.get(name) {
                    Some(tag) if tag.object == object => TagResult::Exists,
                    Some(_) => TagResult::Conflict,
                    None => {
                        let target = Some(target.to_string());
                        let tag = FoundTag { name: name.clone(), object, target };
                        self.tags.insert(name.clone(), tag);
                        TagResult::Created
                    }
                }
            }
            TagOrder::Remove { name, object } => match self.tags.get(name) {
                Some(tag) if tag.object != *object => TagResult::Conflict,
                Some(_) | None => {
                    self.tags.remove(name);
                    TagResult::Removed
                }
            },
        }
    }
}

impl Stored {
    pub(in crate::flow) fn image(&self) -> Image {
        let revision = (self.revision > 0).then(|| self.revision.to_string());
        Image { revision, lines: self.lines.clone() }
    }

    /// Adds and removes lines as a rewrite of the notes would.
    pub(in crate::flow) fn rewrite(&mut self, batch: &Batch) {
        self.lines.retain(|line| !batch.remove.contains(line));
        for (place, text) in &batch.add {
            let line = FoundLine { note: note(place), text: text.clone() };
            if !self.lines.contains(&line) {
                self.lines.push(line);
            }
        }
        self.revision += 1;
    }
}

fn note(place: &Place) -> String {
    match place {
        Place::Anchor => "anchor".to_owned(),
        Place::Commit(commit) => commit.to_string(),
        Place::Note(note) => note.clone(),
    }
}

/// What goes wrong with one write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::flow) enum Fault {
    /// Nothing.
    None,
    /// It arrives, and the answer is lost.
    LostAfter,
    /// It never arrives, and nobody can tell.
    LostBefore,
    /// The process dies before it writes.
    Dies,
}

type Errand = Box<dyn FnOnce() + Send>;

/// Bends what one writer reads and writes, as if it did not know some rule.
pub(in crate::flow) trait Bend: Send + Sync {
    fn read(&self, shelf: Shelf, image: Image) -> Image;
    fn write(&self, image: &Image, batch: &Batch) -> Batch;
    fn has_lease(&self) -> bool;
    fn shelves_first(&self) -> bool;
    fn pushes_at_once(&self) -> bool;
}

/// Who plays fate for one writer.
pub(in crate::flow) trait Fate: Send + Sync {
    /// Something may happen before the remote is asked.
    fn before(&self);
    /// What goes wrong with a write.
    fn fault(&self, batch: &Batch) -> Fault;
    /// A write was accepted on top of these lines, whether or not its writer learns of it.
    fn accepted(&self, before: &[FoundLine], batch: &Batch);
    /// The writer has learnt that it was.
    fn acknowledged(&self, batch: &Batch);
}

/// One writer's way to the remote.
pub(in crate::flow) struct FakeLedger {
    name: String,
    remote: Arc<Mutex<Remote>>,
    transcript: Transcript,
    pub(in crate::flow) faults: Mutex<VecDeque<Fault>>,
    pub(in crate::flow) away: Mutex<bool>,
    pub(in crate::flow) refuses_tags: Mutex<bool>,
    before: Mutex<VecDeque<Option<Errand>>>,
    after: Mutex<Option<Errand>>,
    bend: Mutex<Option<Arc<dyn Bend>>>,
    fate: Mutex<Option<Arc<dyn Fate>>>,
    unshelved: Mutex<Vec<Batch>>,
}

impl FakeLedger {
    pub(super) fn new(name: &str, remote: Arc<Mutex<Remote>>, transcript: Transcript) -> Self {
        Self {
            name: name.to_owned(),
            remote,
            transcript,
            faults: Mutex::default(),
            away: Mutex::default(),
            refuses_tags: Mutex::default(),
            before: Mutex::default(),
            after: Mutex::default(),
            bend: Mutex::default(),
            fate: Mutex::default(),
            unshelved: Mutex::default(),
        }
    }

    /// Makes the coming writes go wrong, one after the other.
    pub(in crate::flow) fn faults(&self, faults: &[Fault]) {
        self.faults.lock().unwrap().extend(faults);
    }

    /// Takes the remote away, or brings it back.
    pub(in crate::flow) fn away(&self, away: bool) {
        *self.away.lock().unwrap() = away;
    }

    /// Lets something happen right before the write that comes after `skip` others.
    pub(in crate::flow) fn before_write(
        &self,
        skip: usize,
        errand: impl FnOnce() + Send + 'static,
    ) {
        let mut before = self.before.lock().unwrap();
        before.extend((0..skip).map(|_| None));
        before.push_back(Some(Box::new(errand)));
    }

    /// Lets something happen right after the next write, whatever became of its answer.
    pub(in crate::flow) fn after_write(&self, errand: impl FnOnce() + Send + 'static) {
        *self.after.lock().unwrap() = Some(Box::new(errand));
    }

    pub(in crate::flow) fn bent_by(&self, bend: Arc<dyn Bend>) {
        *self.bend.lock().unwrap() = Some(bend);
    }

    pub(in crate::flow) fn fated_by(&self, fate: Arc<dyn Fate>) {
        *self.fate.lock().unwrap() = Some(fate);
    }

    fn bend(&self) -> Option<Arc<dyn Bend>> {
        self.bend.lock().unwrap().clone()
    }

    fn fate(&self) -> Option<Arc<dyn Fate>> {
        self.fate.lock().unwrap().clone()
    }

    fn is_here(&self) -> Result<()> {
        if *self.away.lock().unwrap() {
            return Err(Error::unreachable("could not reach the remote"));
        }
        Ok(())
    }

    fn tell(&self, shelf: Shelf, batch: &Batch, how: &str) {
        let env = super::production();
        let events = batch.add.iter().filter_map(|(_, text)| line::read(text, &env).ok());
        let events = events.map(|event| {
            let json = serde_json::to_value(&event.body).unwrap();
            format!("{} {}", json["type"].as_str().unwrap(), event.n)
        });
        let mut told: Vec<String> = match shelf {
            Shelf::Live => events.collect(),
            Shelf::Archive => vec![format!("{} lines to the archive", batch.add.len())],
        };
        if !batch.remove.is_empty() {
            told.push(format!("minus {} lines", batch.remove.len()));
        }
        told.extend(batch.tags.iter().map(|order| match order {
            TagOrder::Create { name, .. } => format!("+{name}"),
            TagOrder::Remove { name, .. } => format!("-{name}"),
        }));
        self.transcript.tell(format!("{}: {}{how}", self.name, told.join(", ")));
    }

    fn swap(&self, shelf: Shelf, image: &Image, batch: &Batch) -> Written {
        let mut remote = self.remote.lock().unwrap();
        let stored = remote.shelf(shelf);
        let before = stored.lines.clone();
        if stored.image().revision != image.revision {
            if self.bend().is_none_or(|bend| bend.has_lease()) {
                return Written::Moved;
            }
            stored.lines.clone_from(&image.lines);
        }
        stored.rewrite(batch);
        let results = self.order_all(&mut remote, &batch.tags);
        drop(remote);
        if let (Shelf::Live, Some(fate)) = (shelf, self.fate()) {
            fate.accepted(&before, batch);
        }
        Written::Accepted(results)
    }

    fn try_write(&self, shelf: Shelf, image: &Image, batch: &Batch) -> Result<Written> {
        if let (Shelf::Archive, Some(bend)) = (shelf, self.bend())
            && !bend.shelves_first()
        {
            self.unshelved.lock().unwrap().push(batch.clone());
            return Ok(Written::Accepted(Vec::new()));
        }
        let lost = || Written::Lost(Error::unreachable("the answer was lost"));
        let ordered = self.faults.lock().unwrap().pop_front();
        let fated = || self.fate().map_or(Fault::None, |fate| fate.fault(batch));
        match ordered.unwrap_or_else(fated) {
            Fault::None => {
                let written = self.swap(shelf, image, batch);
                let moved = matches!(written, Written::Moved);
                self.tell(shelf, batch, if moved { " (moved)" } else { "" });
                if let (false, Some(fate)) = (moved, self.fate()) {
                    fate.acknowledged(batch);
                }
                self.shelve_late();
                Ok(written)
            }
            Fault::LostAfter => {
                self.swap(shelf, image, batch);
                self.tell(shelf, batch, " (answer lost)");
                Ok(lost())
            }
            Fault::LostBefore => {
                self.tell(shelf, batch, " (lost)");
                Ok(lost())
            }
            Fault::Dies => {
                self.die(shelf, image, batch);
                Err(Error::failed("the process was killed"))
            }
        }
    }

    /// Writes to the archive what was taken away before, where somebody does it in that order.
    fn shelve_late(&self) {
        for batch in self.unshelved.lock().unwrap().drain(..) {
            self.remote.lock().unwrap().archive.rewrite(&batch);
        }
    }

    /// Dies before a write; in the middle of it where somebody writes in pieces.
    fn die(&self, shelf: Shelf, image: &Image, batch: &Batch) {
        self.away(true);
        let Some(bend) = self.bend() else { return };
        if !bend.pushes_at_once() {
            let add = batch.add.iter().take(1).cloned().collect();
            let piece = Batch { add, ..Batch::default() };
            self.swap(shelf, image, &piece);
        }
        if !bend.shelves_first() {
            self.swap(shelf, image, batch);
        }
    }

    fn order_all(&self, remote: &mut Remote, orders: &[TagOrder]) -> Vec<(String, TagResult)> {
        let refused = *self.refuses_tags.lock().unwrap();
        let one = |order: &TagOrder| {
            let refusal = || TagResult::Refused("a hook says no".to_owned());
            let result = if refused { refusal() } else { remote.order(order) };
            (order.name().to_owned(), result)
        };
        orders.iter().map(one).collect()
    }
}

#[async_trait]
impl Ledger for FakeLedger {
    async fn read(&self, _: &Environment, shelf: Shelf) -> Result<Image> {
        if let Some(fate) = self.fate() {
            fate.before();
        }
        self.is_here()?;
        let image = self.remote.lock().unwrap().shelf(shelf).image();
        Ok(match self.bend() {
            Some(bend) => bend.read(shelf, image),
            None => image,
        })
    }

    async fn write(
        &self,
        _: &Environment,
        shelf: Shelf,
        image: &Image,
        batch: &Batch,
    ) -> Result<Written> {
        let errand = self.before.lock().unwrap().pop_front().flatten();
        if let Some(errand) = errand {
            errand();
        }
        if let Some(fate) = self.fate() {
            fate.before();
        }
        self.is_here()?;
        let batch = &self.bend().map_or_else(|| batch.clone(), |bend| bend.write(image, batch));
        let after = self.after.lock().unwrap().take();
        let written = self.try_write(shelf, image, batch);
        if let Some(errand) = after {
            errand();
        }
        written
    }

    async fn tag(&self, orders: &[TagOrder]) -> Result<Vec<(String, TagResult)>> {
        self.is_here()?;
        let batch = Batch { tags: orders.to_vec(), ..Batch::default() };
        if !orders.is_empty() {
            self.tell(Shelf::Live, &batch, "");
        }
        Ok(self.order_all(&mut self.remote.lock().unwrap(), orders))
    }

    async fn environments(&self) -> Result<Vec<Environment>> {
        Ok(vec![super::production()])
    }

    async fn tags(&self, prefix: &str) -> Result<Vec<FoundTag>> {
        self.is_here()?;
        let remote = self.remote.lock().unwrap();
        Ok(remote.tags.values().filter(|tag| tag.name.starts_with(prefix)).cloned().collect())
    }

    async fn compare(&self, orders: &[TagOrder]) -> Result<Vec<TagThere>> {
        self.is_here()?;
        let remote = self.remote.lock().unwrap();
        let there = |order: &TagOrder| {
            let TagOrder::Create { name, target, message, at } = order else {
                return TagThere::Absent;
            };
            match remote.tags.get(name) {
                None => TagThere::Absent,
                Some(tag) if tag.object == format!("{target} {at} {message}") => TagThere::Same,
                Some(tag) => TagThere::Other {
                    target: tag.target.clone(),
                    message: Some(tag.object.clone()).filter(|text| text.contains('{')),
                },
            }
        };
        Ok(orders.iter().map(there).collect())
    }

    fn location(&self) -> String {
        "memory".to_owned()
    }
}
