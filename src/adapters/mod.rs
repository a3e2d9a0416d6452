//! What touches the outside, one folder a port.

pub mod process;
pub mod secret;
