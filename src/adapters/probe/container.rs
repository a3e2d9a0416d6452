//! Asks Docker how a container is.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::identity::Identity;
use super::image::{self, Proof};
use super::instrument::{Asking, Instrument, Trouble};
use super::question::{Around, Question, Subject};
use crate::adapters::docker::{Host, Name};
use crate::domain::check::{Answered, Measurement, Reach};
use crate::domain::duration::Span;
use crate::domain::version::Version;
use crate::error::Result;
use crate::ports::Probe;

mod answer;
mod compose;
mod state;

use answer::Container;
pub use compose::Compose;

/// One look between two crashes is not health.
const MIN_UPTIME: Span = Span::secs(5);

/// Asks Docker, through `docker`, whether a container runs and is healthy.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ContainerCheck")]
pub struct Settings {
    /// The container's name; or give `compose`.
    #[serde(default)]
    pub name: Option<Name>,
    /// All containers of a service of Docker Compose.
    #[serde(default)]
    pub compose: Option<Compose>,
    /// Where Docker listens; as `docker` finds it unless given.
    #[serde(default)]
    pub host: Option<Host>,
    /// Whether a container without a health check is refused; `if_present` unless given.
    #[serde(default)]
    pub health: Health,
    /// Where it names its version; it must be the one under test, or its commit.
    #[serde(default)]
    pub expect_version: Option<ExpectVersion>,
    /// How often it may have been restarted; not asked unless given.
    #[serde(default)]
    pub max_restarts: Option<u32>,
    /// How long it must have run; `5s` unless given.
    #[serde(default = "min_uptime")]
    pub min_uptime: Span,
}

fn min_uptime() -> Span {
    MIN_UPTIME
}

/// Whether a container must have a health check.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ContainerHealth")]
pub enum Health {
    /// It must have one, and pass it.
    Required,
    /// It must pass it where it has one.
    #[default]
    IfPresent,
}

/// Where a container names its version.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ExpectVersionOfContainer")]
pub enum ExpectVersion {
    /// In its image.
    Image(image::Yes),
    /// In this label, such as `org.opencontainers.image.version`.
    Label(String),
}

/// Asks Docker how a container is.
#[derive(Debug)]
pub struct ContainerProbe {
    settings: Settings,
    docker: Instrument,
    folder: PathBuf,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "container"
    }

    fn reach(&self) -> Reach {
        Reach::Instrument
    }

    fn mistakes(&self) -> Vec<String> {
        let mistake = match (&self.name, &self.compose) {
            (None, None) => "neither `name` nor `compose` says which container is meant",
            (Some(_), Some(_)) => "`name` and `compose` exclude each other",
            (None, Some(Compose { project: None, file: None, .. })) => {
                "`compose` needs a `project` or a `file`"
            }
            (Some(_), None) | (None, Some(_)) => return Vec::new(),
        };
        vec![mistake.to_owned()]
    }

    fn subject(&self) -> Subject {
        match (&self.name, &self.compose) {
            (None, Some(compose)) => Subject::shown("compose", compose.to_string()),
            (Some(_) | None, _) => Subject::written("name"),
        }
    }

    fn connect(&self, around: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Ok(Arc::new(connect(self.clone(), Instrument::new("docker", around), around)))
    }
}

/// Makes the probe.
fn connect(settings: Settings, docker: Instrument, around: &Around<'_>) -> ContainerProbe {
    let host = settings.host.as_ref();
    let docker =
        host.into_iter().fold(docker, |docker, host| docker.env("DOCKER_HOST", host.as_str()));
    ContainerProbe { settings, docker, folder: around.folder.clone() }
}

#[async_trait]
impl Probe for ContainerProbe {
    fn kind(&self) -> &'static str {
        "container"
    }

    /// What asks is `docker` and what answers is its daemon: neither is the subject.
    fn reach(&self) -> Reach {
        Reach::Instrument
    }

    async fn measure(&self, expected: Option<&Version>, timeout: Duration) -> Measurement {
        let asking = self.docker.within(timeout);
        match self.look(&asking, expected).await {
            Ok(measurement) | Err(measurement) => measurement,
        }
    }
}

