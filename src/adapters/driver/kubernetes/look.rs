//! Looks at the pods that run.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::KubernetesDriver;
use super::template::VERSION;
use crate::adapters::kubernetes::{Container, read};
use crate::adapters::process::Trouble;
use crate::domain::rollout::Rollout;
use crate::domain::sighting::Sighting;
use crate::ports::Running;

#[derive(Deserialize)]
struct List {
    items: Vec<Pod>,
}

#[derive(Deserialize)]
struct Pod {
    metadata: Meta,
    spec: Spec,
    #[serde(default)]
    status: Status,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    deletion_timestamp: Option<String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Spec {
    containers: Vec<Container>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    phase: String,
    container_statuses: Vec<Ran>,
}

#[derive(Deserialize)]
struct Ran {
    name: String,
    #[serde(default, rename = "imageID")]
    image: String,
}

impl KubernetesDriver {
    /// Returns what the pods of the workload are.
    pub(super) async fn look(&self) -> Result<Running, Trouble> {
        let resource = &self.settings.resource;
        let json = match self.kubectl.get(&[&resource.argument()]).await {
            Err(Trouble::Said { said, .. }) if resource.is_missed_by(&said) => {
                return Ok(Running::Nothing);
            }
            answer => answer?,
        };
        let answer = read(json.as_bytes(), resource).map_err(unread)?;
        let selector = format!("--selector={}", answer.selector);
        let json = self.kubectl.get(&["pods", &selector]).await?;
        let List { mut items } = serde_json::from_str(&json).map_err(unread)?;
        items.retain(Pod::stays);
        if items.is_empty() {
            return Ok(Running::Nothing);
        }
        let replicas = match &answer.workload.rollout {
            Rollout::Deployment(pods) => pods.wanted,
            Rollout::StatefulSet(pods) => pods.wanted,
            Rollout::DaemonSet(_) => None,
        };
        let container = self.settings.container.as_deref();
        let names: Option<Vec<_>> = items.iter().map(|pod| pod.image(container)).collect();
        let told: Option<Vec<_>> = items.iter().map(Pod::version).collect();
        Ok(Running::Seen(Sighting { version: told.map(all), image: names.map(all), replicas }))
    }
}

fn unread(cause: impl std::fmt::Display) -> Trouble {
    Trouble::Broken(format!("its answer could not be read: {cause}"))
}

impl Pod {
    fn stays(&self) -> bool {
        let over = ["Succeeded", "Failed"].contains(&self.status.phase.as_str());
        self.metadata.deletion_timestamp.is_none() && !over
    }

    fn version(&self) -> Option<String> {
        self.metadata.annotations.get(VERSION).cloned()
    }

    /// Returns the image as it was asked for, with the digest that the node found for it.
    fn image(&self, container: Option<&str>) -> Option<String> {
        let mut all = self.spec.containers.iter();
        let own = match container {
            Some(name) => all.find(|it| it.name == name),
            None => all.next().filter(|_| self.spec.containers.len() == 1),
        }?;
        let ran = self.status.container_statuses.iter().find(|it| it.name == own.name);
        let digest = ran.and_then(|it| it.image.split_once('@')).map(|(_, digest)| digest);
        Some(match digest.filter(|_| !own.image.contains('@')) {
            Some(digest) => format!("{}@{digest}", own.image),
            None => own.image.clone(),
        })
    }
}

/// Returns the one word that all say, or a phrase that no version and no image is called.
fn all(words: Vec<String>) -> String {
    let words: BTreeSet<String> = words.into_iter().collect();
    match Vec::from_iter(words).as_slice() {
        [one] => one.clone(),
        several => several.join(" and ").replace('@', " "),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn image(ran: &str, written: &str, container: Option<&str>) -> Option<String> {
        let pod: Pod = serde_json::from_value(json!({
            "metadata": {},
            "spec": { "containers": [
                { "name": "web", "image": written }, { "name": "mesh", "image": "mesh:1" },
            ] },
            "status": { "containerStatuses": [{ "name": "web", "imageID": ran }] },
        }))
        .unwrap();
        pod.image(container)
    }

    #[test]
    fn an_image_has_the_digest_that_the_node_found() {
        let web = Some("web");
        let table = [
            ("docker.io/acme/shop@sha256:aa", "acme/shop:1", "acme/shop:1@sha256:aa"),
            ("docker-pullable://shop@sha256:aa", "shop:1", "shop:1@sha256:aa"),
            ("sha256:1d", "shop:1", "shop:1"),
            ("", "shop:1", "shop:1"),
            ("shop@sha256:aa", "shop:1@sha256:bb", "shop:1@sha256:bb"),
        ];
        for (ran, written, told) in table {
            assert_eq!(image(ran, written, web).as_deref(), Some(told));
        }
        assert_eq!(image("", "shop:1", None), None, "one of several is not guessed");
        assert_eq!(image("", "shop:1", Some("gone")), None);
    }

    #[test]
    fn pods_of_two_versions_are_told_as_neither() {
        let two = |one: &str, other: &str| all(vec![one.to_owned(), other.to_owned()]);
        assert_eq!(two("1.0", "1.0"), "1.0");
        assert_eq!(two("2.0", "1.0"), "1.0 and 2.0");
        assert_eq!(two("a:1@sha256:aa", "a:1@sha256:bb"), "a:1 sha256:aa and a:1 sha256:bb");
    }
}
