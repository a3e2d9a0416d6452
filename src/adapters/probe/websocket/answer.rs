//! Tells what an upgrade, or none, came to.

use std::time::Duration;

use http::StatusCode;
use http::header::HeaderMap;

use super::super::identity::Identity;
use super::{ExpectVersion, Settings, Target};
use crate::domain::check::Measurement;
use crate::domain::duration::Span;
use crate::domain::version::Version;

/// The status of an upgrade.
const UPGRADED: &str = "101";

/// Returns the measurement of a server that was found well, unless another version answered.
pub(super) fn upgraded(did: &str, took: Duration, identity: Identity) -> Measurement {
    let took = Span::millis(took.as_millis().max(1).try_into().unwrap_or(u64::MAX));
    let seen = match identity.complaint {
        Some(complaint) => Measurement::fail(complaint),
        None => Measurement::pass(format!("{did} in {took}")).judged(UPGRADED, UPGRADED),
    };
    seen.answered_by(identity.answered)
}

/// Returns the measurement of a server that answered, and not by an upgrade.
pub(super) fn not_upgraded(url: &Target, status: StatusCode) -> Measurement {
    let message = format!("`{url}` answered {} and did not upgrade", status.as_u16());
    Measurement::fail(message).judged(status.as_str(), UPGRADED)
}

/// Returns whether the version under test is the one that answered.
pub(super) fn identity(
    settings: &Settings,
    told: &HeaderMap,
    expected: Option<&Version>,
) -> Identity {
    let Some(ExpectVersion::Header(name)) = &settings.expect_version else {
        return Identity::unasked();
    };
    Identity::of(told.get(name.get()).and_then(|value| value.to_str().ok()), expected)
}
