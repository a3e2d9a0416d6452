//! Brings a service to a version by Docker Compose.

use async_trait::async_trait;
use futures_util::future::join;
use schemars::JsonSchema;
use serde::Deserialize;

use super::surroundings::Surroundings;
use crate::adapters::docker::{Host, Name};
use crate::adapters::process::{Program, Trouble};
use crate::domain::duration::Span;
use crate::domain::names::Service;
use crate::domain::text;
use crate::error::{Error, Result};
use crate::ports::{Availability, Drive, Driven, Driver, Running, Site};

mod fetch;
mod image;
mod look;
mod overlay;
mod written;

pub use image::ImageOf;
pub use written::{Files, Label, Variable};

use fetch::{is_unknown, pull};
pub(super) use image::Image;
use look::NOTHING;
use overlay::Overlay;

/// The time each command has when nobody says.
const TIMEOUT: Span = Span::mins(10);

/// The time a service has to become healthy when nobody says.
const WAIT: Span = Span::mins(5);

/// The longest foreign word in a message, in characters.
const WORD: usize = 100;

/// Recreates one service of a Compose project with the version's image, and waits until it is healthy.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ComposeDriver")]
pub struct Settings {
    /// The Compose file, or several in their order, relative to the configuration's folder.
    pub file: Files,
    /// The service in the files; the service's own name unless given.
    #[serde(default)]
    pub service: Option<Name>,
    /// The project; as the files or their folder name it unless given.
    #[serde(default)]
    pub project: Option<Name>,
    /// The file of variables, or several, in place of the `.env` beside the first Compose file.
    #[serde(default)]
    pub env_file: Option<Files>,
    /// The image of a version that was recorded without one: `ghcr.io/acme/shop:{version}`.
    #[serde(default)]
    pub image: Option<ImageOf>,
    /// A variable that is set to the image, for files that demand one.
    #[serde(default)]
    pub image_variable: Option<Variable>,
    /// Whether a tag that is here already is asked of its registry again: `missing` (the default) or `always`.
    #[serde(default)]
    pub pull: Pull,
    /// The label of a container that tells its version; `lastgood.version`, which lastgood sets, unless given.
    #[serde(default)]
    pub version_label: Label,
    /// Where Docker listens; as `docker` is configured unless given.
    #[serde(default)]
    pub host: Option<Host>,
    /// The time the service has to become healthy, or to run where it has no health check; `5m` unless given.
    #[serde(default = "usual_wait")]
    pub wait_timeout: Span,
    /// The time each command has; `10m` unless given. Then it is killed with all that it started.
    #[serde(default = "usual_timeout")]
    pub timeout: Span,
}

/// When an image is pulled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Pull {
    /// Where it is not here yet.
    #[default]
    Missing,
    /// Each time.
    Always,
}

fn usual_timeout() -> Span {
    TIMEOUT
}

fn usual_wait() -> Span {
    WAIT
}

/// Brings a service to a version by Docker Compose.
pub struct ComposeDriver {
    settings: Settings,
    around: Surroundings,
    docker: Program,
}

/// Makes the driver.
pub fn connect(settings: Settings, around: Surroundings) -> ComposeDriver {
    let docker = around.program("docker");
    with(docker, settings, around)
}

fn with(docker: Program, settings: Settings, around: Surroundings) -> ComposeDriver {
    let docker = docker.timeout(settings.timeout.get());
    let host = settings.host.iter();
    let docker = host.fold(docker, |docker, host| docker.env("DOCKER_HOST", host.as_str()));
    ComposeDriver { settings, around, docker }
}

#[async_trait]
impl Driver for ComposeDriver {
    fn plan(&self, drive: &Drive) -> Vec<String> {
        let parts = self.service(&drive.service).and_then(|name| Ok((name, self.image(drive)?)));
        let (service, image) = match parts {
            Ok(parts) => parts,
            Err(error) => return vec![format!("run nothing: {}", error.whole())],
        };
        let docker = self.with_image(&image);
        let pull = docker.shown(&pull(&image));
        let pull = match self.settings.pull {
            Pull::Missing => format!("{pull} # unless it is here"),
            Pull::Always => pull,
        };
        let overlay = Overlay::of(&service, image.as_str(), &drive.to);
        let quoted = overlay.json();
        let quoted = shell_words::quote(&quoted);
        let up = docker.shown(&self.up(&service, drive));
        let variable = self.settings.image_variable.iter();
        let variable = variable.map(|name| format!("{name}={image} ")).next().unwrap_or_default();
        [pull, text::clean(&format!("{variable}{up} <<< {quoted}"), usize::MAX)].into()
    }

