//! What is laid over the user's Compose files for one run.

use serde_json::json;

use super::written::LABEL;
use crate::adapters::docker::Name;
use crate::domain::version::Version;

/// One more Compose file, which is only ever read from standard input.
pub(super) struct Overlay(serde_json::Value);

impl Overlay {
    /// Gives a service its image, and a label that tells the version.
    pub(super) fn of(service: &Name, image: &str, version: &Version) -> Self {
        // What comes after a dollar sign would be taken for a variable.
        let version = version.version.replace('$', "$$");
        Self(json!({ "services": { service.as_str(): {
            "image": image,
            "labels": { LABEL: version },
        } } }))
    }

    pub(super) fn json(&self) -> String {
        self.0.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_text_and_neither_a_variable_nor_a_key() {
        let name = Name::try_from("web".to_owned()).unwrap();
        let version = Version::named("1.0\"}, ${HOME}: $x");
        let overlay = Overlay::of(&name, "shop:1.0", &version).json();
        assert_eq!(
            overlay,
            r#"{"services":{"web":{"image":"shop:1.0","labels":{"lastgood.version":"1.0\"}, $${HOME}: $$x"}}}}"#
        );
    }
}
