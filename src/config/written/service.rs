//! A service as it is written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::Check;
use crate::adapters::driver::{command, compose, helm, kubernetes, systemd};
use crate::adapters::git::driver as git;
use crate::adapters::github::driver as github;

/// One deployable unit; `{}` where nothing is to be said of it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The services that must be there before it.
    #[serde(default)]
    pub depends_on: Vec<String>,
    /// The versions of other services that it works with, as ranges of semantic versions; each is then needed before it too.
    #[serde(default)]
    #[schemars(example = &serde_json::json!({"db-proxy": ">=2"}))]
    pub requires: BTreeMap<String, String>,
    /// What it was called before, so that older deployments are still targets.
    #[serde(default)]
    pub was: Vec<String>,
    /// How it is brought to a version; without one, `record` tells what other steps did.
    #[serde(default)]
    pub driver: Option<Driver>,
    /// The questions put to it.
    #[serde(default)]
    pub checks: Vec<Check>,
}

/// How a service is brought to a version: exactly one of these.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct Driver {
    /// By a command.
    #[serde(default)]
    pub command: Option<command::Settings>,
    /// By a new commit on the branch that a platform deploys from.
    #[serde(default)]
    pub git: Option<git::Settings>,
    /// By a run of a workflow on GitHub.
    #[serde(default)]
    pub workflow: Option<github::Settings>,
    /// By Docker Compose.
    #[serde(default)]
    pub compose: Option<compose::Settings>,
    /// By Kubernetes.
    #[serde(default)]
    pub kubernetes: Option<kubernetes::Settings>,
    /// By a release of Helm.
    #[serde(default)]
    pub helm: Option<helm::Settings>,
    /// By systemd.
    #[serde(default)]
    pub systemd: Option<systemd::Settings>,
}
