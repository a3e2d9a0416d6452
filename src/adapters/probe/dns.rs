//! Asks a name server and judges its answer.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::question::{Around, Question, Subject};
use crate::error::{Error, Result};
use crate::ports::Probe;

/// Asks a name server.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DnsCheck")]
pub struct Settings {
    /// The name to ask for.
    pub name: String,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "dns"
    }

    fn subject(&self) -> Subject {
        Subject::written("name")
    }

    fn connect(&self, _: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Err(Error::invalid("not built yet"))
    }
}
