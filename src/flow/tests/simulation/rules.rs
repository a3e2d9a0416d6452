//! The ledger's rules, each of which can be dropped here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use serde_json::{Value, json};
use ulid::Ulid;

use super::super::super::fakes::Bend;
use crate::domain::ids::RunId;
use crate::ports::{Batch, FoundLine, Image, Place, Shelf};

/// A rule that nobody keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dropped {
    Lease,
    LaterIds,
    OneEvent,
    DecidedAnew,
    NothingJoined,
    IntentIsTheLock,
    Ownership,
    AskedBefore,
    StrayingTold,
    EachAtOnce,
    OnePush,
    ShelvedFirst,
    Through,
    Kept,
    PrunedQuarantine,
    PrunedLimits,
    PrunedUnknown,
    PrunedTop,
    OnceByEvent,
    WholeRestorePoint,
    OncePerPerson,
}

/// Bends what one process reads and writes as if it did not know the rule.
pub(super) struct Bent {
    pub(super) rule: Dropped,
    pub(super) run: RunId,
    pub(super) clock: Box<dyn Fn() -> u64 + Send + Sync>,
    /// What the machine of this writer has ever tried to write.
    pub(super) copy: std::sync::Arc<Mutex<Vec<(Place, String)>>>,
    first: Mutex<BTreeMap<String, String>>,
    cached: Mutex<Option<Image>>,
    originals: Mutex<BTreeMap<String, String>>,
    drawn: Mutex<u64>,
}

impl Bent {
    pub(super) fn new(
        rule: Dropped,
        run: RunId,
        clock: Box<dyn Fn() -> u64 + Send + Sync>,
        copy: std::sync::Arc<Mutex<Vec<(Place, String)>>>,
    ) -> Self {
        let (first, cached, originals) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { rule, run, clock, copy, first, cached, originals, drawn: Mutex::new(0) }
    }

    fn draw(&self) -> Ulid {
        let mut drawn = self.drawn.lock().unwrap();
        *drawn += 1;
        Ulid::from_parts((self.clock)(), (self.run.0.0 << 20) ^ u128::from(*drawn))
    }

    fn written(&self, mut event: Value) -> Option<Value> {
        let kind = event["type"].as_str().unwrap_or_default().to_owned();
        match self.rule {
            Dropped::LaterIds => event["id"] = json!(self.draw().to_string()),
            Dropped::OneEvent => event["ev"] = json!(self.draw().to_string()),
            Dropped::DecidedAnew => {
                let ev = event["ev"].to_string();
                let mut first = self.first.lock().unwrap();
                let text = first.entry(ev).or_insert_with(|| event.to_string());
                event = serde_json::from_str(text).unwrap();
            }
            Dropped::StrayingTold if kind == "strayed" => return None,
            Dropped::EachAtOnce if kind == "service_done" => return None,
            Dropped::WholeRestorePoint if kind == "deployed" => {
                let changed = event["changed"].as_object().cloned().unwrap_or_default();
                let to =
                    changed.into_iter().map(|(service, change)| (service, change["to"].clone()));
                event["versions"] = to.collect::<serde_json::Map<_, _>>().into();
            }
            _ => {}
        }
        Some(event)
    }

    fn read_line(&self, mut event: Value) -> Option<Value> {
        let pruned = event["type"] == "pruned";
        let foreign = event["run"] != json!(self.run.to_string());
        match self.rule {
            Dropped::Ownership => event["run"] = json!(self.run.to_string()),
            Dropped::IntentIsTheLock if event["type"] == "started" && foreign => return None,
            Dropped::Through if pruned => event["through"] = json!(0),
            Dropped::Kept if pruned => event["kept"] = json!([]),
            Dropped::PrunedQuarantine if pruned => event["quarantined"] = json!([]),
            Dropped::PrunedLimits if pruned => event["limits"] = json!([]),
            Dropped::PrunedUnknown if pruned => event["unknown"] = json!({}),
            Dropped::PrunedTop if pruned => {
                event["top"] = json!(0);
                event["n"] = json!(0);
            }
            Dropped::OnceByEvent => event["ev"] = event["id"].clone(),
            Dropped::OncePerPerson if event["type"] == "approved" => {
                event["actor"] = event["ev"].clone();
            }
            _ => {}
        }
        Some(event)
    }

    fn original(&self, text: &str) -> String {
        self.originals.lock().unwrap().get(text).cloned().unwrap_or_else(|| text.to_owned())
    }

    /// Returns an image as this reader understands it.
    pub(super) fn understood(&self, image: &Image) -> Image {
        let line = |line: &FoundLine| {
            let Ok(event) = serde_json::from_str::<Value>(&line.text) else {
                return Some(line.clone());
            };
            let read = self.read_line(event.clone())?;
            if read == event {
                return Some(line.clone());
            }
            let text = read.to_string();
            self.originals.lock().unwrap().insert(text.clone(), line.text.clone());
            Some(FoundLine { text, ..line.clone() })
        };
        Image {
            revision: image.revision.clone(),
            lines: image.lines.iter().filter_map(line).collect(),
        }
    }
}

impl Bend for Bent {
    fn read(&self, shelf: Shelf, image: Image) -> Image {
        if shelf == Shelf::Live && self.rule == Dropped::AskedBefore {
            let mut cached = self.cached.lock().unwrap();
            return cached.get_or_insert(image).clone();
        }
        self.understood(&image)
    }

    fn write(&self, image: &Image, batch: &Batch) -> Batch {
        *self.cached.lock().unwrap() = None;
        let mut bent = batch.clone();
        for line in &mut bent.remove {
            line.text = self.original(&line.text);
        }
        if batch.add.iter().any(|(place, _)| matches!(place, Place::Note(_))) {
            for (_, text) in &mut bent.add {
                *text = self.original(text);
            }
            return bent;
        }
        let line = |(place, text): &(Place, String)| {
            let event = self.written(serde_json::from_str(text).unwrap())?;
            Some((place.clone(), event.to_string()))
        };
        bent.add = batch.add.iter().filter_map(line).collect();
        if self.rule == Dropped::NothingJoined {
            let there: BTreeSet<&str> = image.lines.iter().map(|line| line.text.as_str()).collect();
            let mut copy = self.copy.lock().unwrap();
            let old = copy.iter().filter(|(_, text)| !there.contains(text.as_str())).cloned();
            bent.add = old.chain(bent.add.clone()).collect();
            copy.extend(batch.add.clone());
        }
        bent
    }

    fn has_lease(&self) -> bool {
        self.rule != Dropped::Lease
    }

    fn shelves_first(&self) -> bool {
        self.rule != Dropped::ShelvedFirst
    }

    fn pushes_at_once(&self) -> bool {
        self.rule != Dropped::OnePush
    }
}
