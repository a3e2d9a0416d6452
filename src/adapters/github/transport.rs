//! Sends requests for octocrab, within a budget.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use octocrab::OctoBody;
use reqwest::header::RETRY_AFTER;
use url::Url;

use super::Settings;
use crate::adapters::http::{Http, cause_of};
use crate::adapters::secret::Secret;

/// The version of the API that all requests are written for.
const VERSION: &str = "2022-11-28";

/// The pauses before a question is asked again.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(500), Duration::from_secs(2), Duration::from_secs(5)];

/// The longest that GitHub may make us wait; beyond it, the refusal is told.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The most that is read of one answer, in MiB: the longest comparison is far smaller.
const LARGEST: usize = 16;

/// What went wrong below octocrab, as people may read it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Broken(pub(super) String);

/// Sends requests to one API.
#[derive(Clone)]
pub(super) struct Transport {
    http: Http,
    api: Url,
    token: Secret,
    budget: Budget,
    patience: Duration,
}

/// How many requests can still be made.
#[derive(Clone)]
pub(super) struct Budget {
    /// By all who share it.
    pub(super) left: Arc<AtomicUsize>,
    /// What is not for us.
    pub(super) reserve: usize,
}

/// What is to be sent, as often as it takes.
struct Letter {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Transport {
    pub(super) fn new(settings: &Settings, http: Http, budget: Budget, patience: Duration) -> Self {
        Self { http, api: settings.api.clone(), token: settings.token.clone(), budget, patience }
    }

    pub(super) async fn send(
        self,
        request: Request<OctoBody>,
    ) -> Result<Response<Full<Bytes>>, Broken> {
        let letter = self.letter(request).await?;
        let mut pauses = PAUSES.into_iter();
        loop {
            let answer = self.once(&letter).await?;
            let wait = match &answer {
                Ok(answer) => wait_for(&letter.method, answer.status(), answer.headers()),
                Err(error) => {
                    (is_repeatable(&letter.method) || error.is_connect()).then_some(Duration::ZERO)
                }
            };
            match (wait, pauses.next()) {
                (Some(wait), Some(pause)) if wait <= LONGEST_WAIT => {
                    tokio::time::sleep(wait.max(pause)).await;
                }
                (_, _) => return read(answer).await,
            }
        }
    }

    async fn letter(&self, request: Request<OctoBody>) -> Result<Letter, Broken> {
        let (parts, body) = request.into_parts();
        let route = parts.uri.path_and_query().map_or("", |route| route.as_str());
        let base = self.api.as_str().trim_end_matches('/');
        let url = format!("{base}{route}");
        let url = Url::parse(&url).map_err(|_| Broken(format!("`{route}` is no route")))?;
        let body = body.collect().await.map_err(|error| Broken(error.to_string()))?;
        Ok(Letter {
            method: parts.method,
            url,
            headers: parts.headers,
            body: body.to_bytes().to_vec(),
        })
    }

    async fn once(
        &self,
        letter: &Letter,
    ) -> Result<Result<reqwest::Response, reqwest::Error>, Broken> {
        let Budget { left, reserve } = &self.budget;
        let spent = |left: usize| (left > *reserve).then(|| left - 1);
        if left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, spent).is_err() {
            return Err(Broken("this command has asked GitHub often enough".to_owned()));
        }
        let client = self.http.client(&letter.url);
        let mut request = client
            .request(letter.method.clone(), letter.url.clone())
            .timeout(self.patience)
            .bearer_auth(self.token.reveal())
            .header("x-github-api-version", VERSION)
            .header("accept", "application/vnd.github+json");
        for name in ["content-type", "content-length"] {
            if let Some(value) = letter.headers.get(name) {
                request = request.header(name, value);
            }
        }
        Ok(request.body(letter.body.clone()).send().await)
    }
}

/// Returns how long to wait before the same is sent again; `None` where that is no use or no good.
///
/// What was refused by a limit has had no effect. After a server's failure that is not certain, so
/// only what ends the same when it is said twice is said again.
fn wait_for(method: &Method, status: StatusCode, headers: &HeaderMap) -> Option<Duration> {
    let limited = matches!(status, StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS);
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
    if limited && let Some(seconds) = number(RETRY_AFTER.as_str()) {
        return Some(Duration::from_secs(seconds));
    }
    if limited && number("x-ratelimit-remaining") == Some(0) {
        let reset = i64::try_from(number("x-ratelimit-reset")?).ok()?;
        let seconds = reset.saturating_sub(jiff::Timestamp::now().as_second()).max(0);
        return Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)));
    }
    let again = status.is_server_error() && is_repeatable(method);
    (again || status == StatusCode::TOO_MANY_REQUESTS).then_some(Duration::ZERO)
}

fn is_repeatable(method: &Method) -> bool {
    *method != Method::POST
}

async fn read(
    answer: Result<reqwest::Response, reqwest::Error>,
) -> Result<Response<Full<Bytes>>, Broken> {
    let broken = |error: reqwest::Error| Broken(cause_of(&error));
    let mut answer = answer.map_err(broken)?;
    let mut response = Response::builder().status(answer.status());
    if let Some(headers) = response.headers_mut() {
        headers.clone_from(answer.headers());
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(broken)? {
        if body.len() + chunk.len() > LARGEST * 1024 * 1024 {
            return Err(Broken(format!("the answer is larger than {LARGEST} MiB")));
        }
        body.extend_from_slice(&chunk);
    }
    response.body(Full::new(body.into())).map_err(|error| Broken(error.to_string()))
}
