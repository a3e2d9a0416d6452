//! Starts real platforms for tests, where they can be had.

pub(crate) mod docker;
mod part;
pub(crate) mod port;
pub(crate) mod registry;

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::process::Run;
use crate::domain::vectors::skipped;
use part::Part;

/// The times of what is to be too late; the next one where it had not even begun within the last.
pub(crate) const SHORT: [Duration; 3] =
    [Duration::from_millis(300), Duration::from_secs(5), Duration::from_secs(20)];

/// A control plane that ends with its test, however that ends.
pub(crate) struct Testbed {
    part: Part,
}

impl Testbed {
    /// Returns none, and says so, where none was built or there is no `kubectl`.
    pub(crate) async fn start() -> Option<Self> {
        if Run::new("kubectl").args(["version", "--client"]).finish().await.is_err() {
            skipped("a real Kubernetes: no `kubectl` was found");
            return None;
        }
        let Some(part) = Part::start("kubernetes-testbed", &["start"]) else {
            skipped("a real Kubernetes: none was built by `scripts/kubernetes-testbed build`");
            return None;
        };
        Some(Self { part })
    }

    /// Returns the kubeconfig with the contexts `admin`, the current one, and `guest`.
    pub(crate) fn kubeconfig(&self) -> &Path {
        Path::new(self.part.told())
    }

    /// Returns a folder that ends with it, for `kubectl` to keep what it likes.
    pub(crate) fn home(&self) -> &Path {
        self.kubeconfig().parent().unwrap()
    }

    /// Returns `kubectl` as the administrator runs it.
    pub(crate) fn kubectl(&self, args: &[&str]) -> Run {
        let run = Run::new("kubectl").args(args.iter().copied()).env("HOME", self.home());
        run.env("KUBECONFIG", self.kubeconfig())
    }

    /// Runs `kubectl`, which must succeed, and returns what it wrote.
    pub(crate) async fn run(&self, args: &[&str]) -> String {
        told(self.kubectl(args)).await
    }

    /// Makes the thing be as it is written.
    pub(crate) async fn apply(&self, thing: &Value) {
        let run =
            self.kubectl(&["apply", "--server-side", "--filename=-"]).stdin(thing.to_string());
        told(run).await;
    }
}

async fn told(run: Run) -> String {
    let ran = run.finish().await.unwrap();
    assert!(ran.succeeded(), "{}", ran.stderr.text());
    ran.stdout.text()
}

/// Returns a workload whose pods have the labels `app: NAME` and one container `web` of this image.
pub(crate) fn workload(kind: &str, name: &str, image: &str, spec: &Value) -> Value {
    let labels = json!({ "app": name });
    let mut whole = json!({
        "apiVersion": "apps/v1", "kind": kind, "metadata": { "name": name },
        "spec": {
            "selector": { "matchLabels": labels },
            "template": {
                "metadata": { "labels": labels },
                "spec": { "containers": [{ "name": "web", "image": image }] }
            }
        }
    });
    for (key, value) in spec.as_object().unwrap() {
        whole["spec"][key] = value.clone();
    }
    whole
}
