//! An outcome, told: in text, in JSON, to a workflow.

pub mod json;
pub mod palette;
pub mod table;
pub mod text;
pub mod timeline;
pub mod words;
pub mod workflow;

#[cfg(test)]
mod samples;
