//! What touches the outside, one folder a port.

pub mod clock;
pub mod decider;
pub mod docker;
pub mod driver;
pub mod forge;
pub mod git;
pub mod github;
pub mod http;
pub mod kubernetes;
pub mod lineage;
pub mod outbox;
pub mod probe;
pub mod process;
pub mod router;
pub mod secret;
pub mod tls;

#[cfg(test)]
pub(crate) mod testbed;
