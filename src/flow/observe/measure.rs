//! One measurement that always ends.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;

use crate::domain::check::Measurement;
use crate::domain::duration::Span;
use crate::domain::version::Version;
use crate::ports::{BoundCheck, Clock};

/// A probe ends by itself when its time is over, and says more than we could: it gets a moment.
const GRACE: Duration = Duration::from_millis(500);

/// Measures once; a probe that hangs is left behind, and one that panics is a broken instrument.
pub(super) async fn measure(
    clock: &dyn Clock,
    bound: &BoundCheck,
    expected: Option<&Version>,
    within: Duration,
) -> Measurement {
    let look = async { bound.probe.measure(expected, within).await };
    let look = AssertUnwindSafe(look).catch_unwind();
    tokio::select! {
        biased;
        seen = look => seen.unwrap_or_else(|_| broken(bound)),
        () = clock.sleep(within.saturating_add(GRACE)) => {
            let message = format!("no answer within `{}`", Span::from(within));
            Measurement::unreached(bound.probe.reach(), message)
        }
    }
}

fn broken(bound: &BoundCheck) -> Measurement {
    let kind = bound.probe.kind();
    Measurement::error(format!("the `{kind}` probe broke down; this is a mistake in lastgood"))
}
