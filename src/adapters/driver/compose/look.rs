//! What really runs of a service, by its containers.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::image::Local;
use super::{ComposeDriver, Name};
use crate::adapters::process::{Program, Trouble};
use crate::domain::sighting::Sighting;
use crate::ports::Running;

/// One line of JSON for each container; its environment, full of secrets, is not asked for.
const CONTAINER: &str = concat!(
    r#"{"image":{{json .Image}},"written":{{json .Config.Image}},"#,
    r#""labels":{{json .Config.Labels}},"running":{{json .State.Running}}}"#,
);

/// What a file's variable holds while nobody is to be started.
pub(super) const NOTHING: &str = "lastgood";

/// What Docker says of a container.
#[derive(Debug, Deserialize)]
struct Container {
    /// The id of its image.
    image: String,
    /// Its image, as it was written.
    written: String,
    labels: Option<BTreeMap<String, String>>,
    running: bool,
}

impl ComposeDriver {
    /// Returns what the running containers of a service are.
    pub(super) async fn look(&self, service: &Name) -> Result<Running, Trouble> {
        let ids = self.asking().run(&self.ps(service)).await?;
        let ids: Vec<&str> = ids.split_whitespace().collect();
        let mut containers = self.containers(&ids).await?;
        containers.retain(|container| container.running);
        if containers.is_empty() {
            return Ok(Running::Nothing);
        }
        let images = containers.iter().map(|container| container.image.as_str());
        let images = self.images(&images.collect()).await?;
        let called = containers.iter().map(|container| container.called(&images));
        let label = self.settings.version_label.as_str();
        let told: Option<Vec<_>> =
            containers.iter().map(|container| container.label(label)).collect();
        Ok(Running::Seen(Sighting {
            version: told.map(|told| all(told.into_iter().map(str::to_owned))),
            image: Some(all(called)),
            replicas: containers.len().try_into().ok(),
        }))
    }

    /// The files may demand the variable, though nothing comes of it here.
    pub(super) fn asking(&self) -> Program {
        let variable = self.settings.image_variable.iter();
        variable.fold(self.docker.clone(), |docker, name| docker.env(name.as_str(), NOTHING))
    }

    fn ps(&self, service: &Name) -> Vec<String> {
        let ps = ["ps", "--all", "--quiet", "--no-trunc", "--", service.as_str()];
        self.compose(None).into_iter().chain(ps.map(str::to_owned)).collect()
    }

    async fn containers(&self, ids: &[&str]) -> Result<Vec<Container>, Trouble> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let args = [&["container", "inspect", "--format", CONTAINER, "--"], ids].concat();
        lines(&self.docker.run(&args).await?)
    }

    /// Returns the images that are still here; a container runs on without its own.
    async fn images(&self, ids: &BTreeSet<&str>) -> Result<Vec<Local>, Trouble> {
        match self.docker.run(&Local::asked(ids.iter().copied())).await {
            Ok(answer) => Local::read(&answer),
            Err(trouble) if trouble.says("No such image: ") => Ok(Vec::new()),
            Err(trouble) => Err(trouble),
        }
    }
}

impl Container {
    fn called(&self, images: &[Local]) -> String {
        let image = images.iter().find(|image| image.id == self.image);
        image.map_or_else(|| self.written.clone(), |image| image.called(&self.written))
    }

    fn label(&self, name: &str) -> Option<&str> {
        let label = self.labels.as_ref()?.get(name)?;
        (!label.is_empty()).then_some(label.as_str())
    }
}

/// Returns the one word that all say, or a phrase that no version and no image is called.
fn all(words: impl Iterator<Item = String>) -> String {
    let words: BTreeSet<String> = words.collect();
    match Vec::from_iter(words).as_slice() {
        [one] => one.clone(),
        several => several.join(" and ").replace('@', " "),
    }
}

/// Reads one value from each line.
pub(super) fn lines<T: DeserializeOwned>(answer: &str) -> Result<Vec<T>, Trouble> {
    let lines = answer.lines().filter(|line| !line.trim().is_empty());
    let read = lines.map(serde_json::from_str).collect::<Result<_, _>>();
    read.map_err(|cause| Trouble::Broken(format!("its answer could not be read: {cause}")))
}

#[cfg(test)]
mod tests {
    use crate::domain::version::Version;

    use super::*;

    #[test]
    fn a_mixture_is_no_version_that_could_be_wanted() {
        let seen = |one: &str, other: &str| Sighting {
            image: Some(all([one, other].map(str::to_owned).into_iter())),
            ..Sighting::default()
        };
        let differs = |wanted: &str, seen: &Sighting| {
            let image = Some(wanted.to_owned());
            !seen.differs_from(&Version { image, ..Version::named("1.0") }).is_empty()
        };
        let mixed = [
            seen("shop:1.0", "shop:2.0"),
            seen("shop:1.0@sha256:aa", "shop:2.0@sha256:bb"),
            seen("shop:1.0@sha256:aa", "shop:1.0@sha256:bb"),
        ];
        for mixed in mixed {
            for wanted in ["shop:1.0", "shop:2.0", "shop:1.0@sha256:aa", "shop:2.0@sha256:bb"] {
                assert!(differs(wanted, &mixed), "{wanted} is not {mixed:?}");
            }
        }
        assert!(!differs("shop:1.0", &seen("shop:1.0@sha256:aa", "shop:1.0@sha256:aa")));
    }
}
