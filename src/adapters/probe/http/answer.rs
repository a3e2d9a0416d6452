//! Holds an answer against what a check expects.

use std::time::Duration;

use super::super::identity::Identity;
use super::body::Body;
use super::exchange::Answer;
use super::settings::{ExpectVersion, HttpVersion, Patterns, Rule, Settings};
use crate::domain::check::{Answered, Measurement};
use crate::domain::duration::Span;
use crate::domain::verdict::Outcome;
use crate::domain::version::Version;

mod json;

pub(super) use json::{Desk, Stated};

/// What speaks against an answer, and who gave it.
pub(super) struct Judgement {
    complaints: Vec<Complaint>,
    answered: Answered,
    /// What came, and what is healthy.
    status: (String, String),
    summary: String,
}

struct Complaint {
    outcome: Outcome,
    words: String,
    judged: Option<(String, String)>,
}

impl Judgement {
    /// Holds an answer that took so long against the settings and the version expected.
    pub(super) fn of(
        settings: &Settings,
        answer: &Answer,
        stated: Stated,
        took: Duration,
        expected: Option<&Version>,
    ) -> Self {
        let mut judgement = Self {
            complaints: Vec::new(),
            answered: Answered::Unknown,
            status: (answer.status.to_string(), healthy(settings)),
            summary: summary(answer, took),
        };
        judgement.identity(settings, answer, expected);
        judgement.status(settings, answer);
        judgement.protocol(settings, answer);
        judgement.body(settings, answer);
        judgement.headers(settings, answer);
        judgement.json(settings, answer);
        judgement.stated(stated);
        judgement.duration(settings, took);
        judgement
    }

    /// Returns the judgement as a measurement.
    pub(super) fn measurement(self) -> Measurement {
        if self.complaints.is_empty() {
            let (value, limit) = self.status;
            return Measurement::pass(self.summary)
                .judged(&value, &limit)
                .answered_by(self.answered);
        }
        let words: Vec<_> = self.complaints.iter().map(|one| one.words.as_str()).collect();
        let make = match self.complaints.iter().map(|one| one.outcome).max() {
            Some(Outcome::Error) => Measurement::error,
            Some(Outcome::Inconclusive) => Measurement::inconclusive,
            Some(Outcome::Fail | Outcome::Pass) | None => Measurement::fail,
        };
        let failed = make(words.join("; ")).answered_by(self.answered);
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
            self.complaints.push(Complaint { outcome: Outcome::Fail, words, judged });
        }
    }

    fn status(&mut self, settings: &Settings, answer: &Answer) {
        if settings.status.iter().any(|status| status.holds(answer.status)) {
            return;
        }
        let (value, limit) = self.status.clone();
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
            Body::Odd(why) => return self.complain(why.clone()),
            Body::Whole(body) => body,
        };
        self.body_matches(&settings.body_matches, body);
        self.body_lacks(&settings.body_lacks, body);
    }

    fn body_matches(&mut self, patterns: &Patterns, body: &[u8]) {
        match patterns {
            Patterns::Usual(list) | Patterns::All(list) => {
                for pattern in list.iter().filter(|pattern| !pattern.matches(body)) {
                    self.complain(format!("the body does not match `{}`", pattern.as_str()));
                }
            }
            Patterns::Any(list) if list.iter().any(|pattern| pattern.matches(body)) => {}
            Patterns::Any(list) => {
                let list: Vec<_> = list.iter().map(|one| format!("`{}`", one.as_str())).collect();
                self.complain(format!("the body matches none of {}", list.join(", ")));
            }
        }
    }

    fn body_lacks(&mut self, patterns: &Patterns, body: &[u8]) {
        match patterns {
            Patterns::Usual(list) | Patterns::Any(list) => {
                for pattern in list.iter().filter(|pattern| pattern.matches(body)) {
                    self.complain(format!("the body matches `{}`", pattern.as_str()));
                }
            }
            Patterns::All(list) => {
                if !list.is_empty() && list.iter().all(|pattern| pattern.matches(body)) {
                    let list: Vec<_> =
                        list.iter().map(|one| format!("`{}`", one.as_str())).collect();
                    self.complain(format!("the body matches all of {}", list.join(", ")));
                }
            }
        }
    }

    fn protocol(&mut self, settings: &Settings, answer: &Answer) {
        let version = HttpVersion::of(answer.version);
        if !settings.http_versions.is_empty() && !settings.http_versions.contains(&version) {
            let limit: Vec<_> = settings.http_versions.iter().map(ToString::to_string).collect();
            let (value, limit) = (version.to_string(), limit.join(", "));
            self.judge(format!("it speaks {value}, not {limit}"), value, limit);
        }
        match (settings.require_tls, answer.is_secure) {
            (Some(true), false) => self.complain("it answered without TLS".to_owned()),
            (Some(false), true) => self.complain("it answered over TLS".to_owned()),
            (Some(true), true) | (Some(false), false) | (None, _) => {}
        }
    }

    fn headers(&mut self, settings: &Settings, answer: &Answer) {
        for (name, rules) in &settings.header_matches {
            for Rule { regexp, allow_missing } in &rules.0 {
                let name = name.get();
                let mut values = answer.headers.get_all(name).iter().peekable();
                if values.peek().is_none() {
                    self.missing(name, allow_missing.unwrap_or(false));
                } else if !values.any(|value| regexp.matches(value.as_bytes())) {
                    let regexp = regexp.as_str();
                    self.complain(format!("the header `{name}` does not match `{regexp}`"));
                }
            }
        }
        for (name, rules) in &settings.header_lacks {
            for Rule { regexp, allow_missing } in &rules.0 {
                let name = name.get();
                let mut values = answer.headers.get_all(name).iter().peekable();
                if values.peek().is_none() {
                    self.missing(name, allow_missing.unwrap_or(true));
                } else if values.any(|value| regexp.matches(value.as_bytes())) {
                    self.complain(format!("the header `{name}` matches `{}`", regexp.as_str()));
                }
            }
        }
    }

    fn missing(&mut self, name: &http::HeaderName, allowed: bool) {
        if !allowed {
            self.complain(format!("the header `{name}` is missing"));
        }
    }

    fn duration(&mut self, settings: &Settings, took: Duration) {
        let Some(most) = settings.max_duration.filter(|most| took > most.get()) else { return };
        let (value, limit) = (whole_millis(took).to_string(), most.to_string());
        self.judge(format!("the answer took `{value}`, more than `{limit}`"), value, limit);
    }

    fn complain(&mut self, words: String) {
        self.doubt(Outcome::Fail, words);
    }

    fn doubt(&mut self, outcome: Outcome, words: String) {
        self.complaints.push(Complaint { outcome, words, judged: None });
    }

    fn judge(&mut self, words: String, value: String, limit: String) {
        let judged = Some((value, limit));
        self.complaints.push(Complaint { outcome: Outcome::Fail, words, judged });
    }
}

fn healthy(settings: &Settings) -> String {
    settings.status.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
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
        || settings.body_json.is_some()
}

fn named_version(place: &ExpectVersion, answer: &Answer) -> Option<String> {
    match place {
        ExpectVersion::Json(path) => json::version(path, answer),
        ExpectVersion::Header(name) => {
            let value = answer.headers.get(name.get())?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        }
        ExpectVersion::Regexp(pattern) => pattern.find(answer.bytes()?),
    }
}
