//! What must hold of every history.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::domain::event::{Body, LockScope};
use crate::domain::fold::{Reading, fold};
use crate::domain::ids::OperationId;
use crate::domain::line;
use crate::domain::operation::Operation;
use crate::domain::state::State;

use super::super::super::fakes::production;

/// What is wrong with a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Broken {
    /// A line that its writer was told is written is nowhere.
    Lost,
    /// A line was written that sorts before what its writer had read.
    OutOfOrder,
    /// One event is there as two.
    WrittenTwice,
    /// Two operations bear one number.
    NumberTwice,
    /// Two operations are open at once.
    TwoOpen,
    /// A driver was called for an operation that its run did not own.
    DroveWithoutOwning,
    /// A service runs what the ledger does not say, and nobody knows.
    Lies,
    /// An operation has made a deployment, and has not ended.
    HalfClosed,
    /// The live ledger says something else than all lines together.
    Differs,
    /// The order or the place of the lines changes what they say.
    Unordered,
    /// What was asked for was done without the approvals, twice, or after the environment had moved.
    Unasked,
    /// An operation could not be brought to its end.
    Stuck,
}

/// Returns what is wrong with all lines together, as a reader understands them.
pub(super) fn of_lines(lines: &[String]) -> BTreeSet<Broken> {
    let mut broken = BTreeSet::new();
    let whole = state(lines.iter(), Reading::Whole);
    if written_twice(lines.iter()) {
        broken.insert(Broken::WrittenTwice);
    }
    let numbers: BTreeSet<u64> = whole.operations.iter().map(|operation| operation.n).collect();
    if numbers.len() < whole.operations.len() {
        broken.insert(Broken::NumberTwice);
    }
    let half =
        |op: &Operation| op.started.is_some() && op.deployed.is_some() && op.finished.is_none();
    if whole.operations.iter().any(half) {
        broken.insert(Broken::HalfClosed);
    }
    broken
}

/// Returns whether an intent that names a request may begin on a ledger that holds these lines.
pub(super) fn was_asked_for<'a>(
    id: OperationId,
    before: impl Iterator<Item = &'a String>,
    with: impl Iterator<Item = &'a String>,
) -> bool {
    let before: Vec<&String> = before.collect();
    let state = state(before.iter().copied(), Reading::Live);
    let Some(request) = state.requests.get(&id).filter(|request| request.is_alive(&state)) else {
        return false;
    };
    let all = before.into_iter().chain(with);
    let events = all.filter_map(|text| line::read(text, &production()).ok());
    let by: BTreeSet<String> = events
        .filter(|event| matches!(&event.body, Body::Approved { request } if *request == id))
        .map(|event| event.actor)
        .filter(|actor| *actor != request.by)
        .collect();
    by.len() >= request.needed(0)
}

/// An operation is opened, made and ended by one event each.
fn written_twice<'a>(lines: impl Iterator<Item = &'a String>) -> bool {
    let mut events = BTreeMap::<_, BTreeSet<_>>::new();
    for text in lines {
        let Ok(event) = line::read(text, &production()) else { continue };
        let value = serde_json::to_value(&event.body).unwrap();
        let kind = value["type"].as_str().unwrap_or_default().to_owned();
        if ["started", "deployed", "finished"].contains(&kind.as_str()) {
            events.entry((event.op, kind)).or_default().insert(event.ev);
        }
    }
    events.values().any(|evs| evs.len() > 1)
}

/// Returns a state from lines in any order.
pub(super) fn state<'a>(lines: impl Iterator<Item = &'a String>, reading: Reading) -> State {
    fold(&production(), lines.map(String::as_str), reading)
}

/// Returns what neither archiving nor what comes back may change.
pub(super) fn essence(state: &State, now: Timestamp, retired: bool) -> String {
    let held: BTreeSet<_> = state
        .quarantine
        .iter()
        .map(|entry| (entry.service.to_string(), entry.version.version.clone()))
        .collect();
    let locks = [LockScope::All, LockScope::Rollback]
        .map(|scope| state.lock(scope, now).map(|lock| lock.op));
    let limits = state.automatic_rollbacks(now, SignedDuration::from_hours(24));
    let open: Vec<_> = state.open().map(|operation| operation.id).collect();
    let asked: Vec<_> = crate::domain::archive::requests(state).filter(|_| !retired).collect();
    let rest = (held, locks, limits, open, asked, state.next_number());
    if retired {
        return format!("{rest:?}");
    }
    let versions: Vec<_> = state.versions().into_iter().map(|(s, v)| (s, v.version)).collect();
    let runs = (versions, state.current().map(|operation| operation.id), state.unknown.keys());
    format!("{runs:?} {rest:?}")
}
