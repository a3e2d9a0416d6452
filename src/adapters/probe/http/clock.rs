//! How long the parts of a question over HTTP took.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::domain::check::Timing;

/// The parts in the order of time.
const PARTS: [&str; 5] = ["resolve", "connect", "tls", "processing", "transfer"];

/// How long each part took so far, over all redirects.
#[derive(Debug, Default)]
pub(super) struct Clock(Mutex<Vec<Timing>>);

impl Clock {
    /// Adds the time since a moment to a part.
    pub(super) fn since(&self, part: &'static str, began: Instant) {
        self.add(Timing::new(part, began.elapsed()));
    }

    /// Adds a time to its part.
    pub(super) fn add(&self, time: Timing) {
        let mut times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match times.iter_mut().find(|one| one.name == time.name) {
            Some(one) => one.ms += time.ms,
            None => times.push(time),
        }
    }

    /// Returns how long each part took that there was.
    pub(super) fn timings(&self) -> Vec<Timing> {
        let times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        PARTS
            .iter()
            .filter_map(|part| times.iter().find(|one| one.name == *part).copied())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_several_hops_are_added_up_and_stand_in_order() {
        let clock = Clock::default();
        for (part, ms) in [("transfer", 1), ("connect", 2), ("connect", 3)] {
            clock.add(Timing::new(part, std::time::Duration::from_millis(ms)));
        }
        let [connect, transfer] = clock.timings().try_into().unwrap();
        assert_eq!((connect.name, transfer.name), ("connect", "transfer"));
        assert!((connect.ms - 5.0).abs() < 0.001);
    }
}
