//! Makes one answer of many series.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::api::Series;
use crate::adapters::probe::condition::{Conditions, Value, shown};
use crate::domain::check::Measurement;
use crate::domain::text;
use crate::domain::verdict::Outcome;

/// How many series become one answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Reduce {
    /// There must be exactly one.
    #[default]
    Single,
    /// The conditions are put to each value, and must hold of all.
    All,
    /// The conditions are put to each value, and must hold of one.
    Any,
    /// The greatest value is judged.
    Max,
    /// The least value is judged.
    Min,
    /// All values are judged together, as a list.
    List,
}

/// What it means that a query gives nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum NoData {
    /// It cannot be told.
    Inconclusive,
    /// All is well.
    Pass,
    /// The subject is wrong.
    Fail,
    /// The instrument is broken.
    Error,
}

/// What a value that is no number means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Nan {
    /// It cannot be told.
    Inconclusive,
    /// All is well.
    Pass,
    /// The subject is wrong.
    Fail,
    /// It is taken for 0.
    Zero,
}

impl NoData {
    /// Returns the measurement of a query that gave nothing.
    pub(super) fn measurement(self, what: &str) -> Measurement {
        let message = format!("{what} gave no data");
        match self {
            Self::Inconclusive => Measurement::inconclusive(message),
            Self::Pass => Measurement::pass(message),
            Self::Fail => Measurement::fail(message),
            Self::Error => Measurement::error(message),
        }
    }
}

impl Nan {
    /// Returns what NaN means where it is not judged as a number.
    pub(super) fn measurement(self) -> Option<Measurement> {
        let message = "NaN is no number";
        match self {
            Self::Inconclusive => Some(Measurement::inconclusive(message)),
            Self::Pass => Some(Measurement::pass(message)),
            Self::Fail => Some(Measurement::fail(message)),
            Self::Zero => None,
        }
    }
}

/// Returns a value as it is judged.
pub(super) fn read(value: f64, nan: Option<Nan>) -> f64 {
    if value.is_nan() && nan == Some(Nan::Zero) { 0.0 } else { value }
}

/// What one query came to.
pub(super) enum Reduced {
    /// One number.
    One(f64),
    /// Numbers that are judged together.
    Together(Vec<f64>),
    /// Numbers that are judged one by one, each with the labels of its series.
    Each(Vec<(String, f64)>),
    /// Nothing.
    Nothing,
}

/// Makes one answer of the series of a query; an `Err` says why there is none.
pub(super) fn reduce(
    series: &[Series],
    how: Reduce,
    over_time: bool,
    nan: Option<Nan>,
) -> Result<Reduced, String> {
    let values: Vec<f64> = series.iter().flat_map(|one| &one.values).copied().collect();
    let values: Vec<f64> = values.into_iter().map(|value| read(value, nan)).collect();
    if values.is_empty() && how != Reduce::List {
        return Ok(Reduced::Nothing);
    }
    Ok(match how {
        Reduce::Single if series.len() > 1 => return Err(too_many(series)),
        Reduce::Single if over_time => Reduced::Together(values),
        Reduce::Single => values.first().map_or(Reduced::Nothing, |value| Reduced::One(*value)),
        Reduce::All | Reduce::Any => Reduced::Each(
            series
                .iter()
                .flat_map(|one| one.values.iter().map(|value| (one.shown(), read(*value, nan))))
                .collect(),
        ),
        Reduce::Max => Reduced::One(extreme(&values, f64::max)),
        Reduce::Min => Reduced::One(extreme(&values, f64::min)),
        Reduce::List => Reduced::Together(values),
    })
}

/// What cannot be compared has no greatest.
fn extreme(values: &[f64], choose: fn(f64, f64) -> f64) -> f64 {
    if values.iter().any(|value| value.is_nan()) {
        return f64::NAN;
    }
    values.iter().copied().reduce(choose).unwrap_or(f64::NAN)
}

fn too_many(series: &[Series]) -> String {
    let named = series.iter().map(Series::shown).filter(|labels| !labels.is_empty());
    let some: Vec<_> = named.take(2).map(|labels| text::clean(&labels, 40)).collect();
    let more = if series.len() > some.len() { " …" } else { "" };
    let some = match some.join(" and ") {
        none if none.is_empty() => none,
        some => format!(" ({some}{more})"),
    };
    format!("the query gives {} series{some}; aggregate it, or set `reduce`", series.len())
}

/// Judges one value under the name `result`.
pub(super) async fn judge_one(
    value: f64,
    nan: Option<Nan>,
    conditions: &Conditions,
    time: Duration,
) -> Measurement {
    if let Some(measurement) = nan.filter(|_| value.is_nan()).and_then(Nan::measurement) {
        return measurement.judged(&shown(value), &conditions.limit());
    }
    let values = [("result".to_owned(), Value::Float(value))];
    conditions.judge(&values, time).await.measurement(&shown(value), Some(value))
}

/// Judges values together, as the list `result`.
pub(super) async fn judge_list(
    values: &[f64],
    nan: Option<Nan>,
    conditions: &Conditions,
    time: Duration,
) -> Measurement {
    let no_number = values.iter().any(|value| value.is_nan());
    let brief: Vec<_> = values.iter().take(8).map(|value| shown(*value)).collect();
    let more = if values.len() > 8 { ", …" } else { "" };
    let brief = format!("[{}{more}]", brief.join(", "));
    if let Some(measurement) = nan.filter(|_| no_number).and_then(Nan::measurement) {
        return measurement.judged(&brief, &conditions.limit());
    }
    let list: Vec<Value> = values.iter().map(|value| Value::Float(*value)).collect();
    let values = [("result".to_owned(), Value::from(list))];
    conditions.judge(&values, time).await.measurement(&brief, None)
}

/// Judges each, and takes the worst where all must hold, the best where one is enough.
pub(super) async fn judge_each(
    values: &[(String, f64)],
    how: Reduce,
    nan: Option<Nan>,
    conditions: &Conditions,
    time: Duration,
) -> Measurement {
    let mut decided: Option<(Measurement, &str)> = None;
    for (labels, value) in values {
        let one = judge_one(*value, nan, conditions, time).await;
        let replaces = decided.as_ref().is_none_or(|(other, _)| {
            let (one, other) = (one.outcome, other.outcome);
            if how == Reduce::Any { one < other } else { one > other }
        });
        if replaces {
            decided = Some((one, labels));
        }
    }
    let Some((measurement, labels)) = decided else {
        return NoData::Inconclusive.measurement("the query");
    };
    let message = match (labels, measurement.outcome, how) {
        (_, Outcome::Pass, Reduce::All) if values.len() > 1 => {
            format!("{}, as of all {}", measurement.message, values.len())
        }
        ("", ..) => measurement.message.clone(),
        (labels, ..) => format!("{} {}", text::clean(labels, 80), measurement.message),
    };
    Measurement { message: text::message(&message), ..measurement }
}
