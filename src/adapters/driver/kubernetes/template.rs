//! What the pods of a version are made from.

use serde_json::json;

use super::stop::{REPLICAS, Stopped, stopped_at};
use super::{Image, WORD};
use crate::adapters::kubernetes::{Answer, Change, Form, Resource, Template};
use crate::domain::text;
use crate::domain::version::Version;

/// The annotation by which lastgood tells the version of a pod.
///
/// It stands in the pods' template, so that `kubectl rollout undo` by hand brings back the one that is true.
pub(super) const VERSION: &str = "lastgood.dev/version";

/// What is wanted of a workload.
pub(super) struct Wanted {
    image: String,
    version: String,
    replicas: Option<u32>,
    stopped: Option<Stopped>,
}

impl Wanted {
    /// Wants a version as this image.
    pub(super) fn of(image: &Image, version: &Version) -> Self {
        let (image, replicas) = (image.as_str().to_owned(), version.replicas);
        Self { image, version: version.version.clone(), replicas, stopped: None }
    }

    /// Wants as many pods again as there were before the workload was stopped.
    pub(super) fn after(self, before: &Answer) -> Self {
        Self { stopped: stopped_at(before), ..self }
    }

    /// Returns the one change that makes it so.
    pub(super) fn change(&self, of: &Resource, container: &str) -> Change {
        let mut whole = json!({ "spec": { "template": {
            "metadata": { "annotations": { VERSION: self.version } },
            "spec": { "containers": [{ "name": container, "image": self.image }] },
        } } });
        // One that runs on each node counts nothing.
        let again = self.stopped.and_then(|stopped| stopped.count);
        if let Some(count) = self.replicas.or(again).filter(|_| of.counts_replicas()) {
            whole["spec"]["replicas"] = count.into();
        }
        if self.stopped.is_some() {
            whole["metadata"]["annotations"][REPLICAS] = serde_json::Value::Null;
        }
        Change { of: of.argument(), form: Form::Strategic, text: whole.to_string() }
    }

    /// Returns what stands in the template in its place, where that is something else.
    pub(super) fn other_in(&self, template: &Template, container: &str) -> Option<String> {
        let found = template.spec.containers.iter().find(|it| it.name == container);
        let image = found.map(|it| it.image.as_str());
        let version = template.metadata.annotations.get(VERSION).map(String::as_str);
        let other = |what, seen: Option<&str>| {
            let seen = text::clean(seen.unwrap_or_default(), WORD);
            Some(format!("{what} `{seen}`"))
        };
        match (image == Some(&self.image), version == Some(&self.version)) {
            (true, true) => None,
            (false, _) => other("image", image),
            (true, false) => other("version", version),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_text_and_the_count_is_only_for_what_counts() {
        let image = Image::read("shop:1.0").unwrap();
        let version = Version { replicas: Some(3), ..Version::named("1.0\"}, {{.}}\n--force") };
        let change = |resource: &str| {
            let resource = Resource::try_from(resource.to_owned()).unwrap();
            Wanted::of(&image, &version).change(&resource, "web")
        };
        let pods = r#""template":{"metadata":{"annotations":{"lastgood.dev/version":"1.0\"}, {{.}}\n--force"}},"spec":{"containers":[{"image":"shop:1.0","name":"web"}]}}"#;
        let counted = format!(r#"{{"spec":{{"replicas":3,{pods}}}}}"#);
        assert_eq!(sorted(&change("deployment/shop").text), sorted(&counted));
        assert_eq!(sorted(&change("sts/db").text), sorted(&counted));
        assert_eq!(sorted(&change("ds/agent").text), sorted(&format!(r#"{{"spec":{{{pods}}}}}"#)));
    }

    fn sorted(json: &str) -> serde_json::Value {
        serde_json::from_str(json).unwrap()
    }
}
