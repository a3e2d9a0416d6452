//! What two conditions together say of a value.

use std::time::Duration;

use cel::Value;

use super::{Condition, Told};
use crate::domain::check::Measurement;

/// When a check passes and when it fails.
#[derive(Debug, Clone, PartialEq)]
pub struct Conditions {
    success: Option<Condition>,
    failure: Option<Condition>,
}

/// What conditions say, and which of them said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judged {
    /// The subject is well.
    Pass(String),
    /// The subject is wrong.
    Fail(String),
    /// They could not tell, for this reason.
    Inconclusive(String, String),
    /// They are wrong themselves, for this reason.
    Error(String, String),
}

impl Conditions {
    /// Puts two together, of which one may be missing.
    pub fn new(success: Option<&Condition>, failure: Option<&Condition>) -> Self {
        Self { success: success.cloned(), failure: failure.cloned() }
    }

    /// Returns every mistake: none is given, or one names what is not there.
    pub fn mistakes(&self, known: &[&str]) -> Vec<String> {
        let both = [&self.success, &self.failure].into_iter().flatten();
        let mistakes: Vec<_> = both.flat_map(|condition| condition.mistakes(known)).collect();
        if self.success.is_none() && self.failure.is_none() {
            let why = "neither `success` nor `failure` is given, so nothing could be judged";
            return vec![why.to_owned()];
        }
        mistakes
    }

    /// Returns the limit as people read it.
    pub fn limit(&self) -> String {
        match (&self.success, &self.failure) {
            (Some(success), None) => success.as_str().to_owned(),
            (None, Some(failure)) => not(failure.as_str()),
            (Some(success), Some(failure)) => {
                format!("{}, {}", success.as_str(), not(failure.as_str()))
            }
            (None, None) => String::new(),
        }
    }

    /// Holds values against both; failure wins, and neither true is inconclusive.
    pub async fn judge(&self, values: &[(String, Value)], time: Duration) -> Judged {
        let success = told(self.success.as_ref(), values, time).await;
        decide(success, told(self.failure.as_ref(), values, time).await)
    }
}

type One<'a> = Option<(&'a str, Told)>;

async fn told<'a>(
    condition: Option<&'a Condition>,
    values: &[(String, Value)],
    time: Duration,
) -> One<'a> {
    let condition = condition?;
    Some((condition.as_str(), condition.told(values.to_vec(), time).await))
}

fn decide(success: One<'_>, failure: One<'_>) -> Judged {
    use Told::{Broken, Holds, HoldsNot, Untold};
    let broken = |name: &str, text: &str, why: String| {
        let why = format!("the `{name}` condition could not be computed: {why}");
        Judged::Error(text.to_owned(), why)
    };
    match (success, failure) {
        (Some((text, Broken(why))), _) => broken("success", text, why),
        (_, Some((text, Broken(why)))) => broken("failure", text, why),
        (_, Some((text, Holds))) => Judged::Fail(not(text)),
        (Some((text, Holds)), _) => Judged::Pass(text.to_owned()),
        (Some((text, HoldsNot)), None) => Judged::Fail(text.to_owned()),
        (None, Some((text, HoldsNot))) => Judged::Pass(not(text)),
        (Some((text, Untold(why))), _) => Judged::Inconclusive(text.to_owned(), why),
        (None, Some((text, Untold(why)))) => Judged::Inconclusive(not(text), why),
        (Some((success, HoldsNot)), Some((failure, HoldsNot | Untold(_)))) => {
            let both = format!("{success}, {}", not(failure));
            Judged::Inconclusive(both, "neither condition holds".to_owned())
        }
        (None, None) => Judged::Error(String::new(), "there is no condition".to_owned()),
    }
}

fn not(text: &str) -> String {
    format!("not ({text})")
}

impl Judged {
    /// Returns the measurement of a value that is shown so and whose number, where it is one, is that.
    pub fn measurement(self, shown: &str, number: Option<f64>) -> Measurement {
        let subject = crate::domain::text::clean(shown, 60);
        let (measurement, limit) = match self {
            Self::Pass(limit) => (Measurement::pass(format!("{subject}: {limit} holds")), limit),
            Self::Fail(limit) => {
                (Measurement::fail(format!("{subject}: {limit} does not hold")), limit)
            }
            Self::Inconclusive(limit, why) => {
                (Measurement::inconclusive(format!("{subject}: {why}")), limit)
            }
            Self::Error(limit, why) => (Measurement::error(why), limit),
        };
        let judged = measurement.judged(shown, &limit);
        match number.filter(|number| number.is_finite()) {
            Some(number) => judged.measured(number),
            None => judged,
        }
    }
}
