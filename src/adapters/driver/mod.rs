//! How a service is brought to a version, one file a kind.

pub mod command;
