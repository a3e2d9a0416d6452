//! The names that the ledger bears in git.

use crate::domain::names::Environment;
use crate::ports::Shelf;

/// Where the ledgers of all environments of a shelf lie, without the last slash.
pub(super) fn folder(shelf: Shelf) -> &'static str {
    match shelf {
        Shelf::Live => "refs/notes/lastgood",
        Shelf::Archive => "refs/notes/lastgood-archive",
    }
}

/// Returns the ref of an environment's ledger.
pub(super) fn ledger(env: &Environment, shelf: Shelf) -> String {
    format!("{}/{}", folder(shelf), env.ref_component())
}

/// Marks ledgers that were written while there was no remote.
pub(super) const UNSHARED: &str = "refs/lastgood/local";

/// Returns the ref that marks an environment's ledger as written while there was no remote.
pub(super) fn unshared(env: &Environment) -> String {
    format!("{UNSHARED}/{}", env.ref_component())
}

/// Returns a tag's full name.
pub(super) fn tag(name: &str) -> String {
    format!("refs/tags/{name}")
}

/// Returns the bytes whose blob id is the environment's anchor.
pub(super) fn anchor(env: &Environment) -> String {
    format!("lastgood {env}\n")
}
