//! Asks Kubernetes how a rollout is.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::question::{Around, Question, Subject};
use crate::error::{Error, Result};
use crate::ports::Probe;

/// Asks Kubernetes how a rollout is.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "KubernetesCheck")]
pub struct Settings {
    /// What is asked for, such as `deployment/shop`.
    pub resource: String,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "kubernetes"
    }

    fn subject(&self) -> Subject {
        Subject::written("resource")
    }

    fn connect(&self, _: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Err(Error::invalid("not built yet"))
    }
}
