//! Asks a database.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::question::{Around, Question, Subject};
use crate::error::{Error, Result};
use crate::ports::Probe;

/// Asks a database.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DatabaseCheck")]
pub struct Settings {
    /// Where it is.
    pub url: String,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "database"
    }

    fn subject(&self) -> Subject {
        Subject::written("url")
    }

    fn connect(&self, _: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Err(Error::invalid("not built yet"))
    }
}
