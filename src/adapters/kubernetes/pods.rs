//! Reads how the pods of a workload fare.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::check::Measurement;

/// The label by which a `StatefulSet` tells new pods from old ones.
const REVISION: &str = "controller-revision-hash";

/// Why a container waits that does not come up by waiting.
const STUCK: [&str; 7] = [
    "CrashLoopBackOff",
    "CreateContainerConfigError",
    "CreateContainerError",
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "RunContainerError",
];

/// The pods of a workload that are there to stay.
#[derive(Debug)]
pub struct Pods(Vec<Pod>);

#[derive(Deserialize)]
struct List {
    items: Vec<Pod>,
}

#[derive(Debug, Deserialize)]
struct Pod {
    metadata: Meta,
    #[serde(default)]
    status: Status,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    name: String,
    deletion_timestamp: Option<String>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    init_container_statuses: Vec<Container>,
    container_statuses: Vec<Container>,
    conditions: Vec<Condition>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Container {
    name: String,
    restart_count: u32,
    #[serde(default)]
    state: State,
}

#[derive(Debug, Default, Deserialize)]
struct State {
    waiting: Option<Waiting>,
}

#[derive(Debug, Deserialize)]
struct Waiting {
    #[serde(default)]
    reason: String,
}

#[derive(Debug, Deserialize)]
struct Condition {
    #[serde(default)]
    reason: String,
}

/// Reads the pods; of a revision only, where one is given.
pub fn read(json: &[u8], revision: Option<&str>) -> Result<Pods, serde_json::Error> {
    let List { mut items } = serde_json::from_slice(json)?;
    items.retain(|pod| pod.metadata.deletion_timestamp.is_none() && pod.is_of(revision));
    Ok(Pods(items))
}

impl Pods {
    /// Returns what is wrong where a container was restarted more than `most` times.
    pub fn restarted(&self, most: u32) -> Option<Measurement> {
        let all = self.0.iter().flat_map(|pod| pod.containers().map(move |found| (pod, found)));
        let (pod, container) = all.max_by_key(|(_, container)| container.restart_count)?;
        let count = container.restart_count;
        (count > most).then(|| {
            let (pod, container) = (&pod.metadata.name, &container.name);
            let message = format!("`{container}` of pod `{pod}` was restarted too often: {count}");
            let limit = format!("at most {most}");
            Measurement::fail(message).judged(&count.to_string(), &limit).measured(count.into())
        })
    }

    /// Returns the first thing that keeps a pod from running.
    pub fn cause(&self) -> Option<String> {
        self.0.iter().find_map(|pod| {
            let name = &pod.metadata.name;
            pod.stuck_by().map(|why| format!("pod `{name}`: {why}"))
        })
    }

    /// Returns the pods of other revisions that do not come up by waiting.
    pub fn stuck_before(&self, revision: &str) -> impl Iterator<Item = &str> {
        let is_old = move |pod: &&Pod| !pod.is_of(Some(revision)) && pod.stuck_by().is_some();
        self.0.iter().filter(is_old).map(|pod| pod.metadata.name.as_str())
    }
}

impl Pod {
    fn is_of(&self, revision: Option<&str>) -> bool {
        let own = self.metadata.labels.get(REVISION).map(String::as_str);
        own.is_none() || revision.is_none() || own == revision
    }

    fn stuck_by(&self) -> Option<&str> {
        let unscheduled = self.status.conditions.iter().find(|it| it.reason == "Unschedulable");
        let waiting = self.containers().filter_map(|container| container.state.waiting.as_ref());
        let mut stuck = waiting.filter(|waiting| STUCK.contains(&waiting.reason.as_str()));
        let why = unscheduled.map(|it| &it.reason).or_else(|| stuck.next().map(|it| &it.reason));
        why.map(String::as_str)
    }

    fn containers(&self) -> impl Iterator<Item = &Container> {
        self.status.init_container_statuses.iter().chain(&self.status.container_statuses)
    }
}