    fn ready(&self) -> Result<()> {
        let files =
            self.settings.file.each().chain(self.settings.env_file.iter().flat_map(Files::each));
        let gone = |file: &&str| !self.around.folder.join(file).is_file();
        match files.into_iter().find(gone) {
            None => Ok(()),
            Some(file) => {
                let file = text::clean(file, WORD);
                Err(Error::invalid(format!("there is no file `{file}` for Docker Compose"))
                    .hint("files are looked for from the configuration's folder"))
            }
        }
    }

    async fn current(&self, site: &Site) -> Result<Running> {
        let service = self.service(&site.service)?;
        let seen = self.look(&service).await;
        seen.map_err(|trouble| {
            self.explained(format!("could not see what runs of `{}`", site.service), &trouble)
        })
    }

    async fn available(&self, drive: &Drive) -> Result<Availability> {
        let image = match (self.service(&drive.service), self.image(drive)) {
            (Ok(_), Ok(image)) => image,
            (Err(error), _) | (_, Err(error)) => {
                return Ok(Availability::Missing(error.whole()));
            }
        };
        let asked = self.offered(&image).await;
        match asked {
            Ok(()) => Ok(Availability::There),
            Err(trouble) if is_unknown(&trouble) => {
                let why = format!("`{image}` is not here and cannot be pulled: {trouble}");
                Ok(Availability::Missing(why))
            }
            Err(Trouble::Said { .. } | Trouble::Slow(_)) => Ok(Availability::Untold),
            Err(trouble @ Trouble::Broken(_)) => {
                Err(self.explained(format!("could not look for the image `{image}`"), &trouble))
            }
        }
    }

    async fn apply(&self, drive: &Drive) -> Result<Driven> {
        let (service, image) = (self.service(&drive.service)?, self.image(drive)?);
        // Both only look; nothing is pulled for a service that the files do not have.
        let (known, here) = join(self.known(&service, &image, drive), self.here(&image)).await;
        known?;
        let pinned = self.fetched(drive, &image, here).await?.pinned(&image);
        let overlay = Overlay::of(&service, pinned.as_str(), &drive.to);
        let docker = self.around.telling(self.with_image(&pinned), drive);
        let ran = docker.feed(&self.up(&service, drive), Some(&overlay.json())).await;
        ran.map_err(|trouble| self.not_up(drive, &service, &trouble))?;
        Ok(Driven { message: pinned.told() })
    }

    fn plan_removal(&self, drive: &Drive) -> Result<Vec<String>> {
        let line = self.docker.shown(&self.rm(&self.service(&drive.service)?));
        let variable = self.settings.image_variable.iter();
        let variable = variable.map(|name| format!("{name}={NOTHING} ")).next().unwrap_or_default();
        Ok(vec![text::clean(&format!("{variable}{line}"), usize::MAX)])
    }

    async fn remove(&self, drive: &Drive) -> Result<Driven> {
        let service = self.service(&drive.service)?;
        let docker = self.around.telling(self.asking(), drive);
        let ran = docker.run(&self.rm(&service)).await;
        ran.map_err(|trouble| {
            self.explained(format!("could not stop `{}`", drive.service), &trouble)
        })?;
        Ok(Driven { message: String::new() })
    }
}

impl ComposeDriver {
    fn service(&self, service: &Service) -> Result<Name> {
        let own = || Name::try_from(service.as_str().to_owned());
        let name = self.settings.service.clone().map_or_else(own, Ok);
        name.map_err(|why| {
            let message = format!("Docker Compose knows no service `{service}`");
            Error::failed(message).because(why).hint("name it by the driver's `service`")
        })
    }

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

