//! How an instrument is reached over HTTP.

use std::collections::BTreeMap;
use std::path::PathBuf;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Response};
use url::Url;

use super::super::http::{Basic, HeaderKey};
use super::super::question::Around;
use crate::adapters::http::{Http, cause_of, shown};
use crate::adapters::secret::Secret;
use crate::adapters::tls;
use crate::error::{Error, Result};

/// The most that an instrument may answer.
pub const MOST: usize = 4 * 1024 * 1024;

/// Who we are to an instrument, and whom we trust.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Access {
    /// A token to send as `Authorization: Bearer`.
    pub bearer: Option<Secret>,
    /// The file that holds that token.
    pub bearer_file: Option<PathBuf>,
    /// A name and password to send as `Authorization: Basic`.
    pub basic: Option<Basic>,
    /// Headers to send.
    pub headers: BTreeMap<HeaderKey, Secret>,
    /// Whom TLS trusts.
    pub tls: Option<tls::Settings>,
}

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

impl Access {
    /// Returns every mistake that only the whole shows.
    pub fn mistakes(&self) -> Vec<String> {
        let basic = self.basic.as_ref();
        let twice =
            basic.is_some_and(|basic| basic.password.is_some() && basic.password_file.is_some());
        let bearer = self.bearer.is_some() || self.bearer_file.is_some();
        [
            (self.bearer.is_some() && self.bearer_file.is_some(), "`bearer` is given twice"),
            (bearer && basic.is_some(), "`bearer` and `basic` exclude each other"),
            (twice, "`basic.password` is given twice"),
            (
                self.tls.as_ref().is_some_and(|tls| tls.server_name.is_some()),
                "`tls.server_name` is not known to this kind of check",
            ),
        ]
        .into_iter()
        .filter(|(wrong, _)| *wrong)
        .map(|(_, message)| message.to_owned())
        .chain(self.tls.iter().flat_map(tls::Settings::mistakes))
        .collect()
    }

    /// Makes the way; a secret that cannot be read is refused.
    pub fn connect(&self, around: &Around<'_>) -> Result<Way> {
        Ok(Way { http: client(self.tls.as_ref(), around)?, headers: self.headers(around)? })
    }

    fn headers(&self, around: &Around<'_>) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            headers.append(name.get(), header_value(name.get(), value)?);
        }
        if let Some(authorization) = self.authorization(around)? {
            headers.insert(AUTHORIZATION, header_value(&AUTHORIZATION, &authorization)?);
        }
        Ok(headers)
    }

    fn authorization(&self, around: &Around<'_>) -> Result<Option<Secret>> {
        if let Some(token) = secret(self.bearer.as_ref(), self.bearer_file.as_ref(), around)? {
            return Ok(Some(Secret::new(format!("Bearer {}", token.reveal()))));
        }
        let Some(basic) = &self.basic else { return Ok(None) };
        let password = secret(basic.password.as_ref(), basic.password_file.as_ref(), around)?;
        let password = password.unwrap_or_else(|| Secret::new(""));
        let pair = format!("{}:{}", basic.user, password.reveal());
        let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, pair);
        Ok(Some(Secret::new(format!("Basic {encoded}"))))
    }
}

/// The client to ask with: TLS settings of its own make a client of its own.
fn client(tls: Option<&tls::Settings>, around: &Around<'_>) -> Result<Http> {
    match tls {
        None => (around.http)(),
        Some(tls) => Http::over(&tls.client(&around.folder)?),
    }
}

fn secret(
    value: Option<&Secret>,
    file: Option<&PathBuf>,
    around: &Around<'_>,
) -> Result<Option<Secret>> {
    match (value, file) {
        (Some(value), _) => Ok(Some(value.clone())),
        (None, Some(file)) => Secret::from_file(&around.file(file)).map(Some),
        (None, None) => Ok(None),
    }
}

fn header_value(name: &HeaderName, value: &Secret) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(value.reveal())
        .map_err(|_| Error::invalid(format!("the value of the header `{name}` cannot be sent")))?;
    value.set_sensitive(true);
    Ok(value)
}

impl Way {
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
