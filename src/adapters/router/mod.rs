//! How traffic is shared between two slots, one file a kind.

pub mod command;
#[cfg(test)]
pub(crate) mod contract;
pub mod haproxy;
mod hold;
pub mod kubernetes;
pub mod nginx;
mod read_back;
pub mod served;
mod surroundings;
mod weights;

pub use surroundings::Surroundings;
