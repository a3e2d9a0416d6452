//! Asks Prometheus and holds the answer against conditions.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::access::{Access, with_access};
use super::condition::{Condition, Conditions, VariableName};
use super::http::Target;
use super::question::{Around, Question, Subject};
use super::way::Way;
use crate::domain::check::{Measurement, Reach, Timing};
use crate::domain::duration::Span;
use crate::domain::facts::Facts;
use crate::domain::version::Version;
use crate::error::Result;
use crate::ports::Probe;

mod api;
mod ask;
pub mod ready;
mod reduce;
mod template;

pub use reduce::{Nan, NoData, Reduce};
pub use template::{Template, fact, placeholders};

with_access! {
    /// Asks Prometheus, or what speaks its API, and judges what it gives.
    #[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[schemars(rename = "PrometheusCheck")]
    pub struct Settings {
        /// Where it is, such as `http://prometheus:9090`; the API is looked for below it.
        pub url: Target,
        /// The query; `{version}`, `{commit}`, `{image}`, `{service}` and `{environment}` stand inside of quotes for those under test.
        #[serde(default)]
        pub query: Option<Template>,
        /// Several queries, each with the name by which the conditions know its value.
        #[serde(default)]
        pub queries: BTreeMap<VariableName, Template>,
        /// Asks for the values over a time, in place of the one of now.
        #[serde(default)]
        pub range: Option<Range>,
        /// How many series become one answer.
        #[serde(default)]
        pub reduce: Reduce,
        /// What it means that a query gives nothing; `inconclusive` unless given.
        #[serde(default)]
        pub no_data: Option<NoData>,
        /// What NaN means; `inconclusive` unless given, or the condition itself asks `isNaN(…)`.
        #[serde(default)]
        pub nan: Option<Nan>,
        /// A query for how many samples stand behind the answer, such as the requests of the window.
        #[serde(default)]
        pub samples: Option<Template>,
        /// With fewer samples it cannot be told; without `samples`, the points of `range` are counted.
        #[serde(default)]
        #[schemars(range(min = 1))]
        pub min_samples: Option<u64>,
        /// When all is well, such as `result < 0.01`.
        #[serde(default)]
        pub success: Option<Condition>,
        /// When the subject is wrong; it wins over `success`.
        #[serde(default)]
        pub failure: Option<Condition>,
    }
}

/// A stretch of time up to now.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PrometheusRange")]
pub struct Range {
    /// How far back it goes.
    pub window: Span,
    /// The time between two points; a sixtieth of the window, and at least `1s`, unless given.
    #[serde(default)]
    pub step: Option<Span>,
}

impl Range {
    /// Returns the time between two points.
    pub fn step(&self) -> Span {
        let sixtieth = self.window.get() / 60;
        let whole = Duration::from_secs(sixtieth.as_secs()).max(Duration::from_secs(1));
        self.step.unwrap_or_else(|| Span::from(whole))
    }

    fn mistakes(&self) -> Vec<String> {
        let points = self.window.get().as_millis() / self.step().get().as_millis().max(1);
        if self.window.get().is_zero() || self.step().get().is_zero() {
            return vec!["`range` needs times longer than none".to_owned()];
        }
        if points > MOST_POINTS {
            let most = format!("at most {MOST_POINTS} points are given, and these are {points}");
            return vec![format!("{most}; make `range.step` longer")];
        }
        Vec::new()
    }
}

/// Prometheus gives no more of one series.
const MOST_POINTS: u128 = 11_000;

impl Settings {
    /// Returns settings that ask nothing yet.
    pub fn new(url: Target, access: Access) -> Self {
        let Access { bearer, bearer_file, basic, headers, tls } = access;
        Self {
            url,
            query: None,
            queries: BTreeMap::new(),
            range: None,
            reduce: Reduce::default(),
            no_data: None,
            nan: None,
            samples: None,
            min_samples: None,
            success: None,
            failure: None,
            bearer,
            bearer_file,
            basic,
            headers,
            tls,
        }
    }

    fn conditions(&self) -> Conditions {
        Conditions::new(self.success.as_ref(), self.failure.as_ref())
    }

    fn names(&self) -> Vec<&str> {
        match &self.query {
            Some(_) => vec!["result"],
            None => self.queries.keys().map(VariableName::as_str).collect(),
        }
    }
}

/// Asks Prometheus.
#[derive(Debug)]
pub struct PrometheusProbe {
    kind: &'static str,
    settings: Settings,
    conditions: Conditions,
    way: Way,
    facts: Facts,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "prometheus"
    }

    fn reach(&self) -> Reach {
        Reach::Instrument
    }

    fn mistakes(&self) -> Vec<String> {
        let one = self.query.is_some();
        let several = !self.queries.is_empty();
        let each = matches!(self.reduce, Reduce::All | Reduce::Any);
        let counted = self.samples.is_some() || (self.range.is_some() && one);
        let mut mistakes: Vec<String> = [
            (one && several, "`query` and `queries` exclude each other"),
            (!one && !several, "neither `query` nor `queries` is given"),
            (several && each, "`reduce: all` and `reduce: any` go with one `query`"),
            (self.samples.is_some() && self.min_samples.is_none(), "`samples` needs `min_samples`"),
            (
                self.min_samples.is_some() && !counted,
                "`min_samples` needs `samples`: a query that counts them",
            ),
            (self.min_samples == Some(0), "`min_samples` is at least 1"),
        ]
        .into_iter()
        .filter(|(wrong, _)| *wrong)
        .map(|(_, message)| message.to_owned())
        .collect();
        mistakes.extend(self.range.iter().flat_map(Range::mistakes));
        if one != several {
            mistakes.extend(self.conditions().mistakes(&self.names()));
        }
        mistakes.extend(self.access().mistakes());
        mistakes
    }

    fn subject(&self) -> Subject {
        match &self.query {
            Some(_) => Subject::written("query"),
            None => Subject::shown("queries", self.names().join(", ")),
        }
    }

    fn connect(&self, around: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Ok(Arc::new(connect("prometheus", self.clone(), around)?))
    }
}

/// Makes the probe, for the kind that people know it by.
pub fn connect(
    kind: &'static str,
    settings: Settings,
    around: &Around<'_>,
) -> Result<PrometheusProbe> {
    let way = Way::new(&settings.access(), around)?;
    let conditions = settings.conditions();
    Ok(PrometheusProbe { kind, settings, conditions, way, facts: around.facts.clone() })
}

/// Asks for one number; none where the query gives nothing, and an `Err` says why it is not told.
pub async fn number(
    way: &Way,
    url: &url::Url,
    query: &str,
    how: Reduce,
    time: Duration,
) -> std::result::Result<Option<f64>, String> {
    let found = api::ask(way, url, query, None, time).await?;
    Ok(match reduce::reduce(&found.series, how, false, None)? {
        reduce::Reduced::One(number) => Some(number),
        reduce::Reduced::Together(_) | reduce::Reduced::Each(_) | reduce::Reduced::Nothing => None,
    })
}

#[async_trait]
impl Probe for PrometheusProbe {
    fn kind(&self) -> &'static str {
        self.kind
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
            let (url, time) = (&self.settings.url, Span::from(timeout));
            let message = format!("`{url}` gave no answer within `{time}`");
            Measurement::unreached(Reach::Instrument, message)
        };
        answer.unwrap_or_else(late).timed(vec![Timing::new("query", began.elapsed())])
    }
}

#[cfg(test)]
pub(super) mod tests;
