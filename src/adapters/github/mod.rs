//! GitHub, asked and told through octocrab over the one HTTP client.

use std::time::Duration;

use octocrab::{AuthState, FromResponse, Octocrab, OctocrabBuilder};
use serde::Serialize;
use url::Url;

use crate::adapters::http::Http;
use crate::adapters::secret::Secret;
use crate::error::{Error, Result};

pub mod guards;
mod lineage;
mod refusal;
mod runs;
pub mod showcase;
mod tickets;
mod transport;

/// The most requests that one command makes, retries among them.
const BUDGET: usize = 15;

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
    /// What proves who asks.
    pub token: Secret,
}

/// One repository on GitHub.
#[derive(Clone)]
pub struct GitHub {
    settings: Settings,
    crab: Octocrab,
}

impl GitHub {
    /// Prepares to ask; nothing is sent yet.
    pub fn connect(settings: Settings, http: Http) -> Result<Self> {
        let transport = transport::Transport::new(&settings, http, BUDGET, PATIENCE);
        let service = tower::service_fn(move |request| transport.clone().send(request));
        let crab = OctocrabBuilder::new_empty().with_service(service).with_auth(AuthState::None);
        let crab = crab.build().map_err(|_| {
            Error::failed(format!("could not set up GitHub's API at {}", settings.api))
        })?;
        Ok(Self { settings, crab })
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
