//! Which slot serves, and what the other one holds.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::event::{FinishOutcome, Kind, PlannedStep};
use super::ids::LineId;
use super::names::Service;
use super::operation::Operation;
use super::slots::{Pair, Slot};
use super::state::State;
use super::verdict::Verdict;
use super::version::Versions;

/// How a slot stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nothing happens there; it may hold what served before.
    Idle,
    /// Something is being brought there.
    Deploying,
    /// What runs there is being stopped.
    Emptying,
    /// It holds something that the gate found healthy, and that has not served yet.
    Ready,
    /// It serves.
    Live,
    /// What was brought there is not good, or was not brought whole.
    Failed,
}

/// One slot, as the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotState {
    /// The slot.
    pub slot: Slot,
    /// How it stands.
    pub standing: Standing,
    /// What it holds.
    pub holds: Versions,
    /// The number of the operation that it has it from.
    pub by: Option<u64>,
}

/// Both slots, as the ledger has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slots {
    pair: Pair,
    live: Slot,
    held: BTreeMap<Slot, Held>,
    last: BTreeMap<Slot, Last>,
    /// The slots of which nobody knows for sure what they hold.
    doubtful: BTreeSet<Slot>,
    /// The newest line of a run that stopped something at a slot after it was overtaken.
    strayed: BTreeMap<Slot, LineId>,
    /// Whether what was done before may lie in the archive.
    has_archive: bool,
}

/// What a slot holds, and the number of the operation that it has it from.
type Held = (Versions, Option<u64>);

/// What was last done at a slot that does not serve for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    Open,
    Emptying,
    Good,
    Bad,
    /// Something there was stopped, or may have been, and not all of it.
    HalfEmptied,
    /// It served after it, or was not judged.
    Nothing,
    /// It came to nothing there: the slot is as it was before.
    Unchanged,
}

impl Slots {
    /// Reads the ledger: exactly one slot serves, whatever happened.
    pub fn of(state: &State, pair: &Pair) -> Self {
        let mut slots = Self {
            pair: pair.clone(),
            live: served_before(state, pair),
            held: BTreeMap::new(),
            last: BTreeMap::new(),
            doubtful: BTreeSet::new(),
            strayed: BTreeMap::new(),
            has_archive: state.pruned.is_some(),
        };
        let mut serving = None;
        let through = state.pruned.as_ref().map_or(0, |pruned| pruned.through);
        for operation in &state.operations {
            // Between those that stayed others may lie in the archive: they tell which slot serves, and
            // nothing for sure of what the other one holds.
            slots.take(operation, &mut serving);
            if operation.n <= through {
                slots.held.clear();
                serving = None;
            }
        }
        slots.held.insert(slots.live.clone(), serving.unwrap_or_default());
        slots
    }

    fn take(&mut self, operation: &Operation, serving: &mut Option<Held>) {
        let n = Some(operation.n);
        let slot = operation.slot().filter(|slot| self.pair.has(slot)).cloned();
        if let Some(slot) = &slot {
            let last = self.last_at(slot, operation);
            if last != Last::Unchanged {
                self.last.insert(slot.clone(), last);
            }
            match last {
                Last::Bad | Last::HalfEmptied | Last::Emptying => {
                    self.doubtful.insert(slot.clone())
                }
                Last::Good | Last::Nothing => self.doubtful.remove(slot),
                Last::Open | Last::Unchanged => false,
            };
            let holds = operation.finished.as_ref().and_then(|end| end.holds.clone());
            if let Some(holds) = holds {
                self.held.insert(slot.clone(), (holds, n));
            }
        }
        let Some(deployed) = &operation.deployed else { return };
        let live = deployed.what.live.as_ref().filter(|live| self.pair.has(live));
        if let Some(live) = live.filter(|live| **live != self.live) {
            match serving.take() {
                Some(held) => self.held.insert(self.live.clone(), held),
                None => self.held.remove(&self.live),
            };
            self.last.insert(self.live.clone(), Last::Nothing);
            self.live = live.clone();
        }
        *serving = Some((deployed.what.versions.clone(), n));
    }

    /// Returns what an operation did at its slot. What begins after a cleanup has strayed there counts;
    /// what was there before may be stopped by now.
    fn last_at(&mut self, slot: &Slot, operation: &Operation) -> Last {
        let newest = operation.strayed.values().max().filter(|_| operation.empties());
        let strayed = self.strayed.get(slot).max(newest).copied();
        if let Some(line) = strayed {
            self.strayed.insert(slot.clone(), line);
        }
        match last(operation) {
            Last::Good | Last::Nothing | Last::Unchanged if strayed > Some(operation.opened) => {
                Last::HalfEmptied
            }
            last => last,
        }
    }

    /// Returns the slot that serves.
    pub fn live(&self) -> &Slot {
        &self.live
    }

