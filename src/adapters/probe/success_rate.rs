//! The share of requests that went well.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::question::{Around, Question, Subject};
use crate::error::{Error, Result};
use crate::ports::Probe;

/// The share of requests that went well.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SuccessRateCheck")]
pub struct Settings {
    /// Where Prometheus is.
    pub prometheus: String,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "success_rate"
    }

    fn subject(&self) -> Subject {
        Subject::written("prometheus")
    }

    fn connect(&self, _: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Err(Error::invalid("not built yet"))
    }
}
