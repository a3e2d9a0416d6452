//! The shapes of versions in JSON, the same everywhere.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::super::event::Quarantine;
use super::super::ids::OperationId;
use super::super::names::{Commit, Service};
use super::super::version::{ConfigFile, Version, Versions};

/// A version whose promised facts have their place, known or not.
#[derive(Serialize)]
struct Whole<'a> {
    version: &'a str,
    commit: Option<&'a Commit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<&'a str>,
    image: Option<&'a str>,
    replicas: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    config: Option<&'a ConfigFile>,
}

impl<'a> From<&'a Version> for Whole<'a> {
    fn from(version: &'a Version) -> Self {
        Self {
            version: &version.version,
            commit: version.commit.as_ref(),
            repository: version.repository.as_deref(),
            image: version.image.as_deref(),
            replicas: version.replicas,
            config: version.config.as_ref(),
        }
    }
}

#[derive(Serialize)]
struct Fled<'a> {
    service: &'a Service,
    version: Whole<'a>,
    by: OperationId,
    n: u64,
}

#[expect(clippy::ref_option, reason = "serde hands over the field")]
pub(super) fn perhaps<S: Serializer>(version: &Option<Version>, to: S) -> Result<S::Ok, S::Error> {
    version.as_ref().map(Whole::from).serialize(to)
}

pub(super) fn versions<S: Serializer>(versions: &Versions, to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(versions.iter().map(|(service, version)| (service, Whole::from(version))))
}

pub(super) fn quarantined<S: Serializer>(all: &[Quarantine], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(all.iter().map(|entry| Fled {
        service: &entry.service,
        version: Whole::from(&entry.version),
        by: entry.by,
        n: entry.n,
    }))
}

/// Version strings alone, by service.
pub(super) fn strings<S: Serializer>(versions: &Versions, to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(versions.iter().map(|(service, version)| (service, &version.version)))
}

/// Version strings alone, by service; null for a service that ran nothing.
pub(super) fn strings_before<S: Serializer>(
    versions: &BTreeMap<Service, Option<Version>>,
    to: S,
) -> Result<S::Ok, S::Error> {
    let string = |version: &Option<Version>| version.as_ref().map(|v| v.version.clone());
    to.collect_map(versions.iter().map(|(service, version)| (service, string(version))))
}
