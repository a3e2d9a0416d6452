//! The next command to type in a thread.

use super::Prefix;
use crate::domain::ending::{Ending, Reason};
use crate::domain::names::Environment;

/// The reasons after which a comment is the next move, with the verb to write.
const NEXT: [(Reason, &str); 17] = [
    (Reason::Returned, "cancel"),
    (Reason::Unproven, "cancel"),
    (Reason::NotAsked, "rollback"),
    (Reason::Held, "rollback"),
    (Reason::OutsideWindow, "rollback"),
    (Reason::Soaking, "verify"),
    (Reason::NoData, "verify"),
    (Reason::Superseded, "verify"),
    (Reason::Busy, "status"),
    (Reason::RefusedBusy, "status"),
    (Reason::Overtaken, "status"),
    (Reason::TargetUnknown, "history"),
    (Reason::TargetNotStable, "history"),
    (Reason::NoStableTarget, "history"),
    (Reason::Ambiguous, "history"),
    (Reason::RollForwardSick, "rollback"),
    (Reason::Locked, "unlock"),
];

/// Returns what to write next in the thread; `None` where it is nothing that a comment can say.
pub fn next(ending: &Ending, environment: &Environment, prefix: &Prefix) -> Option<String> {
    let (_, verb) = NEXT.iter().find(|(reason, _)| *reason == ending.reason)?;
    let command = format!("`{}{verb} {environment}`", prefix.as_str());
    Some(match *verb {
        "cancel" => format!("{command} undoes it"),
        "unlock" => format!("ask who holds the lock, or {command}"),
        "rollback" => format!("{command} goes back"),
        "history" => format!("{command} lists what can be returned to"),
        _ => command,
    })
}
