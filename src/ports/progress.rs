//! Who watches a command at work.

use crate::domain::check::{Check, Measurement};
use crate::domain::gate::CheckResult;
use crate::domain::slots::Slot;

/// Who watches a command at work.
pub trait Progress: Send + Sync {
    /// Tells one thing that was done or is being waited for.
    fn tell(&self, line: &str);

    /// Shows how the checks of a gate go on, to who looks at a terminal.
    fn glimpse(&self, _: &Glimpse<'_>) {}
}

/// How a gate, or a move of traffic, goes on.
#[derive(Debug, Clone, Copy)]
pub enum Glimpse<'a> {
    /// It has looked once more.
    Looked {
        /// The check.
        check: &'a Check,
        /// What it found.
        measurement: &'a Measurement,
        /// How many looks there were so far.
        looks: u32,
    },
    /// It is over.
    Ended(&'a CheckResult),
    /// A share of the traffic is moved to a slot.
    Stage {
        /// The slot.
        slot: &'a Slot,
        /// Its share, in percent.
        percent: u8,
    },
}
