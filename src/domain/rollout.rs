//! Tells how far a Kubernetes rollout is, by kubectl's rules.

/// A workload that Kubernetes rolls out, as its API shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// Its name.
    pub name: String,
    /// The generation of what is wanted.
    pub generation: u64,
    /// The generation that its controller has seen.
    pub observed: u64,
    /// What is rolled out, and how far.
    pub rollout: Rollout,
}

/// What is rolled out, and how far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rollout {
    /// A `Deployment`.
    Deployment(Deployment),
    /// A `DaemonSet`.
    DaemonSet(DaemonSet),
    /// A `StatefulSet`.
    StatefulSet(StatefulSet),
}

/// The pods of a `Deployment`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deployment {
    /// How many are wanted, where that is said.
    pub wanted: Option<u32>,
    /// How many there are, old and new.
    pub replicas: u32,
    /// How many of them are new.
    pub updated: u32,
    /// How many of them have been ready for long enough.
    pub available: u32,
    /// Whether it made no progress for longer than its `progressDeadlineSeconds`.
    pub stalled: bool,
    /// Whether somebody paused it.
    pub paused: bool,
}

/// The pods of a `DaemonSet`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DaemonSet {
    /// How it is updated.
    pub strategy: Strategy,
    /// How many nodes are to run one.
    pub wanted: u32,
    /// How many nodes run a new one.
    pub updated: u32,
    /// How many nodes run one that has been ready for long enough.
    pub available: u32,
}

/// The pods of a `StatefulSet`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatefulSet {
    /// How it is updated.
    pub strategy: Strategy,
    /// How many are wanted, where that is said.
    pub wanted: Option<u32>,
    /// How many are ready.
    pub ready: u32,
    /// How many are of the current revision.
    pub current: u32,
    /// How many are of the new revision.
    pub updated: u32,
    /// The revision before the update; the new one when it is complete.
    pub current_revision: String,
    /// The new revision.
    pub update_revision: String,
}

/// How pods are replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Strategy {
    /// One after the other; of a `StatefulSet` only those from `partition` on, where it is given.
    RollingUpdate {
        /// The first ordinal that is updated.
        partition: Option<u32>,
    },
    /// In another way, which has no rollout to wait for.
    Other(String),
}

/// How far a rollout is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// It is complete.
    Done(String),
    /// It is not complete yet.
    Waiting(String, Option<Count>),
    /// It will not be complete.
    Failed(String),
    /// Nobody can tell.
    Untold(String),
}

/// How many pods are as they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// So many are.
    pub have: u32,
    /// So many should be.
    pub want: u32,
    /// What they are: `updated`, `available`, `ready`.
    pub what: &'static str,
}

impl Workload {
    /// Returns how far it is; the first rule that speaks against it is told.
    pub fn progress(&self) -> Progress {
        match &self.rollout {
            Rollout::Deployment(pods) => self.deployment(pods),
            Rollout::DaemonSet(pods) => self.daemon_set(pods),
            Rollout::StatefulSet(pods) => self.stateful_set(pods),
        }
    }

    /// Returns how many of its pods serve.
    pub fn serving(&self) -> Count {
        let count = |have, want, what| Count { have, want, what };
        match &self.rollout {
            Rollout::Deployment(pods) => {
                count(pods.available, pods.wanted.unwrap_or(pods.updated), "available")
            }
            Rollout::DaemonSet(pods) => count(pods.available, pods.wanted, "available"),
            Rollout::StatefulSet(pods) => {
                count(pods.ready, pods.wanted.unwrap_or(pods.updated), "ready")
            }
        }
    }

