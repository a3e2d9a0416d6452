//! One measurement: the queries, what they come to, and the judgement.

use std::time::Duration;

use futures_util::future::join_all;

use super::api::{self, Found};
use super::reduce::{self, NoData, Reduce, Reduced};
use super::{PrometheusProbe, Template};
use crate::adapters::probe::condition::{Value, shown};
use crate::domain::check::{Answered, Measurement};
use crate::domain::facts::Facts;
use crate::domain::text;

/// An answer, or the measurement that its absence is.
type Or<T> = Result<T, Box<Measurement>>;

impl PrometheusProbe {
    /// Asks everything, and judges it.
    pub(super) async fn answer(&self, facts: &Facts, time: Duration) -> Measurement {
        let mut warnings = Vec::new();
        let measured = match &self.settings.query {
            Some(query) => self.of_one(query, facts, time, &mut warnings).await,
            None => self.of_several(facts, time, &mut warnings).await,
        };
        let measurement = measured.unwrap_or_else(|instead| *instead);
        match warnings.first() {
            None => measurement,
            Some(warning) => {
                let message = format!("{} (Prometheus warns: {warning})", measurement.message);
                Measurement { message: text::message(&message), ..measurement }
            }
        }
    }

    async fn of_one(
        &self,
        query: &Template,
        facts: &Facts,
        time: Duration,
        warnings: &mut Vec<String>,
    ) -> Or<Measurement> {
        let found = self.found(query, facts, time, warnings).await?;
        let reduced = self.reduced(&found, "the query")?;
        let (nan, conditions) = (self.settings.nan, &self.conditions);
        match &reduced {
            Reduced::Nothing => return Err(Box::new(self.no_data("the query"))),
            Reduced::One(value) if value.is_nan() && nan.is_some() => {}
            Reduced::One(_) | Reduced::Together(_) | Reduced::Each(_) => {
                let points = found.series.iter().map(|one| one.values.len() as u64).sum();
                self.enough(points, facts, time, warnings).await?;
            }
        }
        Ok(match reduced {
            Reduced::One(value) => reduce::judge_one(value, nan, conditions, time).await,
            Reduced::Together(values) => reduce::judge_list(&values, nan, conditions, time).await,
            Reduced::Each(values) => {
                reduce::judge_each(&values, self.settings.reduce, nan, conditions, time).await
            }
            Reduced::Nothing => self.no_data("the query"),
        })
    }

    async fn of_several(
        &self,
        facts: &Facts,
        time: Duration,
        warnings: &mut Vec<String>,
    ) -> Or<Measurement> {
        let asked = self.settings.queries.iter().map(|(name, query)| async move {
            let mut warnings = Vec::new();
            (name, self.found(query, facts, time, &mut warnings).await, warnings)
        });
        let (mut values, mut told) = (Vec::new(), Vec::new());
        for (name, found, warned) in join_all(asked).await {
            warnings.extend(warned);
            let what = format!("`{name}`");
            let found = found.map_err(|why| prefixed(&what, *why))?;
            let value = match self.reduced(&found, &what)? {
                Reduced::One(value) if value.is_nan() => self.not_a_number(value, &what)?,
                Reduced::One(value) => {
                    told.push(format!("{name} {}", shown(value)));
                    Value::Float(value)
                }
                Reduced::Together(list) => {
                    told.push(format!("{name} of {}", text::count(list.len() as u64, "value")));
                    Value::from(list.into_iter().map(Value::Float).collect::<Vec<Value>>())
                }
                Reduced::Nothing | Reduced::Each(_) => return Err(Box::new(self.no_data(&what))),
            };
            values.push((name.to_string(), value));
        }
        self.enough(0, facts, time, warnings).await?;
        let judged = self.conditions.judge(&values, time).await;
        Ok(judged.measurement(&told.join(", "), None))
    }

    fn not_a_number(&self, value: f64, what: &str) -> Or<Value> {
        match self.settings.nan.and_then(reduce::Nan::measurement) {
            None => Ok(Value::Float(value)),
            Some(instead) => Err(Box::new(prefixed(what, instead))),
        }
    }

    async fn found(
        &self,
        query: &Template,
        facts: &Facts,
        time: Duration,
        warnings: &mut Vec<String>,
    ) -> Or<Found> {
        self.ask(query, true, facts, time, warnings).await
    }

    async fn ask(
        &self,
        query: &Template,
        over_time: bool,
        facts: &Facts,
        time: Duration,
        warnings: &mut Vec<String>,
    ) -> Or<Found> {
        let query = query.filled(facts).map_err(|why| Box::new(Measurement::error(why)))?;
        tracing::info!("asking `{}`: {query}", self.settings.url);
        let range = self.settings.range.as_ref().filter(|_| over_time);
        let found = api::ask(&self.way, self.settings.url.url(), &query, range, time).await;
        let found = found
            .map_err(|why| Box::new(Measurement::error(why).answered_by(Answered::Unknown)))?;
        warnings.extend(found.warnings.iter().cloned());
        Ok(found)
    }

    /// Refuses to judge what too little stands behind.
    async fn enough(
        &self,
        points: u64,
        facts: &Facts,
        time: Duration,
        warnings: &mut Vec<String>,
    ) -> Or<()> {
        let Some(least) = self.settings.min_samples else { return Ok(()) };
        #[expect(clippy::cast_precision_loss, reason = "a limit far below what a double counts")]
        let (least, points) = (least as f64, points as f64);
        let count = match &self.settings.samples {
            None => points,
            Some(query) => {
                let found = self.ask(query, false, facts, time, warnings).await?;
                let counts = found.series.iter().flat_map(|one| &one.values);
                counts.filter(|count| !count.is_nan()).sum()
            }
        };
        // What `increase` makes up between two scrapes is no whole number.
        if count.round() >= least {
            return Ok(());
        }
        let (count, least) = (shown(count.round()), shown(least));
        let stand = if count == "1" { "sample stands" } else { "samples stand" };
        let need = if least == "1" { "is" } else { "are" };
        let why = format!("{count} {stand} behind it, and {least} {need} needed");
        Err(Box::new(Measurement::inconclusive(why).judged(&count, &least)))
    }

    fn reduced(&self, found: &Found, what: &str) -> Or<Reduced> {
        let how = self.settings.reduce;
        if how == Reduce::List && found.series.is_empty() && self.settings.no_data.is_some() {
            return Err(Box::new(self.no_data(what)));
        }
        let over_time = self.settings.range.is_some();
        reduce::reduce(&found.series, how, over_time, self.settings.nan)
            .map_err(|why| Box::new(Measurement::error(why)))
    }

    fn no_data(&self, what: &str) -> Measurement {
        self.settings.no_data.unwrap_or(NoData::Inconclusive).measurement(what)
    }
}

fn prefixed(what: &str, measurement: Measurement) -> Measurement {
    let message = text::message(&format!("{what}: {}", measurement.message));
    Measurement { message, ..measurement }
}
