//! What runs of a service, and what all ran together.

use std::collections::{BTreeMap, HashMap};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::told::RollbackError;
use crate::domain::names::Service;
use crate::domain::text;
use crate::domain::version::{ConfigFile, Version};

/// One version of one service, as it was deployed.
///
/// Two of them are the same version if all but `deployed_at` is the same.
///
/// ```
/// use lastgood::rollback::DeployedVersion;
///
/// let api = DeployedVersion::new("api", "1.4.0", "registry.example/api:1.4.0").replicas(3);
/// assert_eq!((api.version.as_str(), api.replicas), ("1.4.0", 3));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeployedVersion {
    /// The service.
    pub service: String,
    /// The version, as people say it.
    pub version: String,
    /// The image it runs from; may be empty.
    pub image: String,
    /// When it was deployed.
    pub deployed_at: SystemTime,
    /// The configuration it runs with, by key.
    pub config_snapshot: HashMap<String, String>,
    /// How many of it run.
    pub replicas: u32,
}

impl DeployedVersion {
    /// Returns a version that is deployed now, once, with no configuration.
    pub fn new(
        service: impl Into<String>,
        version: impl Into<String>,
        image: impl Into<String>,
    ) -> Self {
        Self {
            service: service.into(),
            version: version.into(),
            image: image.into(),
            deployed_at: SystemTime::now(),
            config_snapshot: HashMap::new(),
            replicas: 1,
        }
    }

    /// Sets how many of it run.
    #[must_use]
    pub fn replicas(self, replicas: u32) -> Self {
        Self { replicas, ..self }
    }

    /// Sets one key of its configuration.
    #[must_use]
    pub fn config(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.config_snapshot.insert(key.into(), value.into());
        self
    }

    /// Returns it as the domain knows it: the configuration by its digest.
    pub(super) fn meant(&self) -> Result<(Service, Version), RollbackError> {
        let invalid = |why: String| RollbackError::InvalidState(why);
        let service =
            Service::new(self.service.as_str()).map_err(|bad| invalid(bad.to_string()))?;
        if self.version.trim().is_empty() {
            return Err(invalid(format!("the version of `{service}` is empty")));
        }
        if self.version.chars().any(text::is_unprintable) {
            let clean = text::clean(&self.version, 60);
            return Err(invalid(format!("`{clean}` is no version of `{service}`")));
        }
        let version = Version {
            image: (!self.image.is_empty()).then(|| self.image.clone()),
            replicas: Some(self.replicas),
            config: self.digest(),
            ..Version::named(self.version.as_str())
        };
        Ok((service, version))
    }

    fn digest(&self) -> Option<ConfigFile> {
        if self.config_snapshot.is_empty() {
            return None;
        }
        let mut digest = Sha256::new();
        for (key, value) in self.config_snapshot.iter().collect::<BTreeMap<_, _>>() {
            for part in [key, value] {
                digest.update((part.len() as u64).to_be_bytes());
                digest.update(part.as_bytes());
            }
        }
        let sha256 = hex::encode(digest.finalize());
        Some(ConfigFile { path: "config_snapshot".to_owned(), sha256 })
    }
}

/// The versions of all services at one time, to go back to.
///
/// It is made by [`create_restore_point`](super::RollbackManager::create_restore_point), and by
/// every rollback and cancel, so that the history misses none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestorePoint {
    /// Its identity, which is given once.
    pub id: String,
    /// When it was made.
    pub created_at: SystemTime,
    /// What it is, in the words of who made it.
    pub description: String,
    /// What every service ran, by its name.
    pub versions: HashMap<String, DeployedVersion>,
    /// Whether it was marked stable.
    pub is_stable: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api() -> DeployedVersion {
        DeployedVersion::new("api", "1.0", "api:1.0").replicas(2).config("port", "80")
    }

    #[test]
    fn two_versions_differ_if_anything_but_their_time_does() {
        let meant = |version: &DeployedVersion| version.meant().unwrap();
        let later = DeployedVersion { deployed_at: SystemTime::UNIX_EPOCH, ..api() };
        assert_eq!(meant(&later), meant(&api()));
        for other in [
            api().replicas(3),
            api().config("port", "81"),
            api().config("host", "x"),
            DeployedVersion { image: String::new(), ..api() },
            DeployedVersion { version: "1.1".into(), ..api() },
        ] {
            assert_ne!(meant(&other), meant(&api()));
        }
    }

    #[test]
    fn where_a_key_ends_and_its_value_begins_is_part_of_the_configuration() {
        let with = |key, value| DeployedVersion::new("api", "1", "").config(key, value);
        assert_ne!(with("ab", "c").meant().unwrap(), with("a", "bc").meant().unwrap());
    }

    #[test]
    fn what_has_no_name_or_version_is_refused() {
        for (service, version) in [("", "1"), (" ", "1"), ("-x", "1"), ("api", ""), ("api", " ")] {
            let bad = DeployedVersion::new(service, version, "");
            assert!(matches!(bad.meant(), Err(RollbackError::InvalidState(_))), "{service:?}");
        }
        let hostile = DeployedVersion::new("api", "1\u{202e}", "").meant();
        let told = "`1\u{fffd}` is no version of `api`".to_owned();
        assert_eq!(hostile, Err(RollbackError::InvalidState(told)));
    }
}
