//! What every driver promises, with a real daemon.

use super::*;
use crate::adapters::driver::contract::{Stage, keeps};

/// A service of one container.
struct Shop {
    daemon: Daemon,
}

#[async_trait]
impl Stage for Shop {
    fn driver(&self, program: &str, timeout: Duration) -> Box<dyn Driver> {
        let (file, timeout) =
            ("compose.json", Span::millis(timeout.as_millis().try_into().unwrap()));
        let settings = json!({ "file": file, "host": self.daemon.host() });
        let settings: Settings = serde_json::from_value(settings).unwrap();
        let settings = Settings { timeout, ..settings };
        let around = around(self.daemon.path());
        Box::new(with(around.program(program), settings, around))
    }

    fn program(&self) -> Option<String> {
        Some("docker".to_owned())
    }

    fn changing(&self) -> &'static [&'static str] {
        &["up", "pull"]
    }

    fn folder(&self) -> &Path {
        self.daemon.path()
    }

    async fn drive(&self, to: &str, from: Option<&str>) -> Drive {
        let of = |name: &str| {
            let image = if name == "2.0" { "shop:2.0" } else { "shop:1.0" };
            version(name, Some(image))
        };
        drive(of(to), from.map(of))
    }

    async fn runs(&self) -> Option<String> {
        let id = self.container().await?;
        let format = r#"{"image":{{json .Config.Image}},"labels":{{json .Config.Labels}}}"#;
        let seen = self.daemon.docker(&["inspect", "--format", format, &id]).await;
        let seen: Value = serde_json::from_str(&seen).unwrap();
        let (image, label) = (&seen["image"], seen["labels"]["lastgood.version"].as_str().unwrap());
        let expected = if label == "2.0" { "shop:2.0" } else { "shop:1.0" };
        assert_eq!(image, expected, "{label}");
        Some(label.to_owned())
    }

    async fn incarnation(&self) -> String {
        let id = self.container().await.unwrap_or_default();
        self.daemon.docker(&["inspect", "--format", "{{.Id}} {{.State.StartedAt}}", &id]).await
    }
}

impl Shop {
    async fn container(&self) -> Option<String> {
        let filter = "--filter=label=com.docker.compose.service=web";
        let ids = self.daemon.docker(&["ps", "--quiet", filter]).await;
        assert!(ids.lines().count() <= 1, "{ids}");
        Some(ids).filter(|id| !id.is_empty())
    }
}

#[tokio::test]
async fn compose_keeps_what_every_driver_promises() {
    let Some(daemon) = Daemon::with_compose().await else { return };
    let file = json!({ "name": "shop", "services": { "web": {
        "image": "shop:latest", "network_mode": "none", "stop_signal": "SIGKILL",
    } } });
    std::fs::write(daemon.path().join("compose.json"), file.to_string()).unwrap();
    keeps(&Shop { daemon }).await;
}
