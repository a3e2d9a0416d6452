//! Looks for a process of this machine.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::question::{Around, Question, Subject};
use crate::error::{Error, Result};
use crate::ports::Probe;

mod count;

pub use count::Count;

/// Looks for a process of this machine.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ProcessCheck")]
pub struct Settings {
    /// The program's name.
    pub name: String,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "process"
    }

    fn subject(&self) -> Subject {
        Subject::written("name")
    }

    fn connect(&self, _: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Err(Error::invalid("not built yet"))
    }
}
