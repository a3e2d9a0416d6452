//! What every driver promises, with the stand-in and with Helm itself.

use super::real::Real;
use super::stand::{Stand, tag};
use super::*;
use crate::adapters::driver::contract::{Stage, keeps};

/// Where nobody has either program or cluster but the stand-in.
struct Alone {
    stand: Stand,
}

/// A release of one `ConfigMap`, which Helm has not to wait for.
struct Shop {
    real: Real,
}

fn settings(chart: &str, timeout: Duration) -> Settings {
    let settings = json!({ "release": "shop", "chart": chart, "set": "image.tag" });
    let timeout = Some(Span::millis(timeout.as_millis().try_into().unwrap()));
    Settings { timeout, ..serde_json::from_value(settings).unwrap() }
}

#[async_trait]
impl Stage for Alone {
    fn driver(&self, program: &str, timeout: Duration) -> Box<dyn Driver> {
        let around = around(self.stand.path(), &self.stand.lines);
        Box::new(with(around.program(program), settings("./chart", timeout), around))
    }

    fn program(&self) -> Option<String> {
        Some(self.stand.program())
    }

    fn changing(&self) -> &'static [&'static str] {
        &["upgrade", "rollback"]
    }

    fn folder(&self) -> &Path {
        self.stand.path()
    }

    async fn drive(&self, to: &str, from: Option<&str>) -> Drive {
        drive(Version::named(to), from.map(Version::named))
    }

    async fn runs(&self) -> Option<String> {
        tag(self.stand.revisions().last()?)
    }

    async fn incarnation(&self) -> String {
        self.stand.revisions().len().to_string()
    }
}

#[async_trait]
impl Stage for Shop {
    fn driver(&self, program: &str, timeout: Duration) -> Box<dyn Driver> {
        Box::new(self.real.with(program, settings("./plain", timeout)))
    }

    fn program(&self) -> Option<String> {
        Some("helm".to_owned())
    }

    fn changing(&self) -> &'static [&'static str] {
        &["upgrade", "rollback"]
    }

    fn folder(&self) -> &Path {
        self.real.path()
    }

    async fn drive(&self, to: &str, from: Option<&str>) -> Drive {
        drive(Version::named(to), from.map(Version::named))
    }

    async fn runs(&self) -> Option<String> {
        let get = ["get", "configmaps", "--field-selector=metadata.name=shop", "--output=json"];
        let told: Value = serde_json::from_str(&self.real.testbed.run(&get).await).unwrap();
        told["items"][0]["data"]["version"].as_str().map(str::to_owned)
    }

    async fn incarnation(&self) -> String {
        self.real.story("shop").await.join("\n")
    }
}

#[tokio::test]
async fn the_stand_in_for_helm_keeps_what_every_driver_promises() {
    let Some(stand) = Stand::new() else { return };
    keeps(&Alone { stand }).await;
}

#[tokio::test]
async fn helm_keeps_what_every_driver_promises() {
    let Some(real) = Real::new().await else { return };
    keeps(&Shop { real }).await;
}
