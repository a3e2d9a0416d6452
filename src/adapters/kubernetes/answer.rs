//! Reads the little of a workload that is judged.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::resource::{Kind, Resource};
use crate::domain::rollout::{DaemonSet, Deployment, Rollout, StatefulSet, Strategy, Workload};

/// What Kubernetes answered about a workload.
#[derive(Debug)]
pub struct Answer {
    /// How far it is.
    pub workload: Workload,
    /// Its own annotations.
    pub annotations: BTreeMap<String, String>,
    /// What its pods are made from.
    pub template: Template,
    /// Which pods are its own, as `kubectl` is asked for them.
    pub selector: String,
}

#[derive(Deserialize)]
struct Object {
    kind: String,
    metadata: Meta,
    spec: Spec,
    #[serde(default)]
    status: Status,
}

#[derive(Deserialize)]
struct Meta {
    name: String,
    generation: u64,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    replicas: Option<u32>,
    #[serde(default)]
    paused: bool,
    update_strategy: Option<UpdateStrategy>,
    selector: Selector,
    template: Template,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateStrategy {
    #[serde(rename = "type")]
    name: Option<String>,
    rolling_update: Option<RollingUpdate>,
}

#[derive(Deserialize)]
struct RollingUpdate {
    partition: Option<u32>,
}

/// What pods are made from.
#[derive(Debug, Deserialize)]
pub struct Template {
    /// What they are called by.
    #[serde(default)]
    pub metadata: TemplateMeta,
    /// What runs in them.
    pub spec: PodSpec,
}

/// What pods are called by.
#[derive(Debug, Default, Deserialize)]
pub struct TemplateMeta {
    /// Their labels.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Their annotations.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
}

/// What runs in pods; their environment, full of secrets, is not looked at.
#[derive(Debug, Deserialize)]
pub struct PodSpec {
    /// The containers of each.
    pub containers: Vec<Container>,
}

/// One container of each pod.
#[derive(Debug, Deserialize)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Its image, as it is written.
    pub image: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Selector {
    #[serde(default)]
    match_labels: BTreeMap<String, String>,
    #[serde(default)]
    match_expressions: Vec<Expression>,
}

#[derive(Deserialize)]
struct Expression {
    key: String,
    operator: Operator,
    #[serde(default)]
    values: Vec<String>,
}

#[derive(Clone, Copy, Deserialize)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

/// The API leaves out every number that is zero.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    observed_generation: u64,
    replicas: u32,
    ready_replicas: u32,
    current_replicas: u32,
    updated_replicas: u32,
    available_replicas: u32,
    desired_number_scheduled: u32,
    updated_number_scheduled: u32,
    number_available: u32,
    current_revision: String,
    update_revision: String,
    conditions: Vec<Condition>,
}

#[derive(Deserialize)]
struct Condition {
    #[serde(rename = "type")]
    name: String,
    #[serde(default)]
    reason: String,
}

/// Reads an answer about the resource that was asked for.
pub fn read(json: &[u8], resource: &Resource) -> Result<Answer, String> {
    let object: Object = serde_json::from_slice(json).map_err(|cause| cause.to_string())?;
    let (kind, name) = (object.kind.as_str(), object.metadata.name.as_str());
    if kind != resource.kind.as_str() || name != resource.name {
        return Err(format!("it is about {kind} `{name}`, not about {resource}"));
    }
    let selector = object.spec.selector.written();
    if selector.is_empty() {
        return Err("its selector is empty".to_owned());
    }
    let workload = Workload {
        name: object.metadata.name.clone(),
        generation: object.metadata.generation,
        observed: object.status.observed_generation,
        rollout: rollout(resource.kind, &object.spec, object.status),
    };
    let annotations = object.metadata.annotations;
    Ok(Answer { workload, annotations, template: object.spec.template, selector })
}

fn rollout(kind: Kind, spec: &Spec, status: Status) -> Rollout {
    match kind {
        Kind::Deployment => Rollout::Deployment(Deployment {
            wanted: spec.replicas,
            replicas: status.replicas,
            updated: status.updated_replicas,
            available: status.available_replicas,
            stalled: status.conditions.iter().any(Condition::is_stalled),
            paused: spec.paused,
        }),
        Kind::DaemonSet => Rollout::DaemonSet(DaemonSet {
            strategy: strategy(spec),
            wanted: status.desired_number_scheduled,
            updated: status.updated_number_scheduled,
            available: status.number_available,
        }),
        Kind::StatefulSet => Rollout::StatefulSet(StatefulSet {
            strategy: strategy(spec),
            wanted: spec.replicas,
            ready: status.ready_replicas,
            current: status.current_replicas,
            updated: status.updated_replicas,
            current_revision: status.current_revision,
            update_revision: status.update_revision,
        }),
    }
}

fn strategy(spec: &Spec) -> Strategy {
    let written = spec.update_strategy.as_ref();
    match written.and_then(|written| written.name.as_deref()) {
        None | Some("RollingUpdate") => Strategy::RollingUpdate {
            partition: written
                .and_then(|written| written.rolling_update.as_ref())
                .and_then(|rolling| rolling.partition),
        },
        Some(other) => Strategy::Other(other.to_owned()),
    }
}

impl Condition {
    fn is_stalled(&self) -> bool {
        self.name == "Progressing" && self.reason == "ProgressDeadlineExceeded"
    }
}

impl Answer {
    /// Returns the revision of the new pods, where pods bear one.
    pub fn revision(&self) -> Option<&str> {
        match &self.workload.rollout {
            Rollout::StatefulSet(pods) => {
                Some(pods.update_revision.as_str()).filter(|revision| !revision.is_empty())
            }
            Rollout::Deployment(_) | Rollout::DaemonSet(_) => None,
        }
    }
}

impl Selector {
    fn written(&self) -> String {
        let labels = self.match_labels.iter().map(|(key, value)| format!("{key}={value}"));
        let expressions = self.match_expressions.iter().map(Expression::written);
        labels.chain(expressions).collect::<Vec<_>>().join(",")
    }
}

impl Expression {
    fn written(&self) -> String {
        let (key, values) = (&self.key, self.values.join(","));
        match self.operator {
            Operator::In => format!("{key} in ({values})"),
            Operator::NotIn => format!("{key} notin ({values})"),
            Operator::Exists => key.clone(),
            Operator::DoesNotExist => format!("!{key}"),
        }
    }
}

#[cfg(test)]
mod tests;
