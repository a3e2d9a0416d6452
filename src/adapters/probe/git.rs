//! Asks a git repository where a ref points.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::question::{Around, Question, Subject};
use crate::error::{Error, Result};
use crate::ports::Probe;

/// Asks a repository where a ref points.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "GitCheck")]
pub struct Settings {
    /// The repository.
    pub remote: String,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "git"
    }

    fn subject(&self) -> Subject {
        Subject::written("remote")
    }

    fn connect(&self, _: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Err(Error::invalid("not built yet"))
    }
}
