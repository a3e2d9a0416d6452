//! Waits until a workload is rolled out, as `kubectl rollout status` would.

use std::time::{Duration, Instant};

use super::super::output::Output;
use super::template::Wanted;
use super::{Drive, KubernetesDriver, broken};
use crate::adapters::kubernetes::{Answer, Name, read_pods};
use crate::adapters::process::Channel;
use crate::domain::rollout::{Progress, Rollout};
use crate::error::{Error, Result};

/// How many answers in a row may fail to come: a server that is replaced is away for a moment.
const MISSES: usize = 5;

/// How long nothing is asked between two looks.
pub(super) const PAUSE: Duration = Duration::from_millis(500);

impl KubernetesDriver {
    /// Returns how it ended, where it ended well.
    pub(super) async fn rolled_out(
        &self,
        drive: &Drive,
        wanted: &Wanted,
        container: &str,
        before: &Answer,
    ) -> Result<String> {
        let until = Instant::now() + self.settings.wait_timeout.get();
        // That one before made no progress stays told of the next one until that makes some.
        let mut stale = is_stalled(before);
        let (mut last, mut missed) = (String::new(), 0);
        loop {
            let now = match self.workload(drive).await {
                Ok(now) => now,
                Err(error) if missed == MISSES || Instant::now() >= until => return Err(error),
                Err(_) => {
                    missed += 1;
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            missed = 0;
            if let Some(other) = wanted.other_in(&now.template, container) {
                let why = format!("{} has {other} in its place by now", self.settings.resource);
                return Err(broken(drive, why).hint("see who else changes it, then do this again"));
            }
            stale =
                stale && is_stalled(&now) && now.workload.generation > before.workload.generation;
            let why = match now.workload.progress() {
                Progress::Done(message) => return Ok(message),
                Progress::Failed(why) if !stale => return Err(self.failed(drive, &now, why).await),
                Progress::Untold(why) => return Err(broken(drive, why)),
                Progress::Failed(why) | Progress::Waiting(why, _) => why,
            };
            if Instant::now() >= until {
                let why = format!("not within {}: {why}", self.settings.wait_timeout);
                return Err(self.failed(drive, &now, why).await);
            }
            self.tell(drive, &mut last, why);
            self.unstick(drive, &now).await;
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Deletes pods of before that never come up, which a `StatefulSet` waits for without end.
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback>
    async fn unstick(&self, drive: &Drive, now: &Answer) {
        let Some(revision) = now.revision() else { return };
        let selector = format!("--selector={}", now.selector);
        let pods = self.kubectl.get(&["pods", &selector]).await.ok();
        let pods = pods.and_then(|json| read_pods(json.as_bytes(), None).ok());
        for pod in pods.iter().flat_map(|pods| pods.stuck_before(revision)) {
            let Ok(name) = Name::try_from(pod.to_owned()) else { continue };
            let telling = self.kubectl.with(|kubectl| self.around.telling(kubectl, drive));
            // Who may not do it is told in the end what keeps the rollout.
            let _ = telling.delete_pod(&name).await;
        }
    }

    fn tell(&self, drive: &Drive, last: &mut String, why: String) {
        if *last != why {
            let output =
                Output::new(&drive.service, self.around.withheld.clone(), self.around.sink.clone());
            output.listener()(Channel::Stdout, &why);
            *last = why;
        }
    }

    /// Says what keeps a pod from running, where that can be seen; nobody needs the right to see it.
    async fn failed(&self, drive: &Drive, now: &Answer, why: String) -> Error {
        let selector = format!("--selector={}", now.selector);
        let pods = self.kubectl.get(&["pods", &selector]).await.ok();
        let pods = pods.and_then(|json| read_pods(json.as_bytes(), now.revision()).ok());
        let why = match pods.and_then(|pods| pods.cause()) {
            Some(cause) => format!("{why} ({cause})"),
            None => why,
        };
        let see = self.kubectl.command(&["describe", "pods", &selector]);
        broken(drive, why).hint(format!("see `{see}`"))
    }
}

fn is_stalled(answer: &Answer) -> bool {
    match &answer.workload.rollout {
        Rollout::Deployment(pods) => pods.stalled,
        Rollout::DaemonSet(_) | Rollout::StatefulSet(_) => false,
    }
}
