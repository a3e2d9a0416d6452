//! A check as it is written.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Phase;
use crate::adapters::probe::{command, http, tcp};
use crate::domain::duration::Span;

/// One question: exactly one of `http`, `tcp` and `command`, and how often it is put.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    {"required": ["http"]}, {"required": ["tcp"]}, {"required": ["command"]}
]))]
pub struct Check {
    /// Its name, unique in the environment; without one it is called after its question.
    #[serde(default)]
    pub name: Option<String>,
    /// When it asks.
    #[serde(default)]
    pub phase: Phase,
    /// Whether it is shown and never counts.
    #[serde(default)]
    pub advisory: bool,
    /// Settle: the time to become healthy; `2m` unless given.
    #[serde(default)]
    pub deadline: Option<Span>,
    /// Settle: passes in a row that are health; `3` unless given.
    #[serde(default)]
    pub success_streak: Option<u32>,
    /// Watch: measurements to take.
    #[serde(default)]
    pub count: Option<u32>,
    /// Watch: fails tolerated in all; `0` unless given.
    #[serde(default)]
    pub failure_limit: Option<u32>,
    /// Watch: so many fails in a row end it; off unless given.
    #[serde(default)]
    pub failure_streak: Option<u32>,
    /// Watch: inconclusive measurements tolerated in all; `0` unless given.
    #[serde(default)]
    pub inconclusive_limit: Option<u32>,
    /// Errors of the instrument tolerated in a row; `4` unless given.
    #[serde(default)]
    pub error_limit: Option<u32>,
    /// The wait after an error; `10s` unless given.
    #[serde(default)]
    pub error_retry: Option<Span>,
    /// The wait before the first measurement; none unless given.
    #[serde(default)]
    pub initial_delay: Option<Span>,
    /// The wait between measurements; unless given, `2s` while settling (less where `deadline` is short) and `10s` while watching.
    #[serde(default)]
    pub interval: Option<Span>,
    /// The time one measurement may take; `5s` unless given.
    #[serde(default)]
    pub timeout: Option<Span>,
    /// Asks over HTTP.
    #[serde(default)]
    pub http: Option<Box<http::Settings>>,
    /// Connects to a port.
    #[serde(default)]
    pub tcp: Option<tcp::Settings>,
    /// Runs a command.
    #[serde(default)]
    pub command: Option<command::Settings>,
}

/// A probe of something that is always there: exactly one of `http`, `tcp` and `command`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    {"required": ["http"]}, {"required": ["tcp"]}, {"required": ["command"]}
]))]
pub struct Control {
    /// The time the measurement may take; `5s` unless given.
    #[serde(default)]
    pub timeout: Option<Span>,
    /// Asks over HTTP.
    #[serde(default)]
    pub http: Option<Box<http::Settings>>,
    /// Connects to a port.
    #[serde(default)]
    pub tcp: Option<tcp::Settings>,
    /// Runs a command.
    #[serde(default)]
    pub command: Option<command::Settings>,
}
