//! Records deployments, verifies them, and goes back to the last good one.
//!
//! The folder list is the architecture; `docs/architecture.md` says who may import whom.

pub mod adapters;
pub mod blue_green;
pub mod cli;
pub mod config;
pub mod domain;
pub mod error;
pub mod flow;
pub mod ports;
pub mod report;
pub mod rollback;
pub mod wire;

/// Runs the examples of the page about the library.
#[cfg(doctest)]
#[doc = include_str!("../docs/library.md")]
struct LibraryPage;
