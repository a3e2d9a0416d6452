//! What to do about what `status` tells.

use jiff::Timestamp;
use shell_words::quote;

use super::leftover::named;
use super::seen::{Misrouted, SeenNow};
use crate::domain::admission;
use crate::domain::ending::Reason;
use crate::domain::names::Service;
use crate::domain::remainder::remainder;
use crate::domain::state::State;
use crate::domain::version::Version;

/// Returns the next move, that of the first trouble that keeps the others from being mended; none where all is well.
pub(super) fn next(state: &State, seen: &SeenNow, now: Timestamp) -> Option<String> {
    let environment = quote(state.environment.as_str());
    if let Some(open) = admission::open(state, None, now) {
        return Some(open.next);
    }
    if remainder(state).is_some() {
        return Some(Reason::RollbackPartial.next().to_owned());
    }
    match &seen.router {
        Some(Misrouted::Unread { hints, .. }) if hints.is_empty() => {
            Some("See that the router runs and answers from here.".to_owned())
        }
        Some(Misrouted::Unread { hints, .. }) => Some(hints.join("; ")),
        Some(Misrouted::Astray(_)) => {
            Some(format!("`lastgood resume -e {environment}` gives the traffic back."))
        }
        None if !state.unknown.is_empty() => Some(where_it_was(state)),
        None if !seen.strays.is_empty() => Some(format!(
            "See what runs; `lastgood deploy -e {environment} --service NAME=VERSION` brings it to its version again."
        )),
        None => None,
    }
}

/// Returns what brings unknown services to what the ledger says they run.
pub(super) fn where_it_was(state: &State) -> String {
    let versions = state.versions();
    let known = state.unknown.keys().filter_map(|service| versions.get_key_value(service));
    let word = |(service, version): (&Service, &Version)| {
        quote(&format!("{service}={}", version.version)).into_owned()
    };
    let (environment, words) = (quote(state.environment.as_str()), named(known.map(word)));
    let words = if words.is_empty() { "--service NAME=VERSION" } else { &words };
    format!(
        "See what runs; `lastgood deploy -e {environment} {words}` brings it to what the ledger says."
    )
}
