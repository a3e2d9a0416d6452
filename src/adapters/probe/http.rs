//! Asks a service over HTTP and judges its answer.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use http::header::HeaderMap;
use url::Url;

use super::question::{Around, Question, Subject};
use crate::adapters::http::{Proxy, proxy_of};
use crate::adapters::tls;
use crate::domain::check::{Measurement, Reach};
use crate::domain::duration::Span;
use crate::domain::version::Version;
use crate::error::{Error, Result};
use crate::ports::Probe;

mod answer;
mod body;
mod clock;
mod cookies;
mod exchange;
mod hop;
mod proxy;
mod settings;

pub use settings::{
    Basic, BodyJson, Compression, ExpectVersion, HeaderKey, HttpVersion, Method, Over, Patterns,
    Redirects, Rule, Rules, Said, Settings, Status, Target,
};

use answer::{Desk, Judgement, Stated};
use clock::Clock;
use exchange::NoAnswer;

/// Asks a service over HTTP.
#[derive(Debug)]
pub struct HttpProbe {
    settings: Settings,
    headers: HeaderMap,
    body: Bytes,
    tls: tls::Client,
    proxy: Option<Proxy>,
    desk: Desk,
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

    fn connect(&self, around: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Ok(Arc::new(connect(self.clone(), &around.folder)?))
    }
}

/// Makes the probe; a header that cannot be sent and a file that cannot be read are refused.
pub fn connect(settings: Settings, folder: &Path) -> Result<HttpProbe> {
    Ok(HttpProbe {
        headers: settings.credentials().headers(folder)?,
        body: body(&settings, folder)?,
        tls: settings.tls.client(folder)?,
        proxy: settings.proxy.as_ref().map(|proxy| proxy::named(proxy.url())),
        desk: Desk::default(),
        settings,
    })
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
        let clock = Clock::default();
        let looking = tokio::time::timeout(timeout, self.look(expected, &clock));
        let found = looking.await.unwrap_or_else(|_| {
            let (url, time) = (&self.settings.url, Span::from(timeout));
            NoAnswer::Unreached(format!("`{url}` gave no answer within `{time}`")).measurement()
        });
        found.timed(clock.timings())
    }
}

impl HttpProbe {
    async fn look(&self, expected: Option<&Version>, clock: &Clock) -> Measurement {
        let began = Instant::now();
        let answer = match exchange::ask(self, clock).await {
            Ok(answer) => answer,
            Err(none) => return none.measurement(),
        };
        let took = began.elapsed();
        let stated = Stated::of(&self.settings, &answer, &self.desk).await;
        Judgement::of(&self.settings, &answer, stated, took, expected).measurement()
    }

    /// Returns the proxy for an address: the one named, else that of the environment.
    fn proxy_of(&self, url: &Url) -> Option<Proxy> {
        let environment = || self.settings.proxy_from_environment.then(|| proxy_of(url)).flatten();
        self.proxy.clone().or_else(environment)
    }
}

fn body(settings: &Settings, folder: &Path) -> Result<Bytes> {
    let Some(file) = &settings.body_file else {
        return Ok(settings.body.clone().unwrap_or_default().into());
    };
    let file = folder.join(file);
    let body = std::fs::read(&file).map_err(|cause| {
        Error::invalid(format!("could not read the body in `{}`", file.display())).because(cause)
    });
    body.map(Bytes::from)
}

#[cfg(test)]
mod tests;
