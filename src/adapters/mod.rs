//! What touches the outside, one folder a port.

pub mod secret;
