//! A Docker daemon that ends with its test, however that ends.

use std::path::{Path, PathBuf};

use super::part::Part;
use crate::adapters::process::Run;
use crate::domain::vectors::skipped;

/// A running daemon with the images `shop:1.0` and `shop:2.0`.
pub(crate) struct Daemon {
    folder: PathBuf,
    part: Part,
}

impl Daemon {
    /// Returns none, and says so, where a daemon cannot run.
    pub(crate) async fn start() -> Option<Self> {
        // It takes its time, and others may be at work meanwhile.
        let start = || Part::start("tools/docker-testbed", &[]);
        let Some(part) = tokio::task::spawn_blocking(start).await.unwrap() else {
            skipped("Docker as `docker` sees it: `scripts/tools/docker-testbed` has none here");
            return None;
        };
        let socket = part.told().strip_prefix("unix://").unwrap();
        let folder = Path::new(socket).parent().unwrap().to_owned();
        Some(Self { folder, part })
    }

    /// Returns none, and says so, where a daemon or Compose cannot run.
    pub(crate) async fn with_compose() -> Option<Self> {
        let compose = Run::new("docker").args(["compose", "version"]).finish().await;
        if !compose.is_ok_and(|compose| compose.succeeded()) {
            skipped("Compose as `docker` sees it: `docker compose` is not installed");
            return None;
        }
        Self::start().await
    }

    /// Returns its address.
    pub(crate) fn host(&self) -> String {
        self.part.told().to_owned()
    }

    /// Returns a folder that ends with it.
    pub(crate) fn path(&self) -> &Path {
        &self.folder
    }

    /// Runs `docker` against this daemon; it must succeed.
    pub(crate) async fn docker(&self, args: &[&str]) -> String {
        let run = Run::new("docker").args(args).env("DOCKER_HOST", self.part.told());
        let ran = run.folder(self.path()).finish().await.unwrap();
        assert!(ran.succeeded(), "docker {args:?}: {}", ran.stderr.text());
        ran.stdout.text().trim().to_owned()
    }

    /// Makes the image `shop` with a tag and one more line.
    pub(crate) async fn image(&self, tag: &str, line: &str) {
        let name = format!("shop:{tag}");
        let change = ["import", "--change", "CMD [\"/shop\"]", "--change", line];
        self.docker(&[&change[..], &["shop.tar", &name]].concat()).await;
    }
}
