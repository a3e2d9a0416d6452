//! Asks a service over gRPC's health protocol.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::question::{Around, Question, Subject};
use crate::error::{Error, Result};
use crate::ports::Probe;

/// Asks over the health protocol of gRPC.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "GrpcCheck")]
pub struct Settings {
    /// The host and port.
    pub address: String,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "grpc"
    }

    fn subject(&self) -> Subject {
        Subject::written("address")
    }

    fn connect(&self, _: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Err(Error::invalid("not built yet"))
    }
}
