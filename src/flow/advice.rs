//! What to do about what `status` tells.

use jiff::Timestamp;
use shell_words::quote;

use super::seen::{Misrouted, SeenNow};
use crate::domain::admission;
use crate::domain::ending::Reason;
use crate::domain::remainder::remainder;
use crate::domain::state::State;

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
        None if !state.unknown.is_empty() => Some(format!(
            "See what the unknown services run; `lastgood rollback -e {environment}` or a deployment brings them to a version."
        )),
        None if !seen.strays.is_empty() => Some(format!(
            "See what runs; `lastgood deploy -e {environment}` brings it to its version again."
        )),
        None => None,
    }
}
