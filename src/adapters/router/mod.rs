//! How traffic is shared between two slots, one file a kind.

pub mod command;
pub mod haproxy;
pub mod kubernetes;
pub mod nginx;
mod surroundings;

pub use surroundings::Surroundings;
