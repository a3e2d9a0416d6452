//! Asks systemd how a unit is.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::question::{Around, Question, Subject};
use crate::error::{Error, Result};
use crate::ports::Probe;

/// Asks systemd how a unit is.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ServiceCheck")]
pub struct Settings {
    /// The unit.
    pub unit: String,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "service"
    }

    fn subject(&self) -> Subject {
        Subject::written("unit")
    }

    fn connect(&self, _: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Err(Error::invalid("not built yet"))
    }
}
