//! Which pods are ready, and which of them a Service sends to.

use std::collections::BTreeSet;
use std::time::Instant;

use serde::Deserialize;

use super::{KubernetesRouter, PAUSE};

/// The pods that are there to stay.
#[derive(Default, Deserialize)]
pub(super) struct Pods {
    items: Vec<Pod>,
}

#[derive(Deserialize)]
struct Pod {
    metadata: Meta,
    #[serde(default)]
    status: Status,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    name: String,
    deletion_timestamp: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Status {
    phase: String,
    conditions: Vec<Condition>,
}

#[derive(Deserialize)]
struct Condition {
    #[serde(rename = "type")]
    name: String,
    status: String,
}

#[derive(Deserialize)]
struct Endpoints {
    #[serde(default)]
    subsets: Vec<Subset>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Subset {
    addresses: Vec<Address>,
    not_ready_addresses: Vec<Address>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    ip: String,
    target_ref: Option<Target>,
}

#[derive(Deserialize)]
struct Target {
    #[serde(default)]
    name: String,
}

/// Where a Service sends to: pods by their names, others by their addresses.
#[derive(Debug, Default)]
pub(super) struct Ends {
    /// Those that are ready.
    pub(super) ready: BTreeSet<String>,
    /// Those that are not.
    pub(super) waiting: BTreeSet<String>,
}

impl Pods {
    /// Returns whether one is of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.items.iter().any(|pod| pod.metadata.name == name)
    }

    /// Returns why they cannot all take requests.
    fn complaint(&self) -> Option<String> {
        let over = |pod: &&Pod| ["Succeeded", "Failed"].contains(&pod.status.phase.as_str());
        let mut stay = self.items.iter();
        let mut stay = stay
            .by_ref()
            .filter(|pod| pod.metadata.deletion_timestamp.is_none() && !over(pod))
            .peekable();
        if stay.peek().is_none() {
            return Some("it has no pods".to_owned());
        }
        let late = stay.find(|pod| !pod.is_ready())?;
        Some(format!("pod `{}` is not ready", late.metadata.name))
    }
}

impl Pod {
    fn is_ready(&self) -> bool {
        self.status.conditions.iter().any(|it| it.name == "Ready" && it.status == "True")
    }
}

impl Ends {
    /// Returns why they cannot all take requests.
    fn complaint(&self) -> Option<String> {
        match self.waiting.first() {
            Some(late) => Some(format!("pod `{late}` is not ready")),
            None => self.ready.is_empty().then(|| "it has no endpoint".to_owned()),
        }
    }
}

impl KubernetesRouter {
    /// Waits until there are pods, and all of them are ready.
    pub(super) async fn ready_pods(&self, asked: &str, until: Instant) -> Result<(), String> {
        loop {
            match self.pods(asked).await?.complaint() {
                None => return Ok(()),
                Some(why) if Instant::now() >= until => return Err(self.late(&why)),
                Some(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// Waits until a Service has endpoints, and all of them are ready.
    pub(super) async fn ready_ends(&self, service: &str, until: Instant) -> Result<(), String> {
        loop {
            match self.endpoints(service).await?.complaint() {
                None => return Ok(()),
                Some(why) if Instant::now() >= until => return Err(self.late(&why)),
                Some(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    fn late(&self, why: &str) -> String {
        format!("after {} {why}", self.up_within)
    }

    pub(super) async fn pods(&self, asked: &str) -> Result<Pods, String> {
        let json = self.kubectl.get(&["pods", asked]).await;
        let json = json.map_err(|trouble| format!("`kubectl`: {trouble}"))?;
        serde_json::from_str(&json).map_err(|cause| cause.to_string())
    }

    pub(super) async fn endpoints(&self, service: &str) -> Result<Ends, String> {
        let json = match self.kubectl.get(&[&format!("endpoints/{service}")]).await {
            Ok(json) => json,
            // They are made a moment after their Service.
            Err(trouble) if trouble.says("(NotFound)") => return Ok(Ends::default()),
            Err(trouble) => return Err(format!("`kubectl`: {trouble}")),
        };
        let read: Endpoints = serde_json::from_str(&json).map_err(|cause| cause.to_string())?;
        let named = |address: &Address| {
            let target = address.target_ref.as_ref().map(|target| &target.name);
            target.filter(|name| !name.is_empty()).unwrap_or(&address.ip).clone()
        };
        let all = |of: fn(&Subset) -> &Vec<Address>| {
            read.subsets.iter().flat_map(of).map(named).collect()
        };
        Ok(Ends { ready: all(|it| &it.addresses), waiting: all(|it| &it.not_ready_addresses) })
    }
}
