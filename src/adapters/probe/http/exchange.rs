//! One question over HTTP and the answer that came, redirects followed.

use std::time::Instant;

use bytes::Bytes;
use http::header::{HeaderMap, LOCATION};
use http::{Method as Verb, StatusCode, Version};
use url::Url;

use super::HttpProbe;
use super::body::{self, Body};
use super::clock::Clock;
use super::cookies::Cookies;
use super::hop::{self, Reply};
use crate::domain::check::{Answered, Measurement, Reach};

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) version: Version,
    pub(super) is_secure: bool,
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
    pub(super) redirects: u32,
}

/// Why there is no answer to judge.
#[derive(Debug)]
pub(super) enum NoAnswer {
    /// Nothing answered at all.
    Unreached(String),
    /// What answered broke off, or sent us nowhere.
    Broken(String),
    /// A proxy, which is not what is asked about, did not let us through.
    Proxy(String),
}

impl NoAnswer {
    /// Something answered, and it was no answer.
    pub(super) fn broken(message: impl Into<String>) -> Self {
        Self::Broken(message.into())
    }

    pub(super) fn measurement(self) -> Measurement {
        match self {
            Self::Unreached(message) => Measurement::unreached(Reach::Direct, message),
            Self::Broken(message) => Measurement::fail(message).answered_by(Answered::Unknown),
            Self::Proxy(message) => Measurement::unreached(Reach::Instrument, message),
        }
    }
}

/// What is asked, and where.
pub(super) struct Question {
    pub(super) verb: Verb,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// Whether it is still the place that the settings are for.
    pub(super) is_at_home: bool,
}

/// Asks, follows redirects, and reads the last answer.
pub(super) async fn ask(probe: &HttpProbe, clock: &Clock) -> Result<Answer, NoAnswer> {
    let settings = &probe.settings;
    let mut question = Question {
        verb: settings.method.verb(),
        url: settings.url.url().clone(),
        headers: probe.headers.clone(),
        body: probe.body.clone(),
        is_at_home: true,
    };
    let mut redirects = 0;
    let mut cookies = Cookies::default();
    loop {
        let reply = hop::send(probe, &question, &cookies, clock).await?;
        cookies.keep(&question.url, reply.response.headers());
        let next = settings
            .follow_redirects
            .most()
            .and_then(|most| Some((most, next(&question, &reply)?)));
        match next {
            None => return read(probe, reply, question.url.scheme(), redirects, clock).await,
            Some((most, _)) if redirects == most => {
                return Err(NoAnswer::broken(format!("more than {most} redirects")));
            }
            Some((_, url)) => {
                question = question.redirected(reply.response.status(), url?);
                redirects += 1;
            }
        }
    }
}

fn next(question: &Question, reply: &Reply) -> Option<Result<Url, NoAnswer>> {
    let follows = matches!(reply.response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = reply.response.headers().get(LOCATION).filter(|_| follows)?;
    let url = location.to_str().ok().and_then(|location| question.url.join(location).ok());
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
    Some(url.ok_or_else(|| NoAnswer::broken("it redirects to what is no address")))
}

impl Question {
    /// Asks elsewhere, as browsers do; our headers, which may hold secrets, are for the first host alone.
    fn redirected(mut self, status: StatusCode, url: Url) -> Self {
        let again =
            matches!(status.as_u16(), 307 | 308) || matches!(self.verb, Verb::GET | Verb::HEAD);
        if !again {
            self.verb = Verb::GET;
            self.body = Bytes::new();
        }
        if self.url.origin() != url.origin() {
            self.headers.clear();
            self.is_at_home = false;
        }
        Self { url, ..self }
    }
}

async fn read(
    probe: &HttpProbe,
    reply: Reply,
    scheme: &str,
    redirects: u32,
    clock: &Clock,
) -> Result<Answer, NoAnswer> {
    let began = Instant::now();
    let (head, body) = reply.response.into_parts();
    let (compression, most) = (probe.settings.compression, probe.settings.max_bytes);
    let body = body::read(body, compression, most).await;
    clock.since("transfer", began);
    Ok(Answer {
        status: head.status.as_u16(),
        version: head.version,
        is_secure: scheme == "https",
        headers: head.headers,
        body: body?,
        redirects,
    })
}
