//! Asks Kubernetes how a rollout is.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::identity::Identity;
use super::image::{self, Proof};
use super::instrument::{Asking, Instrument, Trouble};
use super::question::{Around, Question, Subject};
use crate::adapters::kubernetes::{self, Answer, Place, Pods, Resource, with_place};
use crate::domain::check::{Measurement, Reach};
use crate::domain::rollout::{Count, Progress};
use crate::domain::version::Version;
use crate::error::Result;
use crate::ports::Probe;

mod expect;

pub use expect::ExpectVersion;

with_place! {
    /// Asks Kubernetes, through `kubectl`, whether a rollout is complete.
    #[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[schemars(rename = "KubernetesCheck")]
    pub struct Settings {
        /// The `Deployment`, `DaemonSet` or `StatefulSet`: `deployment/shop`.
        pub resource: Resource,
        /// Where the pods name their version; it must be the one under test, or its commit.
        #[serde(default)]
        pub expect_version: Option<ExpectVersion>,
        /// How often any one container of its pods may have been restarted; not asked unless given.
        #[serde(default)]
        pub max_restarts: Option<u32>,
    }
}

/// Asks Kubernetes how a rollout is.
#[derive(Debug)]
pub struct KubernetesProbe {
    settings: Settings,
    kubectl: Instrument,
    place: Vec<String>,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "kubernetes"
    }

    fn reach(&self) -> Reach {
        Reach::Instrument
    }

    fn mistakes(&self) -> Vec<String> {
        let empty = self.context.as_ref().is_some_and(String::is_empty);
        empty.then(|| "`context` is empty".to_owned()).into_iter().collect()
    }

    fn subject(&self) -> Subject {
        Subject::written("resource")
    }

    fn connect(&self, around: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Ok(Arc::new(connect(self.clone(), Instrument::new("kubectl", around), around)))
    }
}

/// Makes the probe.
fn connect(settings: Settings, kubectl: Instrument, around: &Around<'_>) -> KubernetesProbe {
    let place = settings.place();
    let kubeconfig = place.kubeconfig.as_ref().map(|file| around.file(file));
    let place = Place { kubeconfig, ..place }.flags();
    KubernetesProbe { settings, kubectl, place }
}

#[async_trait]
impl Probe for KubernetesProbe {
    fn kind(&self) -> &'static str {
        "kubernetes"
    }

    /// What asks is `kubectl` and what answers is Kubernetes: neither is the subject.
    fn reach(&self) -> Reach {
        Reach::Instrument
    }

    async fn measure(&self, expected: Option<&Version>, timeout: Duration) -> Measurement {
        let asking = self.kubectl.within(timeout);
        match self.look(&asking, expected).await {
            Ok(measurement) | Err(measurement) => measurement,
        }
    }
}

impl KubernetesProbe {
    async fn look(
        &self,
        asking: &Asking<'_>,
        expected: Option<&Version>,
    ) -> Result<Measurement, Measurement> {
        let answer = self.workload(asking).await?;
        let proof = match &self.settings.expect_version {
            None => Proof::Known(Identity::unasked()),
            Some(wanted) => wanted.proof(&answer.template, expected).map_err(Measurement::error)?,
        };
        let judged = if proof.is_other() { proof.complaint() } else { None };
        let judged = match judged {
            Some(judged) => judged,
            None => self.judge(asking, &answer, &proof).await?,
        };
        Ok(judged.answered_by(proof.identity().answered))
    }

    async fn judge(
        &self,
        asking: &Asking<'_>,
        answer: &Answer,
        proof: &Proof,
    ) -> Result<Measurement, Measurement> {
        let message = match answer.workload.progress() {
            Progress::Untold(why) => return Err(Measurement::error(why)),
            Progress::Failed(why) => {
                let message = self.with_cause(asking, answer, why).await;
                return Ok(counted(Measurement::fail(message), answer.workload.serving()));
            }
            Progress::Waiting(why, count) => {
                let waiting = Measurement::fail(self.with_cause(asking, answer, why).await);
                return Ok(count.into_iter().fold(waiting, counted));
            }
            Progress::Done(message) => message,
        };
        let serving = answer.workload.serving();
        if serving.want == 0 {
            let none = "no pod is wanted, so nothing serves and nothing can be told";
            return Ok(Measurement::inconclusive(none));
        }
        if let Some(most) = self.settings.max_restarts {
            let pods = self.pods(asking, answer).await?;
            if let Some(complaint) = pods.restarted(most) {
                return Ok(complaint);
            }
        }
        let passed = || counted(Measurement::pass(message), serving);
        Ok(proof.complaint().unwrap_or_else(passed))
    }

    async fn workload(&self, asking: &Asking<'_>) -> Result<Answer, Measurement> {
        let resource = &self.settings.resource;
        let args = ["get".to_owned(), resource.argument()];
        let json = match asking.ask(self.args(args)).await {
            Ok(json) => json,
            Err(Trouble::Said(said)) if resource.is_missed_by(&said) => {
                let within = self.settings.namespace.as_ref();
                let within = within.map(|name| format!(" in the namespace `{name}`"));
                let message = format!("there is no {resource}{}", within.unwrap_or_default());
                return Err(Measurement::fail(message));
            }
            Err(trouble) => return Err(trouble.measurement()),
        };
        kubernetes::read(json.bytes(), resource).map_err(|cause| asking.unreadable(cause))
    }

    /// Says what keeps a pod from running, where that can be seen; nobody needs the right to see it.
    async fn with_cause(&self, asking: &Asking<'_>, answer: &Answer, message: String) -> String {
        match self.pods(asking, answer).await.ok().and_then(|pods| pods.cause()) {
            Some(cause) => format!("{message} ({cause})"),
            None => message,
        }
    }

    async fn pods(&self, asking: &Asking<'_>, answer: &Answer) -> Result<Pods, Measurement> {
        let args = ["get".to_owned(), "pods".to_owned(), format!("--selector={}", answer.selector)];
        let json = asking.ask(self.args(args)).await.map_err(|trouble| trouble.measurement())?;
        kubernetes::read_pods(json.bytes(), answer.revision())
            .map_err(|cause| asking.unreadable(cause))
    }

    fn args(&self, asked: impl IntoIterator<Item = String>) -> impl Iterator<Item = String> {
        let place = self.place.clone();
        asked.into_iter().chain(["--output=json".to_owned()]).chain(place)
    }
}

fn counted(measurement: Measurement, count: Count) -> Measurement {
    let Count { have, want, what } = count;
    let [value, limit] = [have, want].map(|number| format!("{number}/{want} {what}"));
    measurement.judged(&value, &limit).measured(f64::from(have))
}

#[cfg(test)]
mod tests;
