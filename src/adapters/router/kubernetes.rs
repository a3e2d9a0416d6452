//! Shares traffic by a Service's selector or an `HTTPRoute`'s weights.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::read_back::agreed;
use super::surroundings::Surroundings;
use crate::adapters::kubernetes::{Kubectl, Name, Place, with_place};
use crate::adapters::process::{Program, Trouble};
use crate::domain::duration::Span;
use crate::domain::slots::{Pair, Shares, Slot};
use crate::domain::text;
use crate::error::{Error, Result};
use crate::ports::{Drained, Router};

mod endpoints;
mod route;
mod service;
mod taken;

use route::Backends;
use service::Selected;

/// How long nothing is asked between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// The longest foreign word in a message, in characters.
const WORD: usize = 100;

with_place! {
    /// By a Service's selector, or by the weights of an `HTTPRoute`: exactly one of `service` and `http_route`.
    #[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[schemars(rename = "KubernetesRouter")]
    pub struct Settings {
        /// The Service whose selector is switched; one slot has all of its traffic.
        #[serde(default)]
        pub service: Option<Name>,
        /// The label of the pods that names their slot, in the Service's selector; `slot` unless given.
        #[serde(default = "usual_selector")]
        #[schemars(length(min = 1))]
        pub selector: String,
        /// The `HTTPRoute` of the Gateway API whose backends are weighted.
        #[serde(default)]
        pub http_route: Option<Name>,
        /// The Service of each slot that the `HTTPRoute` sends to; the one of the slot's name unless given.
        #[serde(default)]
        pub services: BTreeMap<String, Name>,
        /// The slot that serves before anything was ever switched.
        pub stable: String,
        /// The other one.
        pub candidate: String,
        /// How long the pods of a slot may take to be ready that is to get traffic; `30s` unless given.
        #[serde(default = "usual_up_within")]
        pub up_within: Span,
        /// The time each command has; `30s` unless given.
        #[serde(default = "usual_timeout")]
        pub timeout: Span,
    }
}

fn usual_selector() -> String {
    "slot".to_owned()
}

fn usual_up_within() -> Span {
    Span::secs(30)
}

fn usual_timeout() -> Span {
    Span::secs(30)
}

/// What shares.
enum By {
    Service(Selected),
    Route(Backends),
}

/// Shares traffic by Kubernetes.
pub struct KubernetesRouter {
    pair: Pair,
    kubectl: Kubectl,
    by: By,
    up_within: Span,
    place: Place,
    folder: PathBuf,
}

/// Makes the router.
pub fn connect(settings: &Settings, pair: Pair, around: Surroundings) -> Result<KubernetesRouter> {
    let kubectl = around.program("kubectl");
    with(kubectl, settings, pair, around)
}

fn with(
    kubectl: Program,
    settings: &Settings,
    pair: Pair,
    around: Surroundings,
) -> Result<KubernetesRouter> {
    let folder = around.folder;
    let by = match (&settings.service, &settings.http_route) {
        (Some(service), None) => By::Service(Selected::new(service, &settings.selector, &pair)),
        (None, Some(route)) => By::Route(Backends::new(route, &settings.services, &pair)?),
        (Some(_), Some(_)) | (None, None) => {
            return Err(Error::invalid("the `kubernetes` router shares by one thing")
                .hint("give it either `service` or `http_route`"));
        }
    };
    let (place, up_within) = (settings.place(), settings.up_within);
    let kubectl = Kubectl::new(kubectl.timeout(settings.timeout.get()), &place);
    Ok(KubernetesRouter { pair, kubectl, by, up_within, place, folder })
}

#[async_trait]
impl Router for KubernetesRouter {
    fn kind(&self) -> &'static str {
        "kubernetes"
    }

    fn pair(&self) -> &Pair {
        &self.pair
    }

    fn plan(&self, shares: &Shares) -> Vec<String> {
        match &self.by {
            By::Service(service) => match service.change(shares) {
                Ok(change) => self.kubectl.shown(&change).into_iter().skip(1).collect(),
                Err(error) => vec![text::clean(&format!("run nothing: {error}"), usize::MAX)],
            },
            By::Route(route) => {
                let change = self.kubectl.command(&route.patch());
                vec![format!("{change} # {}", route.told(shares))]
            }
        }
    }

    fn ready(&self) -> Result<()> {
        self.place.is_there(&self.folder)
    }

    async fn read(&self) -> Result<Shares> {
        match &self.by {
            By::Service(service) => self.selected(service).await,
            By::Route(route) => self.weighted(route).await,
        }
    }

    async fn share(&self, shares: &Shares) -> Result<Shares> {
        match &self.by {
            By::Service(service) => self.select(service, shares).await?,
            By::Route(route) => self.weigh(route, shares).await?,
        }
        agreed("kubernetes", shares, self.read().await?)
    }

    /// What is in flight stays with its pod, and nobody counts it; a pod that ends is given the time to answer.
    async fn drain(&self, slot: &Slot, limit: Duration) -> Result<Drained> {
        if let By::Service(service) = &self.by {
            self.left_behind(service, slot, Instant::now() + limit).await?;
        }
        Ok(Drained::Left(None))
    }
}

impl KubernetesRouter {
    /// Returns an error of something that was being done, with the trouble as its cause.
    fn troubled(&self, doing: String, trouble: &Trouble) -> Error {
        self.kubectl.program().failed(doing, trouble)
    }
}

fn unread(doing: String, cause: impl std::fmt::Display) -> Error {
    Error::failed(doing).because(format!("the answer of `kubectl` could not be read: {cause}"))
}

#[cfg(test)]
mod tests;
