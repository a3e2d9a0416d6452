//! How a running service is looked at, one file a kind.

pub mod command;
pub mod http;
pub mod identity;
pub mod json_path;
pub mod pattern;
pub mod tcp;
