//! What a database answered, and whether that is right.

use std::time::Duration;

use cel::Value;

use super::super::condition::Condition;
use super::Settings;
use crate::domain::check::{Measurement, Reach, Timing};
use crate::domain::duration::Span;
use crate::domain::text;

/// The most that is taken of one answer.
pub(super) const LONGEST: usize = 16 * 1024 * 1024;

/// An answer, as far as it is judged.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Answer {
    /// The first value of the first row; `None` without a row, and where there is nothing in it.
    pub(super) first: Option<String>,
    /// How many rows there are.
    pub(super) rows: u64,
}

/// Why there is no answer to judge.
#[derive(Debug)]
pub(super) struct NoAnswer {
    pub(super) blame: Blame,
    /// Why, behind the database's name.
    pub(super) message: String,
}

/// Whose fault it is that there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blame {
    /// Nobody was reached.
    Way,
    /// The database refused.
    Database,
    /// Ours.
    Instrument,
}

impl Blame {
    pub(super) fn measurement(self, message: String) -> Measurement {
        match self {
            Self::Way => Measurement::unreached(Reach::Direct, message),
            Self::Database => Measurement::fail(message),
            Self::Instrument => Measurement::error(message),
        }
    }
}

impl NoAnswer {
    pub(super) fn unreached(cause: impl std::fmt::Display) -> Self {
        Self { blame: Blame::Way, message: format!("could not be reached: {cause}") }
    }

    pub(super) fn late(timeout: Duration) -> Self {
        let time = Span::from(timeout);
        Self { blame: Blame::Way, message: format!("gave no answer within `{time}`") }
    }

    pub(super) fn refused(cause: impl std::fmt::Display) -> Self {
        Self { blame: Blame::Database, message: format!("refused: {cause}") }
    }

    pub(super) fn broken(cause: impl std::fmt::Display) -> Self {
        Self { blame: Blame::Instrument, message: format!("could not be asked: {cause}") }
    }

    /// An answer to a query of the user's own that is too long to be held.
    pub(super) fn too_much(most: usize) -> Self {
        let most = most / 1024 / 1024;
        Self::broken(format!("its answer has more than {most} MiB; ask for less"))
    }

    /// More than is held, from who was asked for next to nothing.
    pub(super) fn nonsense(most: usize) -> Self {
        let most = most / 1024 / 1024;
        let message = format!("said more than {most} MiB where a few bytes were to come");
        Self { blame: Blame::Database, message }
    }
}

/// Holds an answer against the settings.
pub(super) fn judge(settings: &Settings, answer: &Answer, took: Duration) -> Measurement {
    let shown = shown(answer);
    let seen = rows(settings, answer)
        .or_else(|| value(settings, answer))
        .or_else(|| condition(settings, answer))
        .or_else(|| slow(settings, took))
        .unwrap_or_else(|| {
            let millis = took.as_millis().max(1).try_into().unwrap_or(u64::MAX);
            let passed = Measurement::pass(format!("answered {shown} in {}", Span::millis(millis)));
            match limit(settings) {
                Some(limit) => passed.judged(&shown, &limit),
                None => passed,
            }
        });
    let number = answer.first.as_deref().and_then(number);
    let seen = seen.timed(vec![Timing::new("processing", took)]);
    number.map_or(seen.clone(), |number| seen.measured(number))
}

fn rows(settings: &Settings, answer: &Answer) -> Option<Measurement> {
    let (wanted, count) = (settings.rows?, answer.rows);
    let (value, limit) = (text::count(count, "row"), format!("{wanted} rows"));
    (!wanted.holds(count))
        .then(|| Measurement::fail(format!("answered {value}, not {limit}")).judged(&value, &limit))
}

fn value(settings: &Settings, answer: &Answer) -> Option<Measurement> {
    let first = answer.first.as_deref();
    let other = settings.expect.as_deref().filter(|wanted| first != Some(wanted));
    let missed = settings.matches.as_ref();
    let missed = missed.filter(|wanted| !first.is_some_and(|got| wanted.matches(got.as_bytes())));
    let (not, limit) = match (other, missed) {
        (Some(wanted), _) => ("not", wanted),
        (None, Some(pattern)) => ("which does not match", pattern.as_str()),
        (None, None) => return None,
    };
    let (shown, cut) = (shown(answer), text::clean(limit, 80));
    Some(Measurement::fail(format!("answered {shown}, {not} `{cut}`")).judged(&shown, limit))
}

/// Failure wins over success; where neither holds, nobody can tell.
fn condition(settings: &Settings, answer: &Answer) -> Option<Measurement> {
    let holds = |condition: &Option<Condition>| {
        condition.as_ref().map(|condition| condition.holds(&values(answer))).transpose()
    };
    let (success, failure) = match (holds(&settings.success), holds(&settings.failure)) {
        (Ok(success), Ok(failure)) => (success, failure),
        (Err(why), _) | (_, Err(why)) => return Some(Measurement::error(why)),
    };
    let told = |key: &str, condition: &Option<Condition>| {
        let condition = condition.as_ref().map(Condition::as_str).unwrap_or_default();
        (format!("answered {}: `{key}` is `{condition}`", shown(answer)), condition.to_owned())
    };
    let (make, (message, limit)): (fn(String) -> Measurement, _) = match (success, failure) {
        (_, Some(true)) => (Measurement::fail, told("failure", &settings.failure)),
        (Some(false), None) => (Measurement::fail, told("success", &settings.success)),
        (Some(false), Some(false)) => {
            (Measurement::inconclusive, told("success", &settings.success))
        }
        (Some(true) | None, Some(false) | None) => return None,
    };
    Some(make(message).judged(&shown(answer), &limit))
}

fn values(answer: &Answer) -> [(&'static str, Value); 2] {
    let result = match answer.first.as_deref() {
        None => Value::Null,
        Some(text) => {
            number(text).map_or_else(|| Value::String(text.to_owned().into()), Value::Float)
        }
    };
    let rows = u32::try_from(answer.rows).unwrap_or(u32::MAX);
    [("result", result), ("rows", Value::Float(rows.into()))]
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

fn slow(settings: &Settings, took: Duration) -> Option<Measurement> {
    let most = settings.max_duration?;
    let took = Span::millis(took.as_millis().try_into().unwrap_or(u64::MAX));
    (took > most).then(|| {
        Measurement::fail(format!("took {took}, longer than {most}"))
            .judged(&took.to_string(), &most.to_string())
    })
}

fn shown(answer: &Answer) -> String {
    match (&answer.first, answer.rows) {
        (Some(first), _) => format!("`{}`", text::clean(first, 80)),
        (None, 0) => "no row".to_owned(),
        (None, _) => "nothing".to_owned(),
    }
}

fn limit(settings: &Settings) -> Option<String> {
    let matches = settings.matches.as_ref().map(|pattern| pattern.as_str().to_owned());
    let success = settings.success.as_ref().map(|success| success.as_str().to_owned());
    let failure = settings.failure.as_ref().map(|failure| format!("!({})", failure.as_str()));
    let rows = settings.rows.map(|rows| format!("{rows} rows"));
    settings.expect.clone().or(matches).or(success).or(failure).or(rows)
}
