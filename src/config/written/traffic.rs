//! Slots and traffic as they are written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Strategy, Switching};
use crate::adapters::router::{command, haproxy, kubernetes, nginx};
use crate::domain::duration::Span;
use crate::domain::policy::{DeployPolicy, Stage as Meant};

/// The values of each slot by name, for `${slot:KEY}`.
pub type Slots = BTreeMap<String, BTreeMap<String, String>>;

/// How traffic is shared between two slots: exactly one of these.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct Router {
    /// By HAProxy.
    #[serde(default)]
    pub haproxy: Option<haproxy::Settings>,
    /// By nginx.
    #[serde(default)]
    pub nginx: Option<nginx::Settings>,
    /// By Kubernetes.
    #[serde(default)]
    pub kubernetes: Option<kubernetes::Settings>,
    /// By commands of your own.
    #[serde(default)]
    pub command: Option<command::Settings>,
}

/// One stage of a gradual move.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// The share of the traffic that goes to where it is moved, in percent.
    #[schemars(range(min = 1, max = 100))]
    pub traffic: u8,
    /// How long it is held and looked at; not at all unless given.
    #[serde(default = "none")]
    pub hold: Span,
    /// What is asked once it was held, beside the checks of the environment; where it is not found healthy, the traffic goes back.
    #[serde(default, skip_serializing)]
    pub checks: Vec<Check>,
    /// The longest that holding and asking may take together; what could not be told by then was not told.
    #[serde(default = "usual_max")]
    pub max: Span,
}

fn none() -> Span {
    Meant::last().hold.into()
}

fn usual_max() -> Span {
    Meant::last().max.into()
}

/// What binds a deployment that lastgood drives.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Deploy {
    /// How the services are brought to it.
    pub strategy: Strategy,
    /// The stages of `gradual`; what follows the last is all of the traffic.
    pub stages: Vec<Stage>,
    /// Whether the traffic is moved as soon as the gate has passed, where there are slots.
    pub switch: Switching,
}

impl Default for Deploy {
    fn default() -> Self {
        let policy = DeployPolicy::default();
        Self { strategy: policy.strategy.into(), stages: Vec::new(), switch: policy.switch.into() }
    }
}
