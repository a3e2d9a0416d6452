//! Brings a service to a version by Kubernetes.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::compose::{Image, ImageOf};
use super::surroundings::Surroundings;
use crate::adapters::kubernetes::{Answer, Kubectl, Resource, read, with_place};
use crate::adapters::process::{Program, Trouble};
use crate::domain::duration::Span;
use crate::domain::rollout::{Progress, Rollout};
use crate::domain::text;
use crate::error::{Error, Result};
use crate::ports::{Availability, Drive, Driven, Driver, Running, Site};

mod look;
mod stop;
mod template;
mod wait;

use template::Wanted;

/// The time each command has when nobody says.
const TIMEOUT: Span = Span::mins(1);

/// The time a rollout has when nobody says; as long as Kubernetes itself gives one that makes no progress.
const WAIT: Span = Span::mins(10);

/// The longest foreign word in a message, in characters.
const WORD: usize = 100;

with_place! {
    /// Gives a workload the version's image, and waits until it is rolled out.
    #[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[schemars(rename = "KubernetesDriver")]
    pub struct Settings {
        /// The `Deployment`, `DaemonSet` or `StatefulSet`: `deployment/shop`.
        pub resource: Resource,
        /// The container that gets the image; the only one unless given.
        #[serde(default)]
        pub container: Option<String>,
        /// The image of a version that was recorded without one: `ghcr.io/acme/shop:{version}`.
        #[serde(default)]
        pub image: Option<ImageOf>,
        /// The time a rollout has; `10m` unless given.
        #[serde(default = "usual_wait")]
        pub wait_timeout: Span,
        /// The time each command has; `1m` unless given. Then it is killed with all that it started.
        #[serde(default = "usual_timeout")]
        pub timeout: Span,
    }
}

fn usual_timeout() -> Span {
    TIMEOUT
}

fn usual_wait() -> Span {
    WAIT
}

/// Brings a service to a version by Kubernetes.
pub struct KubernetesDriver {
    settings: Settings,
    around: Surroundings,
    kubectl: Kubectl,
}

/// Makes the driver.
pub fn connect(settings: Settings, around: Surroundings) -> KubernetesDriver {
    let kubectl = around.program("kubectl");
    with(kubectl, settings, around)
}

fn with(kubectl: Program, settings: Settings, around: Surroundings) -> KubernetesDriver {
    let kubectl = Kubectl::new(kubectl.timeout(settings.timeout.get()), &settings.place());
    KubernetesDriver { settings, around, kubectl }
}

#[async_trait]
impl Driver for KubernetesDriver {
    fn plan(&self, drive: &Drive) -> Vec<String> {
        let image = match self.image(drive) {
            Ok(image) => image,
            Err(error) => return vec![format!("run nothing: {}", error.whole())],
        };
        let container = self.settings.container.as_deref().unwrap_or("(its only container)");
        let change = Wanted::of(&image, &drive.to).change(&self.settings.resource, container);
        let delete = self.settings.resource.has_named_pods().then(|| {
            let delete = self.kubectl.command(&["delete", "pods/POD", "--wait=false"]);
            format!("{delete} # each that was there before and never came up")
        });
        self.kubectl.shown(&change).into_iter().chain(delete).collect()
    }

    fn ready(&self) -> Result<()> {
        self.settings.place().is_there(&self.around.folder)
    }

    async fn current(&self, site: &Site) -> Result<Running> {
        let seen = self.look().await;
        let doing = || format!("could not see what runs of `{}`", site.service);
        seen.map_err(|trouble| self.kubectl.program().failed(doing(), &trouble))
    }

    async fn available(&self, drive: &Drive) -> Result<Availability> {
        // Only the nodes know which registries they can pull from.
        Ok(match self.image(drive) {
            Ok(_) => Availability::Untold,
            Err(error) => Availability::Missing(error.whole()),
        })
    }

    async fn apply(&self, drive: &Drive) -> Result<Driven> {
        let wanted = Wanted::of(&self.image(drive)?, &drive.to);
        let before = self.workload(drive).await?;
        self.can_be_rolled_out(&before, drive)?;
        let container = self.container(&before, drive)?;
        let wanted = wanted.after(&before);
        let change = wanted.change(&self.settings.resource, container);
        let refused = |trouble| self.troubled(drive, &trouble);
        self.kubectl.check(&change).await.map_err(refused)?;
        let telling = self.kubectl.with(|kubectl| self.around.telling(kubectl, drive));
        telling.patch(&change).await.map_err(refused)?;
        let message = self.rolled_out(drive, &wanted, container, &before).await?;
        Ok(Driven { message })
    }

