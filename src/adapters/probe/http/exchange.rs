//! One question over HTTP and the answer that came, redirects followed.

use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Method as Verb, Response, StatusCode};
use url::Url;

use super::{HttpProbe, Method};
use crate::adapters::http::{cause_of, shown};
use crate::domain::check::{Answered, Measurement, Reach};

/// How much of a body is looked at when nobody says.
const LOOKED_AT: u64 = 1024 * 1024;

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
    pub(super) redirects: u32,
}

/// A body, never more of it than may be looked at.
#[derive(Debug)]
pub(super) enum Body {
    /// All of it.
    Whole(Vec<u8>),
    /// It has more bytes than this.
    Above(u64),
}

/// Why there is no answer to judge.
#[derive(Debug)]
pub(super) struct NoAnswer {
    message: String,
    answered: Answered,
}

impl NoAnswer {
    /// Nothing answered at all.
    pub(super) fn unreached(message: impl Into<String>) -> Self {
        Self { message: message.into(), answered: Answered::Nobody }
    }

    fn broken(message: impl Into<String>) -> Self {
        Self { message: message.into(), answered: Answered::Unknown }
    }

    pub(super) fn measurement(self) -> Measurement {
        Measurement::unreached(Reach::Direct, self.message).answered_by(self.answered)
    }
}

struct Question {
    verb: Verb,
    url: Url,
    headers: HeaderMap,
    body: Option<String>,
}

/// Asks, follows redirects, and reads the last answer.
pub(super) async fn ask(probe: &HttpProbe) -> Result<Answer, NoAnswer> {
    let settings = &probe.settings;
    let mut question = Question {
        verb: verb(settings.method),
        url: settings.url.url().clone(),
        headers: probe.headers.clone(),
        body: settings.body.clone(),
    };
    let mut redirects = 0;
    loop {
        let response = send(probe, &question).await?;
        let next = settings
            .follow_redirects
            .most()
            .and_then(|most| Some((most, next(&question, &response)?)));
        match next {
            None => return read(response, redirects, settings.max_bytes).await,
            Some((most, _)) if redirects == most => {
                return Err(NoAnswer::broken(format!("more than {most} redirects")));
            }
            Some((_, url)) => {
                question = question.redirected(response.status(), url?);
                redirects += 1;
            }
        }
    }
}

async fn send(probe: &HttpProbe, question: &Question) -> Result<Response, NoAnswer> {
    let client = probe.http.client(&question.url);
    let request = client.request(question.verb.clone(), question.url.clone());
    let request = request.headers(question.headers.clone());
    let request = match &question.body {
        Some(body) => request.body(body.clone()),
        None => request,
    };
    request.send().await.map_err(|error| {
        let (url, cause) = (shown(&question.url), cause_of(&error));
        NoAnswer::unreached(format!("`{url}` could not be reached: {cause}"))
    })
}

fn next(question: &Question, response: &Response) -> Option<Result<Url, NoAnswer>> {
    let follows = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = response.headers().get(LOCATION).filter(|_| follows)?;
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
            self.body = None;
        }
        if self.url.origin() != url.origin() {
            self.headers.clear();
        }
        Self { url, ..self }
    }
}

async fn read(response: Response, redirects: u32, most: Option<u64>) -> Result<Answer, NoAnswer> {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let body = read_body(response, most.unwrap_or(LOOKED_AT)).await?;
    Ok(Answer { status, headers, body, redirects })
}

async fn read_body(mut response: Response, most: u64) -> Result<Body, NoAnswer> {
    let mut body = Vec::new();
    let broken = |error| NoAnswer::broken(format!("the answer broke off: {}", cause_of(&error)));
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if (body.len() + chunk.len()) as u64 > most {
            return Ok(Body::Above(most));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Body::Whole(body))
}

fn verb(method: Method) -> Verb {
    match method {
        Method::Get => Verb::GET,
        Method::Head => Verb::HEAD,
        Method::Post => Verb::POST,
        Method::Put => Verb::PUT,
        Method::Patch => Verb::PATCH,
        Method::Delete => Verb::DELETE,
        Method::Options => Verb::OPTIONS,
    }
}
