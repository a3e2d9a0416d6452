//! How long requests take.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::question::{Around, Question, Subject};
use crate::error::{Error, Result};
use crate::ports::Probe;

/// How long requests take.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LatencyCheck")]
pub struct Settings {
    /// Where Prometheus is.
    pub prometheus: String,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "latency"
    }

    fn subject(&self) -> Subject {
        Subject::written("prometheus")
    }

    fn connect(&self, _: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Err(Error::invalid("not built yet"))
    }
}
