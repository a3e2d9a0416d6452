//! Judges the share of failed requests, by Prometheus.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::question::{Around, Question, Subject};
use super::share::{self, Side};
use crate::domain::check::Reach;
use crate::error::Result;
use crate::ports::Probe;

/// Judges the share of failed requests, by Prometheus.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Settings(share::Settings);

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "error_rate"
    }

    fn reach(&self) -> Reach {
        Reach::Instrument
    }

    fn mistakes(&self) -> Vec<String> {
        self.0.mistakes(Side::Failed)
    }

    fn subject(&self) -> Subject {
        self.0.subject()
    }

    fn connect(&self, around: &Around<'_>) -> Result<Arc<dyn Probe>> {
        self.0.connect("error_rate", Side::Failed, around)
    }
}
