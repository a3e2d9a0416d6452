//! Asks Prometheus and holds the answer against conditions.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::question::{Around, Question, Subject};
use crate::error::{Error, Result};
use crate::ports::Probe;

/// Asks Prometheus.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PrometheusCheck")]
pub struct Settings {
    /// The query.
    pub query: String,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "prometheus"
    }

    fn subject(&self) -> Subject {
        Subject::written("query")
    }

    fn connect(&self, _: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Err(Error::invalid("not built yet"))
    }
}
