//! A Docker daemon that ends with its test, however that ends.

use std::fs::{File, OpenOptions};
use std::path::Path;

use tempfile::TempDir;

use crate::adapters::process::{Finished, Run};
use crate::domain::vectors::skipped;

/// Starts the daemon apart from the test; it lives while the test holds the pipe `hold` open.
///
/// A daemon that is told to end while it starts leaves its mounts behind.
const START: &str = r#"
mkfifo hold ended
setsid sh -c '
  exec 3>ended
  dockerd --data-root "$PWD/data" --exec-root "$PWD/exec" --pidfile "$PWD/pid" \
    -H "unix://$PWD/sock" --storage-driver vfs \
    --iptables=false --ip-masq=false --bridge=none 3>&- &
  read -r _ <hold
  kill "$!" && wait "$!"
  umount "$PWD/data" "$PWD"/exec/netns/*
' </dev/null >log 2>&1 &
"#;

/// A program that stays until it is told to end, or ends as its argument says.
const PROGRAM: &str = r#"
fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("ok") => {}
        Some("bad") => std::process::exit(1),
        Some("crash") => std::process::exit(3),
        Some("crash once") if std::fs::File::create_new("/crashed").is_ok() => {
            std::process::exit(3)
        }
        _ => loop { std::thread::park() },
    }
}
"#;

/// A running daemon with the images `shop:1.0` and `shop:2.0`.
pub(crate) struct Daemon {
    hold: Option<File>,
    ended: Option<File>,
    folder: TempDir,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.hold.take());
        // Read to its end, the pipe tells that the daemon is gone and its folder can go too.
        let _ = self.ended.take().map(std::io::read_to_string);
    }
}

impl Daemon {
    /// Returns none, and says so, where a daemon cannot run.
    pub(crate) async fn start() -> Option<Self> {
        match Self::ready().await {
            Ok(daemon) => Some(daemon),
            Err(why) => {
                skipped(&format!("Docker as `docker` sees it: {why}"));
                None
            }
        }
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

    async fn ready() -> Result<Self, String> {
        if let Some(missing) = missing().await {
            return Err(missing);
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        assert!(sh(START, path).await.succeeded());
        // The daemon's shell opens its end of `ended` before it reads from `hold`.
        let ended = File::open(path.join("ended")).unwrap();
        let hold = OpenOptions::new().write(true).open(path.join("hold")).unwrap();
        let daemon = Self { hold: Some(hold), ended: Some(ended), folder };
        if !daemon.answers().await {
            let log = std::fs::read_to_string(daemon.path().join("log")).unwrap();
            return Err(format!("`dockerd` does not run here: {log}"));
        }
        daemon.images().await;
        Ok(daemon)
    }

    /// Returns its address.
    pub(crate) fn host(&self) -> String {
        format!("unix://{}", self.path().join("sock").display())
    }

    /// Returns a folder that ends with it.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs `docker` against this daemon; it must succeed.
    pub(crate) async fn docker(&self, args: &[&str]) -> String {
        let ran = self.run(args).await;
        assert!(ran.succeeded(), "docker {args:?}: {}", ran.stderr.text());
        ran.stdout.text().trim().to_owned()
    }

    /// Runs `docker` against this daemon.
    pub(crate) async fn run(&self, args: &[&str]) -> Finished {
        let run = Run::new("docker").args(args).env("DOCKER_HOST", self.host());
        run.folder(self.path()).finish().await.unwrap()
    }

    async fn answers(&self) -> bool {
        let path = self.path();
        let pid = path.join("pid");
        let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while std::time::Instant::now() < until {
            if pid.exists() && self.run(&["version"]).await.succeeded() {
                return true;
            }
            let log = std::fs::read_to_string(path.join("log")).unwrap_or_default();
            if log.contains("failed to start daemon") || log.contains("failed to start containerd")
            {
                return false;
            }
            tokio::task::yield_now().await;
        }
        false
    }

    async fn images(&self) {
        let path = self.path();
        std::fs::write(path.join("shop.rs"), PROGRAM).unwrap();
        let build = "rustc -C target-feature=+crt-static -C opt-level=s -o shop shop.rs \
                     && tar -cf shop.tar shop";
        let built = sh(build, path).await;
        assert!(built.succeeded(), "{}", built.stderr.text());
        for version in ["1.0", "2.0"] {
            let label = format!("LABEL org.opencontainers.image.version={version}");
            self.image(version, &label).await;
        }
    }

    /// Makes the image `shop` with a tag and one more line.
    pub(crate) async fn image(&self, tag: &str, line: &str) {
        let name = format!("shop:{tag}");
        let change = ["import", "--change", "CMD [\"/shop\"]", "--change", line];
        self.docker(&[&change[..], &["shop.tar", &name]].concat()).await;
    }
}

/// Returns what stands in the way of a daemon.
async fn missing() -> Option<String> {
    let root =
        Run::new("id").arg("-u").finish().await.is_ok_and(|id| id.stdout.text().trim() == "0");
    if !root {
        return Some("`dockerd` runs as root only".to_owned());
    }
    for program in ["dockerd", "docker", "rustc", "setsid", "tar"] {
        if Run::new(program).arg("--version").finish().await.is_err() {
            return Some(format!("no `{program}` was found"));
        }
    }
    None
}

async fn sh(script: &str, folder: &Path) -> Finished {
    Run::new("sh").args(["-c", script]).folder(folder).finish().await.unwrap()
}
