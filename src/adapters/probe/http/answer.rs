//! Holds an answer against what a check expects.

use std::time::Duration;

use serde_json::Value;

use super::super::identity::Identity;
use super::exchange::{Answer, Body};
use super::settings::{ExpectVersion, Settings};
use crate::domain::check::{Answered, Measurement};
use crate::domain::duration::Span;
use crate::domain::text;
use crate::domain::version::Version;

/// The longest that a single value is shown.
const VALUE: usize = 40;

/// What speaks against an answer, and who gave it.
pub(super) struct Judgement {
    complaints: Vec<Complaint>,
    answered: Answered,
    summary: String,
}

struct Complaint {
    words: String,
    judged: Option<(String, String)>,
}

impl Judgement {
    /// Holds an answer that took so long against the settings and the version expected.
    pub(super) fn of(
        settings: &Settings,
        answer: &Answer,
        took: Duration,
        expected: Option<&Version>,
    ) -> Self {
        let mut judgement = Self {
            complaints: Vec::new(),
            answered: Answered::Unknown,
            summary: summary(answer, took),
        };
        judgement.identity(settings, answer, expected);
        judgement.status(settings, answer);
        judgement.body(settings, answer);
        judgement.headers(settings, answer);
        judgement.json(settings, answer);
        judgement.duration(settings, took);
        judgement
    }

    /// Returns the judgement as a measurement.
    pub(super) fn measurement(self) -> Measurement {
        if self.complaints.is_empty() {
            return Measurement::pass(self.summary).answered_by(self.answered);
        }
        let words: Vec<_> = self.complaints.iter().map(|one| one.words.as_str()).collect();
        let failed = Measurement::fail(words.join("; ")).answered_by(self.answered);
        match self.complaints.into_iter().find_map(|one| one.judged) {
            Some((value, limit)) => failed.judged(&value, &limit),
            None => failed,
        }
    }

    fn identity(&mut self, settings: &Settings, answer: &Answer, expected: Option<&Version>) {
        let Some(place) = &settings.expect_version else { return };
        let named = named_version(place, answer);
        let identity = Identity::of(named.as_deref(), expected);
        self.answered = identity.answered;
        if let Some(words) = identity.complaint {
            let version = |version: &Version| version.version.clone();
            let judged = named.zip(expected.map(version));
            self.complaints.push(Complaint { words, judged });
        }
    }

    fn status(&mut self, settings: &Settings, answer: &Answer) {
        if settings.status.iter().any(|status| status.holds(answer.status)) {
            return;
        }
        let limit: Vec<_> = settings.status.iter().map(ToString::to_string).collect();
        let (value, limit) = (answer.status.to_string(), limit.join(", "));
        self.judge(format!("status {value}, not {limit}"), value, limit);
    }

    fn body(&mut self, settings: &Settings, answer: &Answer) {
        let body = match &answer.body {
            Body::Above(most) => {
                if settings.max_bytes.is_some() || judges_body(settings) {
                    self.complain(format!("the body has more than {most} bytes"));
                }
                return;
            }
            Body::Whole(body) => body,
        };
        for pattern in settings.body_matches.iter().filter(|pattern| !pattern.matches(body)) {
            self.complain(format!("the body does not match `{}`", pattern.as_str()));
        }
        for pattern in settings.body_lacks.iter().filter(|pattern| pattern.matches(body)) {
            self.complain(format!("the body matches `{}`", pattern.as_str()));
        }
    }

    fn headers(&mut self, settings: &Settings, answer: &Answer) {
        for (name, pattern) in &settings.header_matches {
            let mut values = answer.headers.get_all(name.get()).iter().peekable();
            let missing = values.peek().is_none();
            let name = name.get();
            if missing {
                self.complain(format!("the header `{name}` is missing"));
            } else if !values.any(|value| pattern.matches(value.as_bytes())) {
                self.complain(format!("the header `{name}` does not match `{}`", pattern.as_str()));
            }
        }
        for (name, pattern) in &settings.header_lacks {
            let name = name.get();
            let mut values = answer.headers.get_all(name).iter();
            if values.any(|value| pattern.matches(value.as_bytes())) {
                self.complain(format!("the header `{name}` matches `{}`", pattern.as_str()));
            }
        }
    }

    fn json(&mut self, settings: &Settings, answer: &Answer) {
        if settings.json.is_empty() {
            return;
        }
        let Some(document) = document(answer) else {
            return self.complain("the body is not JSON".to_owned());
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

    fn duration(&mut self, settings: &Settings, took: Duration) {
        let Some(most) = settings.max_duration.filter(|most| took > most.get()) else { return };
        let (value, limit) = (whole_millis(took).to_string(), most.to_string());
        self.judge(format!("the answer took `{value}`, more than `{limit}`"), value, limit);
    }

    fn complain(&mut self, words: String) {
        self.complaints.push(Complaint { words, judged: None });
    }

    fn judge(&mut self, words: String, value: String, limit: String) {
        self.complaints.push(Complaint { words, judged: Some((value, limit)) });
    }
}

fn summary(answer: &Answer, took: Duration) -> String {
    let redirects = match answer.redirects {
        0 => String::new(),
        1 => " after a redirect".to_owned(),
        many => format!(" after {many} redirects"),
    };
    format!("status {}{redirects} in {}", answer.status, whole_millis(took))
}

fn whole_millis(time: Duration) -> Span {
    Span::millis(time.as_millis().max(1).try_into().unwrap_or(u64::MAX))
}

fn judges_body(settings: &Settings) -> bool {
    let version = match &settings.expect_version {
        Some(ExpectVersion::Json(_) | ExpectVersion::Regexp(_)) => true,
        Some(ExpectVersion::Header(_)) | None => false,
    };
    version
        || !settings.body_matches.is_empty()
        || !settings.body_lacks.is_empty()
        || !settings.json.is_empty()
}

fn named_version(place: &ExpectVersion, answer: &Answer) -> Option<String> {
    match place {
        ExpectVersion::Json(path) => match path.of(&document(answer)?)? {
            Value::String(version) => Some(version.clone()),
            Value::Number(version) => Some(version.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        },
        ExpectVersion::Header(name) => {
            let value = answer.headers.get(name.get())?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        }
        ExpectVersion::Regexp(pattern) => pattern.find(bytes(answer)?),
    }
}

fn document(answer: &Answer) -> Option<Value> {
    serde_json::from_slice(bytes(answer)?).ok()
}

fn bytes(answer: &Answer) -> Option<&[u8]> {
    match &answer.body {
        Body::Whole(body) => Some(body),
        Body::Above(_) => None,
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
