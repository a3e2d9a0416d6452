//! What a user's command is told, as environment variables.

use std::collections::BTreeMap;

use super::names::{Environment, Service};
use super::slots::Slot;
use super::version::Version;

/// Every variable there is; one without a value is taken away, so that none is inherited.
pub const NAMES: [&str; 13] = [
    "LASTGOOD_ACTION",
    "LASTGOOD_ENVIRONMENT",
    "LASTGOOD_SERVICE",
    "LASTGOOD_SLOT",
    "LASTGOOD_VERSION",
    "LASTGOOD_COMMIT",
    "LASTGOOD_IMAGE",
    "LASTGOOD_REPLICAS",
    "LASTGOOD_CONFIG_FILE",
    "LASTGOOD_DEPLOYMENT",
    "LASTGOOD_PREVIOUS_VERSION",
    "LASTGOOD_PREVIOUS_COMMIT",
    "LASTGOOD_CHECKOUT",
];

/// What a user's command is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts(BTreeMap<&'static str, String>);

impl Facts {
    /// Tells why the command runs.
    #[must_use]
    pub fn action(self, action: &str) -> Self {
        self.with("LASTGOOD_ACTION", action)
    }

    /// Tells the environment.
    #[must_use]
    pub fn environment(self, environment: &Environment) -> Self {
        self.with("LASTGOOD_ENVIRONMENT", environment)
    }

    /// Tells the service.
    #[must_use]
    pub fn service(self, service: &Service) -> Self {
        self.with("LASTGOOD_SERVICE", service)
    }

    /// Tells the slot, where the environment has slots.
    #[must_use]
    pub fn slot(self, slot: Option<&Slot>) -> Self {
        self.with_some("LASTGOOD_SLOT", slot)
    }

    /// Tells the version that is meant, and what is known of it.
    #[must_use]
    pub fn version(self, version: &Version) -> Self {
        let Version { version, commit, repository: _, image, replicas, config } = version;
        let path = config.as_ref().map(|config| &config.path);
        self.with("LASTGOOD_VERSION", version)
            .with_some("LASTGOOD_COMMIT", commit.as_ref())
            .with_some("LASTGOOD_IMAGE", image.as_ref())
            .with_some("LASTGOOD_REPLICAS", replicas.as_ref())
            .with_some("LASTGOOD_CONFIG_FILE", path)
    }

    /// Tells the deployment's number.
    #[must_use]
    pub fn deployment(self, n: u64) -> Self {
        self.with("LASTGOOD_DEPLOYMENT", &n)
    }

    /// Tells the version that is believed to run.
    #[must_use]
    pub fn previous(self, version: &Version) -> Self {
        self.with("LASTGOOD_PREVIOUS_VERSION", &version.version)
            .with_some("LASTGOOD_PREVIOUS_COMMIT", version.commit.as_ref())
    }

    /// Tells the folder with the commit's files.
    #[must_use]
    pub fn checkout(self, folder: &str) -> Self {
        self.with("LASTGOOD_CHECKOUT", folder)
    }

    /// Returns every variable, with its value where there is one.
    pub fn variables(&self) -> impl Iterator<Item = (&'static str, Option<&str>)> {
        NAMES.into_iter().map(|name| (name, self.0.get(name).map(String::as_str)))
    }

    fn with(mut self, name: &'static str, value: &(impl ToString + ?Sized)) -> Self {
        self.0.insert(name, value.to_string());
        self
    }

    fn with_some(self, name: &'static str, value: Option<&impl ToString>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::names::Commit;
    use super::super::version::ConfigFile;
    use super::*;

    #[test]
    fn a_command_is_told_all_that_is_known() {
        let commit = Commit::new("a".repeat(40)).unwrap();
        let version = Version {
            image: Some("shop@sha256:1".into()),
            replicas: Some(3),
            config: Some(ConfigFile { path: "etc/shop.toml".into(), sha256: "0".into() }),
            ..Version::named("2.0").at(commit.clone())
        };
        let facts = Facts::default()
            .action("deploy")
            .environment(&Environment::new("production").unwrap())
            .service(&Service::only())
            .slot(Some(&Slot::new("green").unwrap()))
            .version(&version)
            .deployment(7)
            .previous(&Version::named("1.0").at(commit.clone()))
            .checkout("/tmp/tree");
        let values: Vec<_> = facts.variables().map(|(_, value)| value.unwrap()).collect();
        let commit = commit.as_str();
        assert_eq!(
            values,
            [
                "deploy",
                "production",
                "app",
                "green",
                "2.0",
                commit,
                "shop@sha256:1",
                "3",
                "etc/shop.toml",
                "7",
                "1.0",
                commit,
                "/tmp/tree",
            ]
        );
    }

    #[test]
    fn what_is_not_known_has_no_value() {
        let facts = Facts::default().version(&Version::named("2.0"));
        let told: Vec<_> = facts.variables().filter(|(_, value)| value.is_some()).collect();
        assert_eq!(told, [("LASTGOOD_VERSION", Some("2.0"))]);
        assert_eq!(facts.variables().count(), NAMES.len());
    }
}
