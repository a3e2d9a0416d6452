//! Looks at a file.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::question::{Around, Question, Subject};
use crate::error::{Error, Result};
use crate::ports::Probe;

/// Looks at a file.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "FileCheck")]
pub struct Settings {
    /// The file, relative to the configuration's folder.
    pub path: String,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "file"
    }

    fn subject(&self) -> Subject {
        Subject::written("path")
    }

    fn connect(&self, _: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Err(Error::invalid("not built yet"))
    }
}