    /// Returns the slot that does not.
    pub fn idle(&self) -> &Slot {
        self.pair.other(&self.live)
    }

    /// Returns what a slot holds.
    pub fn holds(&self, slot: &Slot) -> Versions {
        self.held.get(slot).map(|(versions, _)| versions.clone()).unwrap_or_default()
    }

    /// Returns whether the ledger knows what a slot holds: nothing failed there, and nothing that was
    /// done there lies in the archive alone.
    pub fn is_sure(&self, slot: &Slot) -> bool {
        !self.doubtful.contains(slot) && (self.held.contains_key(slot) || !self.has_archive)
    }

    /// Returns whether a cleanup of a slot did not come to its end, and nothing was brought there since.
    pub fn is_half_emptied(&self, slot: &Slot) -> bool {
        self.last.get(slot) == Some(&Last::HalfEmptied)
    }

    /// Returns how a slot stands.
    pub fn standing(&self, slot: &Slot) -> Standing {
        if *slot == self.live {
            return Standing::Live;
        }
        match self.last.get(slot) {
            Some(Last::Open) => Standing::Deploying,
            Some(Last::Emptying) => Standing::Emptying,
            Some(Last::Good) => Standing::Ready,
            Some(Last::Bad | Last::HalfEmptied) => Standing::Failed,
            Some(Last::Nothing | Last::Unchanged) | None => Standing::Idle,
        }
    }

    /// Returns both slots, the one that was configured as the stable one first.
    pub fn each(&self) -> Vec<SlotState> {
        let one = |slot: &Slot| SlotState {
            slot: slot.clone(),
            standing: self.standing(slot),
            holds: self.holds(slot),
            by: self.held.get(slot).and_then(|(_, by)| *by),
        };
        self.pair.both().map(one).into()
    }

    /// Returns the steps that make a slot hold these versions; what is not there whole is brought anew.
    pub fn steps(&self, slot: &Slot, wanted: &Versions) -> Vec<PlannedStep> {
        let holds = self.holds(slot);
        let is_whole = !self.doubtful.contains(slot);
        let differs = |service: &Service, version| !is_whole || holds.get(service) != Some(version);
        let wanted = wanted.iter().filter(|(service, version)| differs(service, version));
        let step = |(service, version): (&Service, &super::version::Version)| PlannedStep {
            service: service.clone(),
            // What is there of a doubtful slot may be anything.
            from: holds.get(service).filter(|_| is_whole).cloned(),
            to: version.clone(),
        };
        wanted.map(step).collect()
    }
}

/// The slot that served when lines moved to the archive; the stable one where nothing is known of it.
fn served_before(state: &State, pair: &Pair) -> Slot {
    let told = state.pruned.as_ref().and_then(|pruned| pruned.live.clone());
    told.filter(|slot| pair.has(slot)).unwrap_or_else(|| pair.stable.clone())
}

fn last(operation: &Operation) -> Last {
    let verdict = operation.verified.as_ref().map(|(verified, _)| verified.verdict);
    if operation.empties() {
        return match operation.finished.as_ref().map(|end| end.outcome) {
            None if operation.is_open() => Last::Emptying,
            Some(FinishOutcome::Completed) => Last::Nothing,
            Some(FinishOutcome::Undone) if touched_nothing(operation) => Last::Unchanged,
            Some(FinishOutcome::Undone | FinishOutcome::Partial | FinishOutcome::Failed) | None => {
                Last::HalfEmptied
            }
        };
    }
    if operation.kind == Kind::Switch {
        // A switch that came to nothing leaves the slot as it was, unless it was seen to be sick, or
        // something was driven there.
        return match (operation.deployed.is_some(), verdict) {
            (true, _) => Last::Nothing,
            (false, Some(Verdict::Unhealthy)) => Last::Bad,
            (false, _) if !operation.done.is_empty() => Last::Bad,
            (false, _) => Last::Unchanged,
        };
    }
    match operation.finished.as_ref().map(|end| end.outcome) {
        None if operation.is_open() => Last::Open,
        Some(FinishOutcome::Completed) if operation.deployed.is_none() => match verdict {
            Some(Verdict::Healthy) => Last::Good,
            Some(Verdict::Unhealthy | Verdict::Error | Verdict::Inconclusive) | None => Last::Bad,
        },
        Some(FinishOutcome::Undone) if touched_nothing(operation) => Last::Unchanged,
        Some(FinishOutcome::Completed) | None => Last::Nothing,
        Some(FinishOutcome::Undone | FinishOutcome::Partial | FinishOutcome::Failed) => Last::Bad,
    }
}

/// A run that was taken over can have been killed between the driver and the line.
fn touched_nothing(operation: &Operation) -> bool {
    operation.done.is_empty() && operation.opener == operation.owner
}

#[cfg(test)]
mod tests;