impl ContainerProbe {
    async fn look(
        &self,
        asking: &Asking<'_>,
        expected: Option<&Version>,
    ) -> Result<Measurement, Measurement> {
        let names = match (&self.settings.name, &self.settings.compose) {
            (Some(name), _) => vec![name.as_str().to_owned()],
            (None, Some(compose)) => self.replicas(asking, compose).await?,
            (None, None) => Vec::new(),
        };
        let inspected = answer::inspect(asking, names).await;
        let mut containers = inspected.map_err(|trouble| self.absent(trouble))?;
        if let Some(name) = &self.settings.name {
            containers.retain(|container| container.is_meant_by(name.as_str()));
        }
        if containers.is_empty() {
            return Err(self.missing());
        }
        let now = if self.settings.min_uptime.get().is_zero() {
            None
        } else {
            Some(answer::now(asking).await?)
        };
        let mut proofs = Vec::new();
        for container in &containers {
            proofs.push(self.proof(asking, container, expected).await?);
        }
        Ok(self.judge(&containers, &proofs, now))
    }

    fn judge(
        &self,
        containers: &[Container],
        proofs: &[Proof],
        now: Option<jiff::Timestamp>,
    ) -> Measurement {
        let answered = all_answered(proofs);
        let other = proofs.iter().filter(|proof| proof.is_other()).find_map(Proof::complaint);
        let sick = || containers.iter().find_map(|container| self.sick(container, now));
        let unproven = || proofs.iter().find_map(Proof::complaint);
        let judged = other.or_else(sick).or_else(unproven);
        judged.unwrap_or_else(|| state::well(containers)).answered_by(answered)
    }

    async fn replicas(
        &self,
        asking: &Asking<'_>,
        compose: &Compose,
    ) -> Result<Vec<String>, Measurement> {
        let ids = asking.ask(compose.args(&self.folder)).await;
        let ids = ids.map_err(|trouble| trouble.measurement())?;
        Ok(ids.text().split_whitespace().map(str::to_owned).collect())
    }

    async fn proof(
        &self,
        asking: &Asking<'_>,
        container: &Container,
        expected: Option<&Version>,
    ) -> Result<Proof, Measurement> {
        match &self.settings.expect_version {
            None => Ok(Proof::Known(Identity::unasked())),
            Some(ExpectVersion::Image(_)) => {
                Ok(image::prove(&answer::names(asking, container).await?, expected))
            }
            Some(ExpectVersion::Label(key)) => {
                let named = container.labels.as_ref().and_then(|labels| labels.get(key));
                Ok(Proof::Known(Identity::of(named.map(String::as_str), expected)))
            }
        }
    }

    fn absent(&self, trouble: Trouble) -> Measurement {
        match trouble {
            Trouble::Said(said) if answer::is_missing(&said) => self.missing(),
            Trouble::Said(_) | Trouble::Broken(_) => trouble.measurement(),
        }
    }

    fn missing(&self) -> Measurement {
        let what = match (&self.settings.name, &self.settings.compose) {
            (Some(name), _) => format!("container `{}`", name.as_str()),
            (None, Some(compose)) => format!("container of `{compose}`"),
            (None, None) => "container".to_owned(),
        };
        Measurement::fail(format!("there is no {what}"))
    }
}

/// One that is another speaks for all; only all together prove the expected one.
fn all_answered(proofs: &[Proof]) -> Answered {
    let mut answered: Vec<_> = proofs.iter().map(|proof| proof.identity().answered).collect();
    let is_other = |found: &Answered| matches!(found, Answered::Other(_));
    match answered.iter().position(is_other) {
        Some(at) => answered.swap_remove(at),
        None if answered.iter().all(|found| *found == Answered::Expected) => Answered::Expected,
        None => Answered::Unknown,
    }
}

#[cfg(test)]
mod tests;
