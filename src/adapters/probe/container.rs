//! Asks Docker how a container is.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::question::{Around, Question, Subject};
use crate::error::{Error, Result};
use crate::ports::Probe;

/// Asks Docker how a container is.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ContainerCheck")]
pub struct Settings {
    /// The container.
    pub name: String,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "container"
    }

    fn subject(&self) -> Subject {
        Subject::written("name")
    }

    fn connect(&self, _: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Err(Error::invalid("not built yet"))
    }
}
