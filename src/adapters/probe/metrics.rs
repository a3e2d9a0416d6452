//! Asks any source of numbers and holds them against conditions.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::question::{Around, Question, Subject};
use crate::error::{Error, Result};
use crate::ports::Probe;

/// Asks a source of numbers.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MetricsCheck")]
pub struct Settings {
    /// What must hold.
    pub success: String,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "metrics"
    }

    fn subject(&self) -> Subject {
        Subject::written("success")
    }

    fn connect(&self, _: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Err(Error::invalid("not built yet"))
    }
}
