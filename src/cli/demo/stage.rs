//! What the demo plays on: remote, clone and service.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};

use super::Health;
use crate::adapters::process::{Ended, Finished, Run};
use crate::cli::tell::Voice;
use crate::error::{Error, Result};

/// Who commits in the demo, so that no machine needs to be configured for it.
const AUTHOR: [(&str, &str); 5] = [
    ("GIT_AUTHOR_NAME", "lastgood demo"),
    ("GIT_AUTHOR_EMAIL", "demo@localhost"),
    ("GIT_COMMITTER_NAME", "lastgood demo"),
    ("GIT_COMMITTER_EMAIL", "demo@localhost"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
];

/// What would make the demo part of a CI run.
const CI: [&str; 5] =
    ["GITHUB_ACTIONS", "GITLAB_CI", "JENKINS_URL", "BUILDKITE_BUILD_ID", "CIRCLE_WORKFLOW_ID"];

/// How much of a line is shown: a note's, as far as what happened.
const WIDTH: usize = 150;

const DEPLOY: &str = "#!/bin/sh
# Puts the release of the checked-out commit in the place of the one that is live.
set -eu
mkdir -p ../live
cp \"$LASTGOOD_CHECKOUT/release/health\" \"$LASTGOOD_CHECKOUT/release/version\" ../live/
";

/// What the demo plays on.
pub struct Stage {
    folder: Option<tempfile::TempDir>,
    root: PathBuf,
    service: Child,
    port: u16,
}

impl Stage {
    /// Makes the remote and the clone, and starts the service.
    pub async fn build() -> Result<Self> {
        let failed = |cause| Error::failed("could not set the demo up").because(cause);
        let folder = tempfile::Builder::new().prefix("lastgood-demo-").tempdir().map_err(failed)?;
        let root = folder.path().to_owned();
        let service = Command::new(exe()?)
            .args(["demo", "--serve"])
            .arg(&root)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        let port = port_of(&root).await?;
        let stage = Self { folder: Some(folder), root, service, port };
        stage.quietly(&stage.root, &["init", "-q", "--bare", "-b", "main", "origin.git"]).await?;
        stage.quietly(&stage.root, &["init", "-q", "-b", "main", "shop"]).await?;
        stage.quietly(&stage.clone(), &["remote", "add", "origin", "../origin.git"]).await?;
        stage.write("lastgood.yml", &stage.configuration())?;
        stage.write("deploy.sh", DEPLOY)?;
        Ok(stage)
    }

    fn clone(&self) -> PathBuf {
        self.root.join("shop")
    }

    fn configuration(&self) -> String {
        format!(
            "version: 1
environments:
  production:
    url: http://127.0.0.1:{port}
    services:
      shop:
        driver: {{command: {{run: [sh, ./deploy.sh], checkout: true, timeout: 30s}}}}
        checks:
          - name: shop answers
            deadline: 2s
            success_streak: 2
            interval: 100ms
            http: {{url: \"http://127.0.0.1:{port}/health\", expect_version: {{json: .version}}}}
",
            port = self.port
        )
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        let file = self.clone().join(name);
        let folder = file.parent().unwrap_or(&file).to_owned();
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&file, text))
            .map_err(|cause| Error::failed(format!("could not write `{name}`")).because(cause))
    }

    /// Says what happens next.
    pub fn say(line: &str) {
        Voice::plain(&format!("\n# {line}\n"));
    }

    /// Shows a command with what it answered.
    pub fn show(command: &str, answer: &str) {
        Voice::plain(&format!("$ {command}\n"));
        for line in answer.trim_end().lines() {
            let is_long = line.chars().count() > WIDTH;
            let shown: String = line.chars().take(WIDTH).collect();
            Voice::plain(&format!("{shown}{}\n", if is_long { " …" } else { "" }));
        }
    }

    /// Commits a release, pushes it and deploys it; `code` is how that should end.
    pub async fn deploy(&self, version: &str, health: Health, code: i32) -> Result<()> {
        let health = match health {
            Health::Good => "good",
            Health::Sick => "sick",
        };
        self.write("release/version", version)?;
        self.write("release/health", health)?;
        let clone = self.clone();
        self.quietly(&clone, &["add", "."]).await?;
        self.quietly(&clone, &["commit", "-q", "-m", &format!("Release {version}")]).await?;
        self.quietly(&clone, &["push", "-q", "-u", "origin", "main"]).await?;
        self.quietly(&clone, &["remote", "set-head", "origin", "main"]).await?;
        self.lastgood(&["deploy", "--version", version], code).await
    }

    /// Runs lastgood in the clone and shows what it says.
    pub async fn lastgood(&self, args: &[&str], code: i32) -> Result<()> {
        let run = Self::at(Run::new(exe()?), &self.clone()).args(args.iter().copied());
        let run = CI.iter().fold(run, |run, name| run.without(*name)).args(["--actor", "you"]);
        let finished = finish(run).await?;
        let told = format!("{}{}", finished.stderr.text(), finished.stdout.text());
        Self::show(&format!("lastgood {}", args.join(" ")), &told);
        if finished.ended == Ended::Code(code) {
            return Ok(());
        }
        let command = args.join(" ");
        let message = format!("`lastgood {command}` ended with {}, not {code}", finished.ended);
        Err(Error::failed(message))
    }

    /// Runs git in the clone and shows what it says.
    pub async fn git(&self, args: &[&str]) -> Result<()> {
        let told = self.run_git(&self.clone(), args).await?;
        let typed: Vec<_> = args.iter().map(|arg| typed(arg)).collect();
        Self::show(&format!("git {}", typed.join(" ")), &told);
        Ok(())
    }

    async fn quietly(&self, folder: &Path, args: &[&str]) -> Result<()> {
        self.run_git(folder, args).await.map(|_| ())
    }

    async fn run_git(&self, folder: &Path, args: &[&str]) -> Result<String> {
        let finished = finish(Self::at(Run::new("git"), folder).args(args.iter().copied())).await?;
        if finished.succeeded() {
            return Ok(finished.stdout.text());
        }
        let message = format!("`git {}` failed: {}", args.join(" "), finished.stderr.text().trim());
        Err(Error::failed(message))
    }

    fn at(run: Run, folder: &Path) -> Run {
        let run =
            AUTHOR.iter().fold(run.folder(folder), |run, (name, value)| run.env(*name, *value));
        run.timeout(Duration::from_secs(60))
    }

    /// Asks the service for its health.
    pub async fn ask_service(&self) -> Result<String> {
        let url = format!("http://127.0.0.1:{}/health", self.port);
        let url = url::Url::parse(&url)
            .map_err(|cause| Error::failed("the demo's address is none").because(cause))?;
        let http = crate::adapters::http::Http::new()?;
        let asked = async {
            let response = http.client(&url).get(url.clone()).send().await?;
            response.text().await
        };
        asked.await.map_err(|cause| Error::failed("the service did not answer").because(cause))
    }

    /// Leaves everything as it is and returns the folder and the service's process id.
    pub fn keep(&mut self) -> (PathBuf, u32) {
        if let Some(folder) = self.folder.take() {
            let _ = folder.keep();
        }
        (self.root.clone(), self.service.id().unwrap_or_default())
    }

    /// Stops the service and removes the folder.
    pub async fn clear(&mut self) {
        // Both may be gone already; then that is as wanted.
        let _ = self.service.kill().await;
        self.folder.take();
    }
}

/// An argument as it is typed, so that no shell takes it for a pattern.
fn typed(arg: &str) -> String {
    if arg.contains('*') { format!("'{arg}'") } else { arg.to_owned() }
}

fn exe() -> Result<OsString> {
    let exe = std::env::current_exe();
    exe.map(PathBuf::into_os_string)
        .map_err(|cause| Error::failed("could not find this very program").because(cause))
}

async fn port_of(root: &Path) -> Result<u16> {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(10) {
        let port = std::fs::read_to_string(root.join("port")).ok();
        if let Some(port) = port.and_then(|port| port.parse().ok()) {
            return Ok(port);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err(Error::failed("the demo's service did not start"))
}

async fn finish(run: Run) -> Result<Finished> {
    run.finish().await.map_err(|cause| Error::failed("could not run a program").because(cause))
}
