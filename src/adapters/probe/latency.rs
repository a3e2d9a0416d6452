//! Judges how long requests take, by Prometheus.

use std::borrow::Cow;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::access::with_access;
use super::http::Target;
use super::prometheus::ready::{self, Labels, Name};
use super::prometheus::{self, Nan, NoData};
use super::question::{Around, Question, Subject};
use crate::domain::check::Reach;
use crate::domain::duration::Span;
use crate::error::{Error, Result};
use crate::ports::Probe;

with_access! {
    /// Judges how long requests take, by a histogram in Prometheus.
    #[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[schemars(rename = "LatencyCheck")]
    pub struct Settings {
        /// Where Prometheus is, such as `http://prometheus:9090`.
        pub url: Target,
        /// The longest that requests may take, such as `300ms`.
        pub threshold: Span,
        /// The percentage of requests that must be as quick; `95` unless given.
        #[serde(default)]
        pub percentile: Percentile,
        /// How far back requests are counted; `5m` unless given.
        #[serde(default = "ready::window")]
        pub window: Span,
        /// The histogram, without `_bucket`; `http_request_duration_seconds` unless given.
        #[serde(default = "metric")]
        pub metric: Name,
        /// What the histogram counts in; `seconds` unless given.
        #[serde(default)]
        pub unit: Unit,
        /// Labels of the requests that count, such as `{job: shop}`; a value may begin with `=~`, `!=` or `!~`, and hold `{version}`.
        #[serde(default)]
        pub labels: Labels,
        /// With fewer requests in the window it cannot be told; `20` unless given, and `0` for any number.
        #[serde(default = "ready::min_samples")]
        pub min_samples: u64,
        /// What it means that there is no such histogram; `inconclusive` unless given.
        #[serde(default)]
        pub no_data: Option<NoData>,
        /// What it means that there was no request; `inconclusive` unless given.
        #[serde(default)]
        pub nan: Option<Nan>,
    }
}

fn metric() -> Name {
    Name::known("http_request_duration_seconds")
}

/// What a histogram counts in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Unit {
    /// Seconds.
    #[default]
    Seconds,
    /// Milliseconds.
    Milliseconds,
}

/// A percentage above 0 and below 100.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "f64")]
pub struct Percentile(f64);

impl Default for Percentile {
    fn default() -> Self {
        Self(95.0)
    }
}

impl TryFrom<f64> for Percentile {
    type Error = String;

    fn try_from(percent: f64) -> std::result::Result<Self, String> {
        if percent > 0.0 && percent < 100.0 {
            return Ok(Self(percent));
        }
        Err(format!("`{percent}` is no percentile; write it like `95` or `99.9`"))
    }
}

impl JsonSchema for Percentile {
    fn schema_name() -> Cow<'static, str> {
        "Percentile".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 100 })
    }
}

impl Settings {
    /// Returns the same question as one to Prometheus, or every mistake in it.
    pub fn asked(&self) -> std::result::Result<prometheus::Settings, Vec<String>> {
        let mut mistakes = Vec::new();
        if self.window.get().is_zero() {
            mistakes.push("`window` is no time; write `5m`".to_owned());
        }
        let query = ready::template(self.query(), &mut mistakes);
        let count = format!("{}_count", self.base());
        let requests = ready::requests(&count, &self.labels, self.window);
        let samples = ready::template(requests, &mut mistakes);
        let seconds = self.threshold.get().as_secs_f64();
        let threshold = match self.unit {
            Unit::Seconds => seconds,
            Unit::Milliseconds => seconds * 1000.0,
        };
        let success = ready::limit("<=", threshold, &mut mistakes);
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        Ok(prometheus::Settings {
            query,
            samples: samples.filter(|_| self.min_samples > 0),
            min_samples: Some(self.min_samples).filter(|least| *least > 0),
            no_data: self.no_data,
            nan: self.nan,
            success,
            ..prometheus::Settings::new(self.url.clone(), self.access())
        })
    }

    /// Returns the query that is asked.
    pub fn query(&self) -> String {
        let buckets = format!("{}_bucket", self.base());
        let matchers = ready::matchers(&self.labels, "");
        let buckets = ready::selector(&buckets, &matchers, self.window);
        // Rounded: 99.9 / 100 is no decimal number of few digits.
        let quantile = (self.percentile.0 * 1e7).round() / 1e9;
        format!("histogram_quantile({quantile}, sum by (le) (rate({buckets})))")
    }

    fn base(&self) -> &str {
        let metric = self.metric.as_str();
        metric.strip_suffix("_bucket").unwrap_or(metric)
    }
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "latency"
    }

    fn reach(&self) -> Reach {
        Reach::Instrument
    }

    fn mistakes(&self) -> Vec<String> {
        self.asked().map_or_else(|mistakes| mistakes, |asked| asked.mistakes())
    }

    fn subject(&self) -> Subject {
        Subject::shown("metric", format!("of {}", self.metric))
    }

    fn connect(&self, around: &Around<'_>) -> Result<Arc<dyn Probe>> {
        let asked = self.asked().map_err(|mistakes| Error::invalid(mistakes.join("; ")))?;
        Ok(Arc::new(prometheus::connect("latency", asked, around)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(json: &str) -> Settings {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_query_takes_the_quantile_of_all_instances_together() {
        let plain = settings(r#"{"url": "http://prom:9090", "threshold": "300ms"}"#);
        let buckets = "http_request_duration_seconds_bucket[5m]";
        assert_eq!(
            plain.query(),
            format!("histogram_quantile(0.95, sum by (le) (rate({buckets})))")
        );
        let asked = plain.asked().unwrap();
        assert_eq!(asked.success.unwrap().as_str(), "result <= 0.3");
        let samples = "sum(increase(http_request_duration_seconds_count[5m]))";
        assert_eq!(asked.samples.unwrap().as_str(), samples);
        let other = settings(
            r#"{"url": "http://prom:9090", "threshold": "1s", "percentile": 99.9, "unit": "milliseconds",
                "metric": "took_ms_bucket", "labels": {"job": "=~shop-.*"}, "window": "1h"}"#,
        );
        assert_eq!(
            other.query(),
            r#"histogram_quantile(0.999, sum by (le) (rate(took_ms_bucket{job=~"shop-.*"}[1h])))"#
        );
        assert_eq!(other.asked().unwrap().success.unwrap().as_str(), "result <= 1000");
    }

    #[test]
    fn a_percentile_lies_between_none_and_all() {
        for good in ["50", "99.99"] {
            assert!(serde_json::from_str::<Percentile>(good).is_ok(), "{good}");
        }
        for bad in ["0", "100", "-1", "101", "\"p95\""] {
            assert!(serde_json::from_str::<Percentile>(bad).is_err(), "{bad}");
        }
    }
}
