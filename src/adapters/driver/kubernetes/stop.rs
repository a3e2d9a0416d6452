//! Scales a workload to nothing, and remembers how many pods it had.

use std::time::Instant;

use serde_json::json;

use super::wait::PAUSE;
use super::{Drive, Driven, KubernetesDriver};
use crate::adapters::kubernetes::{Answer, Change, Form, Resource, read};
use crate::adapters::process::Trouble;
use crate::domain::rollout::Rollout;
use crate::error::{Error, Result};

/// The annotation of a workload that tells how many pods it had before it was stopped.
///
/// It is written in one step with the count of none, and taken away with the next version.
pub(super) const REPLICAS: &str = "lastgood.dev/replicas";

/// What a plan shows in place of a count that only the cluster knows.
const UNKNOWN: &str = "(as many as there are)";

impl KubernetesDriver {
    /// Returns what would be run to stop it.
    pub(super) fn plan_stop(&self) -> Result<Vec<String>> {
        self.can_stop()?;
        Ok(self.kubectl.shown(&none_of(&self.settings.resource, UNKNOWN)).into())
    }

    /// Scales it to nothing, and waits until its pods are gone.
    pub(super) async fn stop(&self, drive: &Drive) -> Result<Driven> {
        self.can_stop()?;
        let resource = &self.settings.resource;
        let failed = |trouble| self.not_stopped(drive, &trouble);
        let Some(before) = self.there().await.map_err(failed)? else {
            return Ok(Driven { message: format!("there is no {resource}") });
        };
        let count = wanted(&before);
        if count > 0 {
            let change = none_of(resource, &count.to_string());
            self.kubectl.check(&change).await.map_err(failed)?;
            let telling = self.kubectl.with(|kubectl| self.around.telling(kubectl, drive));
            telling.patch(&change).await.map_err(failed)?;
        }
        self.gone(drive).await?;
        Ok(Driven { message: format!("{resource} has no pods") })
    }

    async fn gone(&self, drive: &Drive) -> Result<()> {
        let until = Instant::now() + self.settings.wait_timeout.get();
        loop {
            let now = self.there().await.map_err(|trouble| self.not_stopped(drive, &trouble))?;
            let left = now.filter(|now| pods(now) > 0 || is_unseen(now));
            let Some(left) = left else { return Ok(()) };
            if Instant::now() >= until {
                let (within, selector) = (self.settings.wait_timeout, &left.selector);
                let see = self.kubectl.command(&["get", "pods", &format!("--selector={selector}")]);
                return Err(Error::failed(format!("could not stop `{}`", drive.service))
                    .because(format!("not within {within}: {} pods are left", pods(&left)))
                    .hint(format!("see `{see}`")));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Returns the workload; none where there is none.
    async fn there(&self) -> Result<Option<Answer>, Trouble> {
        let resource = &self.settings.resource;
        let json = match self.kubectl.get(&[&resource.argument()]).await {
            Err(Trouble::Said { said, .. }) if resource.is_missed_by(&said) => return Ok(None),
            answer => answer?,
        };
        let unread = |cause| Trouble::Broken(format!("its answer could not be read: {cause}"));
        read(json.as_bytes(), resource).map(Some).map_err(unread)
    }

    fn can_stop(&self) -> Result<()> {
        if self.settings.resource.counts_replicas() {
            return Ok(());
        }
        let resource = &self.settings.resource;
        Err(Error::failed(format!("its driver `kubernetes` cannot stop the {resource}"))
            .because("a pod of it runs on each node, so that it cannot be scaled to none")
            .hint("make the service of a slot a Deployment or StatefulSet in `resource`"))
    }

    fn not_stopped(&self, drive: &Drive, trouble: &Trouble) -> Error {
        self.kubectl.program().failed(format!("could not stop `{}`", drive.service), trouble)
    }
}

fn none_of(of: &Resource, count: &str) -> Change {
    let whole = json!({
        "metadata": { "annotations": { REPLICAS: count } },
        "spec": { "replicas": 0 },
    });
    Change { of: of.argument(), form: Form::Strategic, text: whole.to_string() }
}

/// Returns how many pods are wanted; one where nobody says.
fn wanted(answer: &Answer) -> u32 {
    match &answer.workload.rollout {
        Rollout::Deployment(pods) => pods.wanted.unwrap_or(1),
        Rollout::StatefulSet(pods) => pods.wanted.unwrap_or(1),
        Rollout::DaemonSet(_) => 0,
    }
}

/// Returns how many pods there are of it; those that end do not count.
fn pods(answer: &Answer) -> u32 {
    match &answer.workload.rollout {
        Rollout::Deployment(pods) => pods.replicas,
        Rollout::StatefulSet(pods) => pods.ready.max(pods.current).max(pods.updated),
        Rollout::DaemonSet(_) => 0,
    }
}

fn is_unseen(answer: &Answer) -> bool {
    answer.workload.generation > answer.workload.observed
}

/// Returns how many pods a workload is to have again, where it was stopped.
pub(super) fn stopped_at(answer: &Answer) -> Option<Stopped> {
    let told = answer.annotations.get(REPLICAS)?;
    // A person may have scaled it since, and a count by hand is no count of ours.
    let count = told.parse().ok().filter(|count| *count > 0 && wanted(answer) == 0);
    Some(Stopped { count })
}

/// That a workload was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stopped {
    /// How many pods it is to have again; none where it has some by now.
    pub(super) count: Option<u32>,
}
