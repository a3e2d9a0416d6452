//! Asks a server for its certificate and judges it.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::question::{Around, Question, Subject};
use crate::error::{Error, Result};
use crate::ports::Probe;

/// Asks a server for its certificate.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TlsCheck")]
pub struct Settings {
    /// The host and port.
    pub address: String,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "tls"
    }

    fn subject(&self) -> Subject {
        Subject::written("address")
    }

    fn connect(&self, _: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Err(Error::invalid("not built yet"))
    }
}
