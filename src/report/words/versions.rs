//! Services and versions in few words.

use super::{count, shown};
use crate::domain::names::Service;
use crate::domain::version::{Version, Versions};

/// How many services are named before the rest is counted.
const NAMED: usize = 4;

/// Returns the versions of all services in one line.
pub fn versions(versions: &Versions) -> String {
    let mut named: Vec<String> = versions.iter().take(NAMED).map(|(s, v)| one(s, v)).collect();
    if versions.len() > NAMED {
        named.push(format!("{} more", versions.len() - NAMED));
    }
    named.join(", ")
}

fn one(service: &Service, version: &Version) -> String {
    let version = shown(&version.version);
    if *service == Service::only() { version } else { format!("{} {version}", name(service)) }
}

/// Returns a service's name.
pub fn name(service: &Service) -> String {
    shown(service.as_str())
}

/// Returns the names of services in one line.
pub fn names(services: &[Service]) -> String {
    services.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// Returns two versions of a service so that they can be told apart.
pub fn apart(from: Option<&Version>, to: Option<&Version>) -> (String, String) {
    let alike = match (from, to) {
        (Some(from), Some(to)) => from.version == to.version && from != to,
        (None, _) | (_, None) => false,
    };
    let told = |version: Option<&Version>| match version {
        None => "-".to_owned(),
        Some(version) if alike => exactly(version),
        Some(version) => shown(&version.version),
    };
    (told(from), told(to))
}

/// Returns a version with all that is known of it.
pub fn exactly(version: &Version) -> String {
    let facts = facts(version);
    let version = shown(&version.version);
    if facts.is_empty() { version } else { format!("{version} ({})", facts.join(", ")) }
}

fn facts(version: &Version) -> Vec<String> {
    let commit = version.commit.as_ref().map(|commit| commit.short().to_owned());
    let image = version.image.as_deref().map(shown);
    let replicas = version.replicas.map(|n| count(usize::try_from(n).unwrap_or(0), "replica"));
    let config = version.config.as_ref().map(|file| {
        format!("{} {}", shown(&file.path), file.sha256.chars().take(10).collect::<String>())
    });
    [commit, image, replicas, config.map(|config| shown(&config))].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_one_name_are_told_apart_by_what_differs() {
        let one = Version { replicas: Some(1), ..Version::named("1.0") };
        let three = Version { replicas: Some(3), ..Version::named("1.0") };
        let told = apart(Some(&one), Some(&three));
        assert_eq!(told, ("1.0 (1 replica)".to_owned(), "1.0 (3 replicas)".to_owned()));
        assert_eq!(apart(None, Some(&one)), ("-".to_owned(), "1.0".to_owned()));
    }

    #[test]
    fn many_services_are_counted_after_the_first() {
        let versions: Versions = ["a", "b", "c", "d", "e", "f"]
            .map(|name| (Service::new(name).unwrap(), Version::named("1")))
            .into();
        assert_eq!(super::versions(&versions), "a 1, b 1, c 1, d 1, 2 more");
    }
}
