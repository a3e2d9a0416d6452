//! Where a number comes from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::access::with_access;
use super::super::http::Target;
use super::super::json_path::JsonPath;
use super::super::prometheus::{Reduce, Template};
use crate::adapters::secret::Secret;
use crate::domain::argv::Argv;

/// Where one named value comes from: exactly one of `http`, `command` and `prometheus`.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MetricSource")]
#[schemars(extend("oneOf" = [
    {"required": ["http"]}, {"required": ["command"]}, {"required": ["prometheus"]}
]))]
pub struct Source {
    /// An answer over HTTP, in JSON or plain.
    #[serde(default)]
    pub http: Option<HttpSource>,
    /// What a command writes, in JSON or plain.
    #[serde(default)]
    pub command: Option<CommandSource>,
    /// A query of Prometheus.
    #[serde(default)]
    pub prometheus: Option<PrometheusSource>,
    /// The way to the value in JSON; the whole unless given.
    #[serde(default)]
    pub json: Option<JsonPath>,
}

with_access! {
    /// An answer over HTTP whose status is of class 2xx.
    #[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    pub struct HttpSource {
        /// The address; `{version}`, `{commit}`, `{image}`, `{service}` and `{environment}` in its path or query stand for those under test.
        pub url: Target,
        /// The method; `GET` unless given.
        #[serde(default)]
        pub method: Verb,
        /// A body to send.
        #[serde(default)]
        pub body: Option<String>,
    }
}

/// A method that asks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(inline)]
pub enum Verb {
    /// Asks.
    #[default]
    Get,
    /// Asks with a body.
    Post,
}

/// A command that ends with exit code 0; what it writes to its standard output is the value.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandSource {
    /// The program and its arguments.
    pub run: Argv,
    /// Environment variables for it; their values are never shown.
    #[serde(default)]
    pub env: BTreeMap<String, Secret>,
    /// The folder it runs in, relative to the configuration's.
    #[serde(default)]
    pub folder: Option<PathBuf>,
}

with_access! {
    /// A query of Prometheus that gives one number.
    #[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    pub struct PrometheusSource {
        /// Where it is.
        pub url: Target,
        /// The query.
        pub query: Template,
        /// How many series become one number: `single`, `max` or `min`.
        #[serde(default)]
        pub reduce: Reduce,
    }
}

impl Source {
    /// Returns every mistake that only the whole shows.
    pub fn mistakes(&self) -> Vec<String> {
        let kinds = [self.http.is_some(), self.command.is_some(), self.prometheus.is_some()];
        let count = kinds.into_iter().filter(|is_there| *is_there).count();
        let mut mistakes = Vec::new();
        if count != 1 {
            mistakes
                .push("a value comes from one of `http`, `command` and `prometheus`".to_owned());
        }
        if let Some(asked) = &self.prometheus {
            if self.json.is_some() {
                mistakes.push("`json` does not go with `prometheus`: it gives a number".to_owned());
            }
            if matches!(asked.reduce, Reduce::All | Reduce::Any | Reduce::List) {
                mistakes.push("`reduce` is `single`, `max` or `min` here".to_owned());
            }
            mistakes.extend(asked.access().mistakes());
        }
        mistakes.extend(self.http.iter().flat_map(|asked| asked.access().mistakes()));
        mistakes
    }
}
