//! The share of requests that failed, or went well, by Prometheus.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::access::with_access;
use super::http::Target;
use super::prometheus::ready::{self, Labels, Name, Share};
use super::prometheus::{self, Nan, NoData};
use super::question::{Around, Question as _, Subject};
use crate::domain::duration::Span;
use crate::error::{Error, Result};
use crate::ports::Probe;

with_access! {
    /// Which requests are counted, and how large a share of them may fail.
    #[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[schemars(inline)]
    pub struct Settings {
        /// Where Prometheus is, such as `http://prometheus:9090`.
        pub url: Target,
        /// The greatest share of failed requests, such as `1%` or `0.01`; of good ones the least, such as `99%`.
        pub threshold: Share,
        /// How far back requests are counted; `5m` unless given.
        #[serde(default = "ready::window")]
        pub window: Span,
        /// The counter of requests; `http_requests_total` unless given.
        #[serde(default = "metric")]
        pub metric: Name,
        /// Labels of the requests that count, such as `{job: shop}`; a value may begin with `=~`, `!=` or `!~`, and hold `{version}`.
        #[serde(default)]
        pub labels: Labels,
        /// The matcher of failed requests; `code=~"5.."` unless given.
        #[serde(default = "errors")]
        pub errors: String,
        /// With fewer requests in the window it cannot be told; `20` unless given, and `0` for any number.
        #[serde(default = "ready::min_samples")]
        pub min_samples: u64,
        /// What it means that there is no such counter; `inconclusive` unless given.
        #[serde(default)]
        pub no_data: Option<NoData>,
        /// What it means that there was no request; `inconclusive` unless given.
        #[serde(default)]
        pub nan: Option<Nan>,
    }
}

fn metric() -> Name {
    Name::known("http_requests_total")
}

fn errors() -> String {
    r#"code=~"5..""#.to_owned()
}

impl Settings {
    /// Returns the same question as one to Prometheus, or every mistake in it.
    pub fn asked(&self, side: Side) -> std::result::Result<prometheus::Settings, Vec<String>> {
        let mut mistakes = Vec::new();
        if self.errors.trim().is_empty() {
            mistakes.push("`errors` is empty, so every request would have failed".to_owned());
        }
        if self.window.get().is_zero() {
            mistakes.push("`window` is no time; write `5m`".to_owned());
        }
        let query = ready::template(self.query(side), &mut mistakes);
        let requests = ready::requests(self.metric.as_str(), &self.labels, self.window);
        let samples = ready::template(requests, &mut mistakes);
        let success = ready::limit(side.limit(), self.threshold.get(), &mut mistakes);
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
    pub fn query(&self, side: Side) -> String {
        let (metric, labels) = (self.metric.as_str(), &self.labels);
        let failed = ready::failed_share(metric, labels, &self.errors, self.window);
        match side {
            Side::Failed => failed,
            Side::Good => format!("1 - {failed}"),
        }
    }

    /// Returns every mistake that only the whole shows.
    pub fn mistakes(&self, side: Side) -> Vec<String> {
        self.asked(side).map_or_else(|mistakes| mistakes, |asked| asked.mistakes())
    }

    /// Returns what a check is called after where it has no name.
    pub fn subject(&self) -> Subject {
        Subject::shown("metric", format!("of {}", self.metric))
    }

    /// Makes the probe of a kind.
    pub fn connect(
        &self,
        kind: &'static str,
        side: Side,
        around: &Around<'_>,
    ) -> Result<Arc<dyn Probe>> {
        let asked = self.asked(side).map_err(|mistakes| Error::invalid(mistakes.join("; ")))?;
        Ok(Arc::new(prometheus::connect(kind, asked, around)?))
    }
}

/// Which of the requests are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Those that failed: their share has a limit above.
    Failed,
    /// Those that went well: their share has a limit below.
    Good,
}

impl Side {
    fn limit(self) -> &'static str {
        match self {
            Self::Failed => "<=",
            Self::Good => ">=",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(json: &str) -> Settings {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_query_counts_the_failed_among_all_of_the_window() {
        let plain = settings(r#"{"url": "http://prom:9090", "threshold": "1%"}"#);
        let expected = r#"(sum(increase(http_requests_total{code=~"5.."}[5m])) or vector(0)) / sum(increase(http_requests_total[5m]))"#;
        assert_eq!(plain.query(Side::Failed), expected);
        let asked = plain.asked(Side::Failed).unwrap();
        assert_eq!(asked.samples.unwrap().as_str(), "sum(increase(http_requests_total[5m]))");
        assert_eq!(asked.min_samples, Some(20));
        let asked = settings(
            r#"{"url": "http://prom:9090", "threshold": 0.05, "window": "10m", "metric": "reqs",
                "labels": {"job": "shop", "version": "{version}"}, "errors": "status!~\"2..\"",
                "min_samples": 0}"#,
        );
        let good = asked.asked(Side::Good).unwrap();
        assert_eq!(good.success.unwrap().as_str(), "result >= 0.05");
        assert!(good.query.unwrap().as_str().starts_with("1 - (sum("));
        let asked = asked.asked(Side::Failed).unwrap();
        let query = asked.query.unwrap();
        assert!(query.as_str().contains(
            r#"(sum(increase(reqs{job="shop",version="{version}",status!~"2.."}[10m])) or vector(0)) / sum(increase(reqs{job="shop",version="{version}"}[10m]))"#
        ), "{query}");
        assert_eq!((asked.samples, asked.min_samples), (None, None));
        assert_eq!(asked.success.unwrap().as_str(), "result <= 0.05");
    }

    #[test]
    fn mistakes_are_found_before_anything_is_asked() {
        for (json, why) in [
            (r#""errors": " ""#, "`errors` is empty"),
            (r#""window": "0s""#, "`window` is no time"),
            (r#""errors": "code={version}""#, "must stand inside of quotes"),
            (r#""bearer": "a", "basic": {"user": "b"}"#, "exclude each other"),
        ] {
            let json = format!(r#"{{"url": "http://p", "threshold": 0.1, {json}}}"#);
            let mistakes = settings(&json).mistakes(Side::Failed);
            assert!(mistakes.iter().any(|mistake| mistake.contains(why)), "{json}: {mistakes:?}");
        }
    }
}
