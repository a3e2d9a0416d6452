//! An outcome, told: in text, in JSON, to a workflow.

pub mod json;
mod junit;
pub mod palette;
mod sparkline;
pub mod table;
pub mod text;
pub mod timeline;
pub mod words;
pub mod workflow;

pub use junit::junit;

#[cfg(test)]
mod samples;
