//! What every driver promises, with a real control plane.

use super::real::{pods, settings};
use super::*;
use crate::adapters::driver::contract::{Stage, keeps};
use crate::adapters::testbed::{Testbed, workload};

/// A deployment of one pod.
struct Shop {
    testbed: Testbed,
}

#[async_trait]
impl Stage for Shop {
    fn driver(&self, program: &str, timeout: Duration) -> Box<dyn Driver> {
        let timeout = Span::millis(timeout.as_millis().try_into().unwrap());
        let settings = Settings { timeout, ..settings(&self.testbed, "deployment/shop") };
        let around = around(self.testbed.home());
        let kubectl = around.program(program).env("HOME", self.testbed.home());
        Box::new(with(kubectl, settings, around))
    }

    fn program(&self) -> Option<String> {
        Some("kubectl".to_owned())
    }

    fn changing(&self) -> &'static [&'static str] {
        &["patch"]
    }

    fn folder(&self) -> &Path {
        self.testbed.home()
    }

    async fn drive(&self, to: &str, from: Option<&str>) -> Drive {
        let of = |name: &str| {
            let image = if name == "2.0" { "acme/shop:2.0" } else { "acme/shop:1.0" };
            version(name, Some(image))
        };
        drive(of(to), from.map(of))
    }

    async fn runs(&self) -> Option<String> {
        let pods = pods(&self.testbed, "shop").await;
        let told = |pod: &Value| {
            let version = pod["metadata"]["annotations"]["lastgood.dev/version"].as_str();
            let image = pod["spec"]["containers"][0]["image"].as_str().unwrap();
            let expected = if version == Some("2.0") { "acme/shop:2.0" } else { "acme/shop:1.0" };
            assert_eq!(image, expected, "{version:?}");
            version.map(str::to_owned)
        };
        assert!(pods.len() <= 1, "{pods:?}");
        told(pods.first()?)
    }

    async fn incarnation(&self) -> String {
        let pods = pods(&self.testbed, "shop").await;
        let of = |pod: &Value| pod["metadata"]["uid"].to_string();
        let generation = ["--output=jsonpath={.metadata.generation}"];
        let asked = [&["get", "deployments.apps/shop"], generation.as_slice()].concat();
        format!("{} {}", self.testbed.run(&asked).await, pods.iter().map(of).collect::<String>())
    }
}

#[tokio::test]
async fn kubernetes_keeps_what_every_driver_promises() {
    let Some(testbed) = Testbed::start().await else { return };
    let spec = json!({ "replicas": 1 });
    testbed.apply(&workload("Deployment", "shop", "acme/shop:1.0", &spec)).await;
    keeps(&Shop { testbed }).await;
}
