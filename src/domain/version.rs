//! What runs of a service, and the versions of all services together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::names::{Commit, Service};

/// What runs of one service; two versions differ if any field does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Version {
    /// The version string, as people say it.
    pub version: String,
    /// The commit it was built from, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit>,
    /// The repository of that commit, where it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// The image reference, where the service has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// How many replicas run, where the service counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u32>,
    /// The configuration file it runs with, by path and digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<ConfigFile>,
}

/// A configuration file by its path and digest; its content is never kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ConfigFile {
    /// The path, relative to the repository.
    pub path: String,
    /// The sha256 of the content, lower-case hexadecimal.
    pub sha256: String,
}

impl Version {
    /// Returns a version known by its version string alone.
    pub fn named(version: impl Into<String>) -> Self {
        Self {
            version: version.into(),
            commit: None,
            repository: None,
            image: None,
            replicas: None,
            config: None,
        }
    }

    /// Returns the same version at a commit.
    #[must_use]
    pub fn at(self, commit: Commit) -> Self {
        Self { commit: Some(commit), ..self }
    }
}

/// A restore point: the versions of all services of an environment.
pub type Versions = BTreeMap<Service, Version>;
