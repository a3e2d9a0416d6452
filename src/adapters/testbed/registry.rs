//! A registry of images on loopback, for a daemon of the tests.

use std::sync::Arc;

use serde_json::json;

use super::docker::Daemon;
use crate::adapters::process::{Listener, Run};
use crate::domain::vectors::skipped;

/// What the registry says once it can be asked, before its port.
const LISTENS: &str = "listening on 127.0.0.1:";

/// A registry, which ends when it is let go of.
pub(crate) struct Registry {
    port: String,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Registry {
    /// Returns none, and says so, where there is none to start.
    pub(crate) async fn start(daemon: &Daemon) -> Option<Self> {
        if Run::new("docker-registry").arg("--version").finish().await.is_err() {
            skipped("digests of images: no `docker-registry` was found");
            return None;
        }
        let config = json!({
            "version": 0.1,
            "storage": { "filesystem": { "rootdirectory": daemon.path().join("registry") } },
            "http": { "addr": "127.0.0.1:0" }
        });
        std::fs::write(daemon.path().join("registry.yml"), config.to_string()).unwrap();
        let (told, mut port) = tokio::sync::watch::channel(String::new());
        let listener: Listener = Arc::new(move |_, line| {
            if let Some((_, rest)) = line.split_once(LISTENS) {
                told.send_replace(rest.chars().take_while(char::is_ascii_digit).collect());
            }
        });
        let run = Run::new("docker-registry").args(["serve", "registry.yml"]);
        let run = run.folder(daemon.path()).listen(listener);
        let task = tokio::spawn(async move {
            let ended = run.finish().await.unwrap();
            unreachable!("{} {}", ended.stdout.text(), ended.stderr.text());
        });
        let port = port.wait_for(|port| !port.is_empty()).await.unwrap().clone();
        Some(Self { port, task })
    }

    /// Returns the name of the repository in it.
    pub(crate) fn repository(&self) -> String {
        format!("127.0.0.1:{}/acme/shop", self.port)
    }

    /// Pushes an image of the daemon under this tag, and returns its name by digest.
    pub(crate) async fn push(&self, daemon: &Daemon, image: &str, tag: &str) -> String {
        let name = format!("{}:{tag}", self.repository());
        daemon.docker(&["tag", image, &name]).await;
        let said = daemon.docker(&["push", &name]).await;
        let digest = said.split_whitespace().find(|word| word.starts_with("sha256:"));
        let by_digest = format!("{}@{}", self.repository(), digest.unwrap());
        daemon.docker(&["rmi", &name]).await;
        by_digest
    }
}
