//! Identities drawn once, and line ids in the order of writing.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ulid::Ulid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Ulid);

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(out)
            }
        }

        impl std::str::FromStr for $name {
            type Err = ulid::DecodeError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ulid::from_string(text).map(Self)
            }
        }
    };
}

id!(
    /// A line's place in the order of writing.
    LineId
);
id!(
    /// One event, over all attempts to write it.
    EventId
);
id!(
    /// One operation, in all its events.
    OperationId
);
id!(
    /// One process.
    RunId
);

/// Ids later than this (the year 2527) are no ids of ours: nothing could come after them.
const LATEST_MS: u64 = 1 << 44;

impl LineId {
    /// Returns an id greater than `newest`: the later of the clock and the newest read, plus 1 ms.
    pub fn after(newest: Option<Self>, now: Timestamp, random: u128) -> Self {
        let clock = u64::try_from(now.as_millisecond()).unwrap_or(0);
        let read = newest.map_or(0, |id| id.0.timestamp_ms() + 1);
        Self(Ulid::from_parts(clock.max(read), random))
    }

    /// Returns the id's time: the writer's clock, or later where newer lines were read.
    pub fn time(self) -> Timestamp {
        let ms = i64::try_from(self.0.timestamp_ms()).unwrap_or(i64::MAX);
        Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
    }

    /// Returns whether a writer can still write after this id.
    pub fn is_plausible(self) -> bool {
        self.0.timestamp_ms() < LATEST_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_writer_whose_clock_is_behind_still_writes_later_lines() {
        let ahead = LineId(Ulid::from_parts(10_000, u128::MAX));
        let now = Timestamp::from_millisecond(5).unwrap();
        assert!(LineId::after(Some(ahead), now, 0) > ahead);
    }

    #[test]
    fn a_clock_that_is_ahead_is_used_as_it_is() {
        let now = Timestamp::from_millisecond(7_000).unwrap();
        assert_eq!(LineId::after(None, now, 0).0.timestamp_ms(), 7_000);
    }

    #[test]
    fn an_id_is_plausible_up_to_a_time_after_which_none_could_come() {
        let at = |ms| LineId(Ulid::from_parts(ms, 0));
        let told = [0, LATEST_MS - 1, LATEST_MS, LATEST_MS + 1].map(|ms| at(ms).is_plausible());
        assert_eq!(told, [true, true, false, false]);
    }
}
