//! The configuration as it is meant.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::adapters::decider;
use crate::adapters::driver::{command, compose, helm, kubernetes, systemd};
use crate::adapters::git::driver as git;
use crate::adapters::github::driver as github;
use crate::adapters::probe::Settings as ProbeSettings;
use crate::adapters::router;
use crate::adapters::secret::Secret;
use crate::domain::check::Check;
use crate::domain::comment::Prefix;
use crate::domain::graph::{Graph, Range};
use crate::domain::names::{Environment, Service};
use crate::domain::policy::Policy;
use crate::domain::showcase::Purpose;
use crate::domain::slots::Pair;
use crate::error::Error;

use super::node::Node;

mod build;
mod checks;
mod findings;
mod limits;
mod order;
mod permission;
mod policy;
mod safety;
mod services;
mod shared;
mod stages;
mod traffic;
mod weighing;

pub(super) use build::{Meant, file};
pub(super) use checks::{checks, gate};
pub(super) use findings::{Findings, Lost};
pub(super) use traffic::{one_driver_for_both, unasked_slots};
pub(super) use weighing::{rule, unweighed};

/// What a team has decided beforehand, without a mistake in it.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file it was read from.
    pub path: PathBuf,
    /// The folder of that file, in which commands run.
    pub folder: PathBuf,
    /// The file's sha256, in hexadecimal.
    pub sha256: String,
    /// The environments by name.
    pub environments: BTreeMap<Environment, EnvironmentConfig>,
    /// What stands before the names of tags.
    pub tags_prefix: Option<String>,
    /// What commands in comments begin with.
    pub prefix: Prefix,
    /// The file as it was written, with no reference filled in.
    pub(super) written: Node,
}

/// What is decided for one environment.
#[derive(Debug, Clone, Default)]
pub struct EnvironmentConfig {
    /// Where people see it.
    pub url: Option<String>,
    /// Whom it is there for.
    pub purpose: Purpose,
    /// Its services by name; empty where it has the one that needs no name.
    pub services: BTreeMap<Service, ServiceConfig>,
    /// The checks of the whole environment.
    pub verify_checks: Vec<CheckConfig>,
    /// The probe that tells whether the runner itself is connected.
    pub control: Option<CheckConfig>,
    /// The policy of the user's own that has the last word on a verdict.
    pub decide: Option<decider::Settings>,
    /// What verdicts lead to, and what stays.
    pub policy: Policy,
    /// What is asked in each stage of a gradual move besides.
    pub stages: StageChecks,
    /// How traffic is shared between two slots, where there are slots.
    pub router: Option<RouterConfig>,
    /// The same environment, read for the other slot; this one is read for the stable one.
    pub candidate: Option<Box<EnvironmentConfig>>,
}

/// What is asked in each stage of a gradual move, in the order of the stages.
#[derive(Debug, Clone, Default)]
pub struct StageChecks {
    /// On the way forward.
    pub deploy: Vec<Vec<CheckConfig>>,
    /// On the way back.
    pub rollback: Vec<Vec<CheckConfig>>,
}

/// How traffic is shared between two slots.
#[derive(Debug, Clone, PartialEq)]
pub struct RouterConfig {
    /// Who shares it.
    pub settings: RouterSettings,
    /// The two slots.
    pub pair: Pair,
}

/// Who shares traffic.
#[derive(Debug, Clone, PartialEq)]
pub enum RouterSettings {
    /// HAProxy.
    Haproxy(router::haproxy::Settings),
    /// nginx.
    Nginx(router::nginx::Settings),
    /// Kubernetes.
    Kubernetes(router::kubernetes::Settings),
    /// Commands of the user's own.
    Command(router::command::Settings),
}

/// What is decided for one service.
#[derive(Debug, Clone, Default)]
pub struct ServiceConfig {
    /// The services that must be there before it.
    pub depends_on: Vec<Service>,
    /// The versions of other services that it works with.
    pub requires: BTreeMap<Service, Range>,
    /// What it was called before.
    pub was: Vec<Service>,
    /// How it is brought to a version.
    pub driver: Option<DriverSettings>,
    /// The questions put to it.
    pub checks: Vec<CheckConfig>,
}

/// One check, with how it is asked.
#[derive(Debug, Clone)]
pub struct CheckConfig {
    /// What is asked, how often, and what is tolerated.
    pub check: Check,
    /// How it is asked.
    pub probe: ProbeSettings,
    /// What variables put into the question, addresses aside: none of it is told.
    pub filled: Vec<Secret>,
}

/// How a service is brought to a version.
#[derive(Debug, Clone, PartialEq)]
pub enum DriverSettings {
    /// By a command.
    Command(command::Settings),
    /// By a new commit on a branch.
    Git(git::Settings),
    /// By a run of a workflow on GitHub.
    Workflow(github::Settings),
    /// By Docker Compose.
    Compose(compose::Settings),
    /// By Kubernetes.
    Kubernetes(kubernetes::Settings),
    /// By a release of Helm.
    Helm(Box<helm::Settings>),
    /// By systemd.
    Systemd(systemd::Settings),
}

impl Config {
    /// Returns the mistake of naming an environment that is not configured.
    pub fn unknown(&self, environment: &Environment) -> Error {
        let names: Vec<String> = self.environments.keys().map(|name| format!("`{name}`")).collect();
        let (path, names) = (self.path.display(), names.join(", "));
        Error::invalid(format!("`{path}` has no environment `{environment}`; it has {names}"))
    }
}

impl EnvironmentConfig {
    /// Returns every check of the gate: the services' in their order, then the environment's own.
    pub fn checks(&self) -> impl Iterator<Item = &CheckConfig> {
        self.services.values().flat_map(|service| &service.checks).chain(&self.verify_checks)
    }

    /// Returns what each service needs of others.
    pub fn graph(&self) -> Graph {
        let mut graph = Graph::default();
        for (name, service) in &self.services {
            graph.add(name.clone(), service.depends_on.iter().cloned());
            for (needed, range) in &service.requires {
                graph.require(name.clone(), needed.clone(), range.clone());
            }
        }
        graph
    }

    /// Returns the services, each after those that it depends on.
    pub fn in_order(&self) -> Vec<Service> {
        order::sorted(&self.services)
    }
}