    fn plan_removal(&self, _: &Drive) -> Result<Vec<String>> {
        self.plan_stop()
    }

    async fn remove(&self, drive: &Drive) -> Result<Driven> {
        self.stop(drive).await
    }
}

impl KubernetesDriver {
    fn image(&self, drive: &Drive) -> Result<Image> {
        let (service, version) = (&drive.service, text::clean(&drive.to.version, WORD));
        let written = match (&drive.to.image, &self.settings.image) {
            (Some(image), _) => Image::read(image),
            (None, Some(image)) => image.of(&drive.to),
            (None, None) => Err("it was recorded without one".to_owned()),
        };
        written.map_err(|why| {
            let message = format!("version `{version}` of `{service}` has no image to run");
            Error::failed(message)
                .because(why)
                .hint("record it with `--image`, or give the driver `image: NAME:{version}`")
        })
    }

    /// Asks how the workload is now.
    async fn workload(&self, drive: &Drive) -> Result<Answer> {
        let json = self.kubectl.get(&[&self.settings.resource.argument()]).await;
        let json = json.map_err(|trouble| self.troubled(drive, &trouble))?;
        read(json.as_bytes(), &self.settings.resource)
            .map_err(|cause| broken(drive, format!("its answer could not be read: {cause}")))
    }

    /// Refuses, before anything is changed, what would never be rolled out.
    fn can_be_rolled_out(&self, before: &Answer, drive: &Drive) -> Result<()> {
        if let Rollout::Deployment(pods) = &before.workload.rollout
            && pods.paused
        {
            let resume = ["rollout", "resume", &self.settings.resource.argument()];
            let why = format!("{} is paused", self.settings.resource);
            let hint = format!("when it may go on, run `{}`", self.kubectl.command(&resume));
            return Err(broken(drive, why).hint(hint));
        }
        match before.workload.progress() {
            Progress::Untold(why) => Err(broken(drive, why)),
            Progress::Done(_) | Progress::Waiting(..) | Progress::Failed(_) => Ok(()),
        }
    }

    /// Returns the container that gets the image; one that is not there would be made.
    fn container<'a>(&self, before: &'a Answer, drive: &Drive) -> Result<&'a str> {
        let names = || before.template.spec.containers.iter().map(|it| it.name.as_str());
        let found = match &self.settings.container {
            Some(name) => names().find(|there| there == name),
            None => Some(names()).filter(|_| names().count() == 1).and_then(|mut one| one.next()),
        };
        found.ok_or_else(|| {
            let there = names().collect::<Vec<_>>().join("`, `");
            let resource = &self.settings.resource;
            let why = match &self.settings.container {
                Some(name) => {
                    let name = text::clean(name, WORD);
                    format!("{resource} has no container `{name}`, only `{there}`")
                }
                None => format!("{resource} has several containers: `{there}`"),
            };
            broken(drive, why).hint("name one of them by the driver's `container`")
        })
    }

    fn troubled(&self, drive: &Drive, trouble: &Trouble) -> Error {
        let resource = &self.settings.resource;
        match trouble {
            Trouble::Said { said, .. } if resource.is_missed_by(said) => {
                let namespace = self.settings.namespace.as_ref();
                let within = namespace.map(|name| format!(" in the namespace `{name}`"));
                let why = format!("there is no {resource}{}", within.unwrap_or_default());
                broken(drive, why).hint("lastgood changes what is there: make it first")
            }
            Trouble::Said { .. } | Trouble::Slow(_) | Trouble::Broken(_) => {
                self.kubectl.program().failed(doing(drive), trouble)
            }
        }
    }
}

fn broken(drive: &Drive, why: String) -> Error {
    Error::failed(doing(drive)).because(why)
}

fn doing(drive: &Drive) -> String {
    let version = text::clean(&drive.to.version, WORD);
    format!("could not bring `{}` to version `{version}`", drive.service)
}

#[cfg(test)]
mod tests;