    /// Makes sure that the files have the service: ours would make one of its own.
    async fn known(&self, service: &Name, image: &Image, drive: &Drive) -> Result<()> {
        // One of a profile that is not in use is started all the same when it is named.
        let asked = ["--profile", "*", "config", "--services"].map(str::to_owned);
        let asked: Vec<_> = self.compose(None).into_iter().chain(asked).collect();
        let there = self.with_image(image).run(&asked).await;
        let there = there.map_err(|trouble| self.not_up(drive, service, &trouble))?;
        if there.lines().any(|name| name == service.as_str()) {
            return Ok(());
        }
        let there = text::clean(&there.lines().collect::<Vec<_>>().join("`, `"), WORD);
        let version = text::clean(&drive.to.version, WORD);
        Err(Error::failed(format!("could not bring `{}` to version `{version}`", drive.service))
            .because(format!("the Compose files have no service `{service}`, only `{there}`"))
            .hint("name it by the driver's `service`"))
    }

    /// Returns `docker` with the variable that the files may ask for.
    fn with_image(&self, image: &Image) -> Program {
        let variable = self.settings.image_variable.iter();
        variable.fold(self.docker.clone(), |docker, name| docker.env(name.as_str(), image.as_str()))
    }

    fn compose(&self, overlay: Option<&str>) -> Vec<String> {
        let own = self.settings.file.each();
        let files = own.chain(overlay).flat_map(|file| ["--file", file]);
        let given = self.settings.env_file.iter().flat_map(Files::each);
        let variables = given.flat_map(|file| ["--env-file", file]);
        let project = self.settings.project.iter();
        let project = project.flat_map(|name| ["--project-name", name.as_str()]);
        let words = std::iter::once("compose").chain(files).chain(variables).chain(project);
        words.map(str::to_owned).collect()
    }

    /// The image is here by now and what it needs is driven by itself, so nothing else is touched.
    fn up(&self, service: &Name, drive: &Drive) -> Vec<String> {
        let wait = self.settings.wait_timeout.get().as_secs().max(1).to_string();
        let scale = drive.to.replicas.map(|count| format!("{service}={count}"));
        let scale = scale.iter().flat_map(|scale| ["--scale", scale]);
        let fixed = ["up", "--detach", "--wait", "--wait-timeout", &wait];
        let only = ["--no-deps", "--no-build", "--pull", "never"];
        let words = fixed.into_iter().chain(only).chain(scale).chain(["--", service.as_str()]);
        self.compose(Some("-")).into_iter().chain(words.map(str::to_owned)).collect()
    }

    /// Its volumes and networks stay, and so does what it needs.
    fn rm(&self, service: &Name) -> Vec<String> {
        let words = ["rm", "--stop", "--force", "--", service.as_str()].map(str::to_owned);
        self.compose(None).into_iter().chain(words).collect()
    }

    fn not_up(&self, drive: &Drive, service: &Name, trouble: &Trouble) -> Error {
        let version = text::clean(&drive.to.version, WORD);
        let doing = format!("could not bring `{}` to version `{version}`", drive.service);
        let logs = ["logs", "--tail", "50", "--"].map(str::to_owned);
        let logs = self.compose(None).into_iter().chain(logs).chain([service.to_string()]);
        let error = self.explained(doing, trouble);
        match trouble {
            Trouble::Said { .. } if !has_no_compose(trouble) => {
                let logs: Vec<_> = logs.collect();
                error.hint(format!("see `{}`", self.docker.shown(&logs)))
            }
            Trouble::Said { .. } | Trouble::Slow(_) | Trouble::Broken(_) => error,
        }
    }

    fn explained(&self, doing: String, trouble: &Trouble) -> Error {
        if has_no_compose(trouble) {
            return Error::failed(doing)
                .because("`docker` has no Compose")
                .hint("install Docker Compose v2, a plugin of `docker`, where lastgood runs");
        }
        self.docker.failed(doing, trouble)
    }
}

/// Without its plugin, `docker` takes the flags of Compose for its own.
fn has_no_compose(trouble: &Trouble) -> bool {
    let words = [
        "unknown flag: --file",
        "unknown command: docker compose",
        "'compose' is not a docker command",
    ];
    words.iter().any(|said| trouble.says(said))
}

#[cfg(test)]
mod tests;
