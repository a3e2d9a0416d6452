//! GitHub, asked and told through octocrab over the one HTTP client.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use http_body_util::BodyExt as _;
use octocrab::{AuthState, FromResponse, Octocrab, OctocrabBuilder};
use serde::Serialize;
use url::Url;

use crate::adapters::http::Http;
use crate::adapters::secret::Secret;
use crate::error::{Error, Result};

pub mod conversation;
pub mod driver;
pub mod event;
pub mod guards;
mod lineage;
mod refusal;
mod runs;
pub mod showcase;
mod tags;
mod tickets;
mod transport;

/// The most requests that one command makes, retries among them.
const BUDGET: usize = 15;

/// The requests that the making of refused tags leaves: what shows deployments and asks for permission
/// must not live on what tags have left over.
const BESIDE_TAGS: usize = 9;

/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where GitHub is, which repository is meant, and as whom it is asked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The API's base, such as `https://api.github.com` or `https://ghe.example/api/v3`.
    pub api: Url,
    /// The web pages' base, such as `https://github.com`.
    pub server: Url,
    /// The repository as `owner/name`.
    pub repository: String,
    /// The branch that it has by default, where what set the run off has told it.
    pub default_branch: Option<String>,
    /// What proves who asks.
    pub token: Secret,
}

/// One repository on GitHub.
#[derive(Clone)]
pub struct GitHub {
    settings: Settings,
    http: Http,
    left: Arc<AtomicUsize>,
    reserve: usize,
    crab: Octocrab,
}

impl GitHub {
    /// Prepares to ask; nothing is sent yet.
    pub fn connect(settings: Settings, http: Http) -> Result<Self> {
        Self::within(settings, http, Arc::new(AtomicUsize::new(BUDGET)), 0)
    }

    /// Returns the same asked with another token; what both ask is counted together.
    pub fn with_token(&self, token: Secret) -> Result<Self> {
        let settings = Settings { token, ..self.settings.clone() };
        Self::within(settings, self.http.clone(), self.left.clone(), self.reserve)
    }

    /// Returns the same asked only as long as so many more requests can be made.
    pub fn leaving(&self, reserve: usize) -> Result<Self> {
        Self::within(self.settings.clone(), self.http.clone(), self.left.clone(), reserve)
    }

    /// Returns the same for tags whose push is refused.
    pub fn for_tags(&self) -> Result<Self> {
        self.leaving(BESIDE_TAGS)
    }

    fn within(
        settings: Settings,
        http: Http,
        left: Arc<AtomicUsize>,
        reserve: usize,
    ) -> Result<Self> {
        let budget = transport::Budget { left: left.clone(), reserve };
        let transport = transport::Transport::new(&settings, http.clone(), budget, PATIENCE);
        let service = tower::service_fn(move |request| transport.clone().send(request));
        let crab = OctocrabBuilder::new_empty().with_service(service).with_auth(AuthState::None);
        let crab = crab.build().map_err(|_| {
            Error::failed(format!("could not set up GitHub's API at {}", settings.api))
        })?;
        Ok(Self { settings, http, left, reserve, crab })
    }

    /// Returns the web page of something in the repository.
    pub fn page(&self, path: &str) -> String {
        let server = self.settings.server.as_str().trim_end_matches('/');
        format!("{server}/{}/{path}", self.settings.repository)
    }

    /// Returns the route of something in the repository.
    fn route(&self, path: &str) -> String {
        let route = format!("/repos/{}/{path}", self.settings.repository);
        route.trim_end_matches('/').to_owned()
    }

    /// Lets one more request through: whoever waits for a long run asks as often as that takes.
    fn allow_one_more(&self) {
        self.left.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    }

    /// Asks for something in the repository; `doing` completes "could not …".
    async fn get<R: FromResponse>(&self, doing: &str, path: &str) -> Result<R> {
        let asked = self.crab.get(self.route(path), None::<&()>).await;
        asked.map_err(|error| refusal::told(doing, error))
    }

    /// Makes something in the repository.
    async fn post<R: FromResponse>(
        &self,
        doing: &str,
        path: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<R> {
        let asked = self.crab.post(self.route(path), Some(body)).await;
        asked.map_err(|error| refusal::told(doing, error))
    }

    /// Makes something, and returns the answer where there is one.
    async fn post_for_any(
        &self,
        doing: &str,
        path: &str,
        body: Option<&(impl Serialize + Sync)>,
    ) -> Result<Option<serde_json::Value>> {
        let asked = async {
            let answer = self.crab._post(self.route(path), body).await?;
            let body = octocrab::map_github_error(answer).await?.into_body();
            body.collect().await.map(http_body_util::Collected::to_bytes)
        };
        let answer = asked.await.map_err(|error| refusal::told(doing, error))?;
        Ok(serde_json::from_slice(&answer).ok())
    }

    /// Changes something in the repository.
    async fn patch<R: FromResponse>(
        &self,
        doing: &str,
        path: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<R> {
        let asked = self.crab.patch(self.route(path), Some(body)).await;
        asked.map_err(|error| refusal::told(doing, error))
    }
}

#[cfg(test)]
mod tests;
