//! How an instrument is asked over HTTP.

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, Response};
use url::Url;

use super::access::Access;
use super::question::Around;
use crate::adapters::http::{Http, cause_of, shown};
use crate::adapters::tls;
use crate::error::Result;

/// The most that an instrument may answer.
const MOST: usize = 4 * 1024 * 1024;

/// A way to an instrument.
#[derive(Debug, Clone)]
pub struct Way {
    http: Http,
    headers: HeaderMap,
}

/// What an instrument answered.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The kind of content it says it is.
    pub content_type: String,
    /// All of the body.
    pub body: Vec<u8>,
}

/// The client to ask with: TLS settings of its own make a client of its own.
fn client(tls: Option<&tls::Settings>, around: &Around<'_>) -> Result<Http> {
    match tls {
        None => (around.http)(),
        Some(tls) => Http::over(&tls.client(&around.folder)?),
    }
}

impl Way {
    /// Makes the way; a secret that cannot be read is refused.
    pub fn new(access: &Access, around: &Around<'_>) -> Result<Self> {
        let headers = access.headers(&around.folder)?;
        Ok(Self { http: client(access.tls.as_ref(), around)?, headers })
    }

    /// Asks, and reads the answer whatever its status; an `Err` says why there is none.
    pub async fn ask(&self, method: Method, url: &Url, form: Option<String>) -> Answered {
        let request = self.http.client(url).request(method, url.clone());
        let request = request.headers(self.headers.clone());
        let request = match form {
            Some(form) if self.headers.contains_key(CONTENT_TYPE) => request.body(form),
            Some(form) => {
                request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form)
            }
            None => request,
        };
        let response = request.send().await.map_err(|error| {
            format!("`{}` could not be reached: {}", shown(url), cause_of(&error))
        })?;
        read(response, url).await
    }
}

/// A reply, or why there is none.
pub type Answered = std::result::Result<Reply, String>;

async fn read(mut response: Response, url: &Url) -> Answered {
    let status = response.status().as_u16();
    let content_type = response.headers().get(CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content_type = content_type.split(';').next().unwrap_or_default().trim().to_owned();
    let mut body = Vec::new();
    let broken = |error| format!("the answer of `{}` broke off: {}", shown(url), cause_of(&error));
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if body.len() + chunk.len() > MOST {
            return Err(format!("`{}` answered more than {MOST} bytes", shown(url)));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply { status, content_type, body })
}
