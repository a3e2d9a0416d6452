//! Holds a body that is JSON against what a check expects.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::Mutex;

use super::super::super::foreign_json::{self, Unread};
use super::super::super::json_path::JsonPath;
use super::super::body::Body;
use super::super::exchange::Answer;
use super::super::settings::{BodyJson, Over, Said, Settings};
use super::Judgement;
use crate::domain::text;
use crate::domain::verdict::Outcome;

/// The longest that a single value is shown.
const VALUE: usize = 40;

/// The one seat for who computes conditions.
#[derive(Debug, Default)]
pub(in super::super) struct Desk(Arc<Mutex<()>>);

/// What the conditions over a body say.
pub(in super::super) enum Stated {
    /// There is none, or they agree that it is well.
    Well,
    /// What speaks against it.
    Against(Outcome, String),
}

impl Stated {
    /// Asks the conditions; that could take long, so it is a thread that can be left, and only one.
    pub(in super::super) async fn of(settings: &Settings, answer: &Answer, desk: &Desk) -> Self {
        let Some(conditions) = settings.body_json.clone() else { return Self::Well };
        // A body that is too long or odd is complained of where the body is judged.
        let Some(bytes) = answer.bytes().map(<[u8]>::to_vec) else { return Self::Well };
        let Ok(seat) = desk.0.clone().try_lock_owned() else {
            let why = "the conditions of an earlier answer are still being computed";
            return Self::Against(Outcome::Error, why.to_owned());
        };
        let (tell, told) = tokio::sync::oneshot::channel();
        let asking = move || {
            let _seat = seat;
            let found = match foreign_json::read(&bytes) {
                Ok(body) => judged(&conditions, &body),
                Err(why) => Self::Against(Outcome::Fail, unread(why)),
            };
            // Nobody listens any more where the time was over.
            let _ = tell.send(found);
        };
        let begun = std::thread::Builder::new().spawn(asking);
        match (begun, told.await) {
            (Ok(_), Ok(found)) => found,
            _ => Self::Against(Outcome::Error, "the conditions could not be asked".to_owned()),
        }
    }
}

fn unread(why: Unread) -> String {
    match why {
        Unread::Other => "the body is not JSON".to_owned(),
        Unread::TooMany => {
            format!("the body has more than {} values in JSON", foreign_json::MOST)
        }
    }
}

fn judged(conditions: &BodyJson, body: &Value) -> Stated {
    let ask = |condition: &Option<Over>| condition.as_ref().map(|one| (one.clone(), one.of(body)));
    let (failure, success) = (ask(&conditions.failure), ask(&conditions.success));
    for (condition, said) in [&failure, &success].into_iter().flatten() {
        let condition = condition.as_str();
        match said {
            Said::Holds(_) => {}
            Said::Fails(why) => return Stated::Against(Outcome::Fail, why.clone()),
            Said::Nothing => {
                let why = format!("`{condition}` is neither true nor false");
                return Stated::Against(Outcome::Error, why);
            }
        }
    }
    match (failure, success) {
        (Some((condition, Said::Holds(true))), _) => {
            let why = format!("`{}` holds of the body", condition.as_str());
            Stated::Against(Outcome::Fail, why)
        }
        (_, Some((_, Said::Holds(true)))) | (Some(_), None) => Stated::Well,
        (None, Some((condition, _))) => {
            let why = format!("`{}` does not hold of the body", condition.as_str());
            Stated::Against(Outcome::Fail, why)
        }
        _ => {
            Stated::Against(Outcome::Inconclusive, "neither condition holds of the body".to_owned())
        }
    }
}

impl Judgement {
    pub(super) fn stated(&mut self, stated: Stated) {
        let told = |words: &str| self.complaints.iter().any(|one| one.words == words);
        match stated {
            Stated::Against(outcome, words) if !told(&words) => self.doubt(outcome, words),
            Stated::Against(..) | Stated::Well => {}
        }
    }

    pub(super) fn json(&mut self, settings: &Settings, answer: &Answer) {
        if settings.json.is_empty() {
            return;
        }
        let document = match document(answer) {
            Ok(document) => document,
            Err(why) => return self.complain(unread(why)),
        };
        for (path, limit) in &settings.json {
            match path.of(&document) {
                Some(value) if is_equal(value, limit) => {}
                Some(value) => {
                    let [value, limit] = [value, limit].map(brief);
                    self.judge(format!("`{path}` is `{value}`, not `{limit}`"), value, limit);
                }
                None => self.complain(format!("`{path}` is missing")),
            }
        }
    }
}

/// Returns the version that a body names at a path.
pub(super) fn version(path: &JsonPath, answer: &Answer) -> Option<String> {
    match path.of(&document(answer).ok()?)? {
        Value::String(version) => Some(version.clone()),
        Value::Number(version) => Some(version.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn document(answer: &Answer) -> Result<Value, Unread> {
    foreign_json::read(answer.bytes().ok_or(Unread::Other)?)
}

impl Answer {
    /// Returns the body where it could be read.
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        match &self.body {
            Body::Whole(body) => Some(body),
            Body::Above(_) | Body::Odd(_) => None,
        }
    }
}

/// Numbers are equal by value: what is written `1` may be answered as `1.0`.
fn is_equal(value: &Value, limit: &Value) -> bool {
    let fraction = value.is_f64() || limit.is_f64();
    match (value.as_f64(), limit.as_f64()) {
        (Some(value), Some(limit)) if fraction => {
            (value - limit).abs() <= f64::EPSILON * limit.abs()
        }
        _ => value == limit,
    }
}

fn brief(value: &Value) -> String {
    match value {
        Value::String(text) => text::clean(text, VALUE),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(_) | Value::Object(_) => text::clean(&value.to_string(), VALUE),
    }
}
