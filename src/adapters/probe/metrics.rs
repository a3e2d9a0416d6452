//! Judges numbers of any source.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures_util::future::join_all;
use schemars::JsonSchema;
use serde::Deserialize;

use super::condition::{self, Condition, Conditions, Value, VariableName};
use super::json_path::JsonPath;
use super::question::{Around, Question, Subject};
use crate::domain::check::{Measurement, Reach, Timing};
use crate::domain::duration::Span;
use crate::domain::facts::Facts;
use crate::domain::version::Version;
use crate::error::Result;
use crate::ports::Probe;

mod source;
mod take;

pub use source::{CommandSource, HttpSource, PrometheusSource, Source, Verb};

use take::{Missing, Tap};

/// The name of the value where there is only one.
const RESULT: &str = "result";

/// Judges a number, a text or a document of any source, or several.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MetricsCheck")]
pub struct Settings {
    /// An answer over HTTP, in JSON or plain.
    #[serde(default)]
    pub http: Option<HttpSource>,
    /// What a command writes, in JSON or plain.
    #[serde(default)]
    pub command: Option<CommandSource>,
    /// A query of Prometheus.
    #[serde(default)]
    pub prometheus: Option<PrometheusSource>,
    /// The way to the value in JSON, such as `.data.rate`; the whole unless given.
    #[serde(default)]
    pub json: Option<JsonPath>,
    /// Several sources, each with the name by which the conditions know its value.
    #[serde(default)]
    pub queries: BTreeMap<VariableName, Source>,
    /// When all is well, such as `result < 0.01` or `errors / total < 0.01`.
    #[serde(default)]
    pub success: Option<Condition>,
    /// When the subject is wrong; it wins over `success`.
    #[serde(default)]
    pub failure: Option<Condition>,
}

impl Settings {
    fn conditions(&self) -> Conditions {
        Conditions::new(self.success.as_ref(), self.failure.as_ref())
    }

    fn only(&self) -> Source {
        let Self { http, command, prometheus, json, .. } = self.clone();
        Source { http, command, prometheus, json }
    }

    fn has_only(&self) -> bool {
        self.http.is_some() || self.command.is_some() || self.prometheus.is_some()
    }

    /// Returns every source with the name of its value.
    fn sources(&self) -> Vec<(String, Source)> {
        let one = self.has_only().then(|| (RESULT.to_owned(), self.only()));
        let several = self.queries.iter().map(|(name, source)| (name.to_string(), source.clone()));
        one.into_iter().chain(several).collect()
    }
}

/// Judges numbers of any source.
#[derive(Debug)]
pub struct MetricsProbe {
    taps: Vec<(String, Tap)>,
    conditions: Conditions,
    facts: Facts,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "metrics"
    }

    fn reach(&self) -> Reach {
        Reach::Instrument
    }

    fn mistakes(&self) -> Vec<String> {
        let sources = self.sources();
        let names: Vec<&str> = sources.iter().map(|(name, _)| name.as_str()).collect();
        let mut mistakes = Vec::new();
        if names.is_empty() {
            let none = "nothing is asked: there is no `http`, `command`, `prometheus` or `queries`";
            mistakes.push(none.to_owned());
        } else {
            mistakes.extend(self.conditions().mistakes(&names));
        }
        if self.has_only() && !self.queries.is_empty() {
            mistakes.push("`queries` and a source beside it exclude each other".to_owned());
        }
        if self.json.is_some() && !self.queries.is_empty() {
            mistakes.push("`json` belongs to each of the `queries`".to_owned());
        }
        mistakes.extend(sources.iter().flat_map(|(_, source)| source.mistakes()));
        mistakes
    }

    fn subject(&self) -> Subject {
        match (&self.http, &self.command, &self.prometheus) {
            (Some(asked), ..) => Subject::shown("http", asked.url.to_string()),
            (_, Some(asked), _) => Subject::shown("command", asked.run.program()),
            (.., Some(asked)) => Subject::shown("prometheus", asked.query.as_str()),
            (None, None, None) => {
                let names: Vec<_> = self.queries.keys().map(VariableName::as_str).collect();
                Subject::shown("queries", names.join(", "))
            }
        }
    }

    fn connect(&self, around: &Around<'_>) -> Result<Arc<dyn Probe>> {
        let connect = |(name, source): (String, Source)| Ok((name, Tap::new(&source, around)?));
        let taps = self.sources().into_iter().map(connect).collect::<Result<_>>()?;
        let (conditions, facts) = (self.conditions(), around.facts.clone());
        Ok(Arc::new(MetricsProbe { taps, conditions, facts }))
    }
}

#[async_trait]
impl Probe for MetricsProbe {
    fn kind(&self) -> &'static str {
        "metrics"
    }

    fn reach(&self) -> Reach {
        Reach::Instrument
    }

    async fn measure(&self, expected: Option<&Version>, timeout: Duration) -> Measurement {
        let began = Instant::now();
        let facts = match expected {
            Some(version) => self.facts.clone().version(version),
            None => self.facts.clone(),
        };
        let answer = tokio::time::timeout(timeout, self.answer(&facts, timeout)).await;
        let late = |_| {
            let message = format!("no value came within `{}`", Span::from(timeout));
            Measurement::unreached(Reach::Instrument, message)
        };
        answer.unwrap_or_else(late).timed(vec![Timing::new("query", began.elapsed())])
    }
}

impl MetricsProbe {
    async fn answer(&self, facts: &Facts, time: Duration) -> Measurement {
        let taken = self.taps.iter().map(|(_, tap)| tap.take(facts, time));
        let mut values = Vec::new();
        for ((name, _), taken) in self.taps.iter().zip(join_all(taken).await) {
            let told = |why: String| if name == RESULT { why } else { format!("`{name}`: {why}") };
            match taken {
                Ok(value) => values.push((name.clone(), value)),
                Err(Missing::NoData(why)) => return Measurement::inconclusive(told(why)),
                Err(Missing::Broken(why)) => return Measurement::error(told(why)),
            }
        }
        let number = match values.as_slice() {
            [(name, Value::Float(number))] if name == RESULT => Some(*number),
            _ => None,
        };
        self.conditions.judge(&values, time).await.measurement(&told(&values), number)
    }
}

/// Says the values as people read them, each by its name where there are several.
fn told(values: &[(String, Value)]) -> String {
    let said = values.iter().map(|(name, value)| match values.len() {
        1 => condition::brief(value),
        _ => format!("{name} {}", condition::brief(value)),
    });
    said.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