    fn deployment(&self, pods: &Deployment) -> Progress {
        let Deployment { replicas, updated, available, .. } = *pods;
        let wait = |rest: &str, count| {
            let paused = if pods.paused { " (it is paused)" } else { "" };
            let name = &self.name;
            let message = format!("Waiting for deployment \"{name}\" rollout to finish: {rest}");
            Progress::Waiting(format!("{message}...{paused}"), Some(count))
        };
        if self.generation > self.observed {
            return unseen("deployment");
        }
        if pods.stalled {
            let name = &self.name;
            return Progress::Failed(format!(
                "deployment \"{name}\" exceeded its progress deadline"
            ));
        }
        if let Some(want) = pods.wanted.filter(|want| updated < *want) {
            let rest = format!("{updated} out of {want} new replicas have been updated");
            return wait(&rest, Count { have: updated, want, what: "updated" });
        }
        if let Some(old @ 1..) = replicas.checked_sub(updated) {
            let rest = format!("{old} old replicas are pending termination");
            return wait(&rest, Count { have: updated, want: replicas, what: "updated" });
        }
        if available < updated {
            let rest = format!("{available} of {updated} updated replicas are available");
            return wait(&rest, Count { have: available, want: updated, what: "available" });
        }
        Progress::Done(format!("deployment \"{}\" successfully rolled out", self.name))
    }

    fn daemon_set(&self, pods: &DaemonSet) -> Progress {
        let DaemonSet { wanted: want, updated, available, .. } = *pods;
        let wait = |rest: &str, count| {
            let name = &self.name;
            let message = format!("Waiting for daemon set \"{name}\" rollout to finish: {rest}...");
            Progress::Waiting(message, Some(count))
        };
        if let Strategy::Other(strategy) = &pods.strategy {
            return untold(strategy);
        }
        if self.generation > self.observed {
            return unseen("daemon set");
        }
        if updated < want {
            let rest = format!("{updated} out of {want} new pods have been updated");
            return wait(&rest, Count { have: updated, want, what: "updated" });
        }
        if available < want {
            let rest = format!("{available} of {want} updated pods are available");
            return wait(&rest, Count { have: available, want, what: "available" });
        }
        Progress::Done(format!("daemon set \"{}\" successfully rolled out", self.name))
    }

    fn stateful_set(&self, pods: &StatefulSet) -> Progress {
        let partition = match &pods.strategy {
            Strategy::Other(strategy) => return untold(strategy),
            Strategy::RollingUpdate { partition } => *partition,
        };
        // A controller that has seen nothing yet has counted nothing yet.
        if self.observed == 0 || self.generation > self.observed {
            return unseen("statefulset");
        }
        if let Some(want) = pods.wanted.filter(|want| pods.ready < *want) {
            let message = format!("Waiting for {} pods to be ready...", want - pods.ready);
            return Progress::Waiting(
                message,
                Some(Count { have: pods.ready, want, what: "ready" }),
            );
        }
        match partition {
            Some(partition) => partitioned(pods, partition),
            None => whole(pods),
        }
    }
}

fn partitioned(pods: &StatefulSet, partition: u32) -> Progress {
    let have = pods.updated;
    match pods.wanted.map(|wanted| wanted.saturating_sub(partition)) {
        Some(want) if have < want => {
            let rest = format!("{have} out of {want} new pods have been updated...");
            let message = format!("Waiting for partitioned roll out to finish: {rest}");
            Progress::Waiting(message, Some(Count { have, want, what: "updated" }))
        }
        Some(_) | None => Progress::Done(format!(
            "partitioned roll out complete: {have} new pods have been updated..."
        )),
    }
}

fn whole(pods: &StatefulSet) -> Progress {
    let (have, revision) = (pods.updated, &pods.update_revision);
    if *revision == pods.current_revision {
        let all = pods.current;
        let message = format!("statefulset rolling update complete {all} pods at revision");
        return Progress::Done(format!("{message} {revision}..."));
    }
    let message = "waiting for statefulset rolling update to complete";
    let count = pods.wanted.map(|want| Count { have, want, what: "updated" });
    Progress::Waiting(format!("{message} {have} pods at revision {revision}..."), count)
}

fn unseen(what: &str) -> Progress {
    Progress::Waiting(format!("Waiting for {what} spec update to be observed..."), None)
}

fn untold(strategy: &str) -> Progress {
    let rule = "rollout status is only available for RollingUpdate strategy type";
    Progress::Untold(format!("{rule}, and this is `{strategy}`"))
}

#[cfg(test)]
mod tests;
