//! How traffic is shared between two slots, one file a kind.

pub mod command;
pub mod haproxy;
pub mod kubernetes;
pub mod nginx;
pub mod served;
mod surroundings;

pub use surroundings::Surroundings;
