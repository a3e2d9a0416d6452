//! Says where pods name the version that they run.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Identity, Proof, image};
use crate::adapters::kubernetes::Template;
use crate::domain::text;
use crate::domain::version::Version;

/// Where the pods name their version.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ExpectVersionOfPods")]
pub enum ExpectVersion {
    /// In the image of their one container, or of the one from the version's repository.
    Image(image::Yes),
    /// In the image of the container of this name.
    Container(String),
    /// In this label of the pods, such as `app.kubernetes.io/version`.
    Label(String),
    /// In this annotation of the pods.
    Annotation(String),
}

impl ExpectVersion {
    /// Holds what the pods' template names against the version under test; else says why not.
    pub(super) fn proof(
        &self,
        template: &Template,
        expected: Option<&Version>,
    ) -> Result<Proof, String> {
        let named = match self {
            Self::Image(image::Yes) => {
                return Ok(image::prove(&[the_one(template, expected)?.to_owned()], expected));
            }
            Self::Container(name) => {
                return Ok(image::prove(&[of(template, name)?.to_owned()], expected));
            }
            Self::Label(key) => template.metadata.labels.get(key),
            Self::Annotation(key) => template.metadata.annotations.get(key),
        };
        Ok(Proof::Known(Identity::of(named.map(String::as_str), expected)))
    }
}

fn the_one<'a>(template: &'a Template, expected: Option<&Version>) -> Result<&'a str, String> {
    let containers = &template.spec.containers;
    if let [container] = &containers[..] {
        return Ok(&container.image);
    }
    let wanted = expected.and_then(|version| version.image.as_deref());
    let wanted = wanted.map(|image| image::Reference::read(image).repository);
    let is_wanted = |image: &str| Some(image::Reference::read(image).repository) == wanted;
    let mut fitting = containers.iter().filter(|container| is_wanted(&container.image));
    match (fitting.next(), fitting.next()) {
        (Some(container), None) => Ok(&container.image),
        _ => Err(format!(
            "the pods have the containers {}; say which one, like `expect_version: {{container: NAME}}`",
            names(template)
        )),
    }
}

fn of<'a>(template: &'a Template, name: &str) -> Result<&'a str, String> {
    let found = template.spec.containers.iter().find(|container| container.name == name);
    found.map(|container| container.image.as_str()).ok_or_else(|| {
        let name = text::clean(name, 80);
        let there = names(template);
        format!("the pods have no container `{name}`; they have {there}")
    })
}

fn names(template: &Template) -> String {
    let names = template.spec.containers.iter().map(|container| format!("`{}`", container.name));
    names.collect::<Vec<_>>().join(", ")
}
