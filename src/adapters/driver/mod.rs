//! How a service is brought to a version, one file a kind.

pub mod command;
pub mod compose;
#[cfg(test)]
pub(crate) mod contract;
pub mod helm;
pub mod kubernetes;
mod output;
mod surroundings;
pub mod systemd;

pub use output::Sink;
pub use surroundings::Surroundings;
