//! Asks a service over HTTP and judges its answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::question::{Around, Question, Subject};
use crate::adapters::http::Http;
use crate::adapters::secret::Secret;
use crate::domain::check::{Measurement, Reach};
use crate::domain::duration::Span;
use crate::domain::version::Version;
use crate::error::{Error, Result};
use crate::ports::Probe;

mod answer;
mod exchange;
mod settings;

pub use settings::{Basic, ExpectVersion, HeaderKey, Method, Redirects, Settings, Status, Target};

use answer::Judgement;
use exchange::NoAnswer;

/// Asks a service over HTTP.
#[derive(Debug)]
pub struct HttpProbe {
    settings: Settings,
    headers: HeaderMap,
    http: Http,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "http"
    }

    fn mistakes(&self) -> Vec<String> {
        self.mistakes()
    }

    fn subject(&self) -> Subject {
        Subject::shown("url", self.url.to_string())
    }

    fn secrets(&self) -> &'static [&'static [&'static str]] {
        &[&["bearer"], &["basic", "password"], &["headers", "authorization"]]
    }

    fn connect(&self, around: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Ok(Arc::new(connect(self.clone(), &(around.http)()?)?))
    }
}

/// Makes the probe; a header that cannot be sent and a secret that cannot be read are refused.
pub fn connect(settings: Settings, http: &Http) -> Result<HttpProbe> {
    let headers = headers(&settings)?;
    Ok(HttpProbe { settings, headers, http: http.clone() })
}

#[async_trait]
impl Probe for HttpProbe {
    fn kind(&self) -> &'static str {
        "http"
    }

    fn reach(&self) -> Reach {
        Reach::Direct
    }

    async fn measure(&self, expected: Option<&Version>, timeout: Duration) -> Measurement {
        let began = Instant::now();
        let asking = exchange::ask(self);
        match tokio::time::timeout(timeout, asking).await {
            Ok(Ok(answer)) => {
                Judgement::of(&self.settings, &answer, began.elapsed(), expected).measurement()
            }
            Ok(Err(refusal)) => refusal.measurement(),
            Err(_) => {
                let url = &self.settings.url;
                let time = Span::from(timeout);
                NoAnswer::unreached(format!("`{url}` gave no answer within `{time}`")).measurement()
            }
        }
    }
}

fn headers(settings: &Settings) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in &settings.headers {
        headers.append(name.get(), header_value(name.get(), value)?);
    }
    if let Some(authorization) = authorization(settings)? {
        let name = reqwest::header::AUTHORIZATION;
        let value = header_value(&name, &authorization)?;
        headers.insert(name, value);
    }
    Ok(headers)
}

fn header_value(name: &HeaderName, value: &Secret) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(value.reveal())
        .map_err(|_| Error::invalid(format!("the value of the header `{name}` cannot be sent")))?;
    value.set_sensitive(true);
    Ok(value)
}

fn authorization(settings: &Settings) -> Result<Option<Secret>> {
    let token = match (&settings.bearer, &settings.bearer_file) {
        (Some(token), _) => Some(token.clone()),
        (None, Some(file)) => Some(Secret::from_file(file)?),
        (None, None) => None,
    };
    if let Some(token) = token {
        return Ok(Some(Secret::new(format!("Bearer {}", token.reveal()))));
    }
    let Some(basic) = &settings.basic else { return Ok(None) };
    let password = match (&basic.password, &basic.password_file) {
        (Some(password), _) => password.clone(),
        (None, Some(file)) => Secret::from_file(file)?,
        (None, None) => Secret::new(""),
    };
    let pair = format!("{}:{}", basic.user, password.reveal());
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, pair);
    Ok(Some(Secret::new(format!("Basic {encoded}"))))
}

#[cfg(test)]
mod tests;
