//! Looks at what is there and writes a configuration and a workflow.

use std::path::{Path, PathBuf};

use super::args::Global;
use super::doctor::in_the_way;
use super::run::plugs;
use super::tell::Voice;
use super::verbs::InitArgs;
use crate::domain::ending::{Ending, Reason};
use crate::domain::outcome::Finding;
use crate::domain::outcome::{Health, More, Outcome};
use crate::error::{Error, Result};
use crate::wire::Once;

/// Writes what is not there yet; what is there stays as it is.
pub async fn run(global: &Global, args: &InitArgs, voice: Voice) -> Result<Outcome> {
    let folder = match &global.repo {
        Some(folder) => folder.clone(),
        None => PathBuf::from("."),
    };
    if !crate::adapters::git::is_in_repository(&folder) {
        return Err(Error::invalid("this is not a git repository").hint("git init"));
    }
    let folder = crate::adapters::git::top_of(&folder).unwrap_or(folder);
    let environment = global.environment.as_deref().unwrap_or("production");
    let found = Found::look(&folder, args.url.as_deref());
    let mut findings = vec![found.told()];
    let files = [
        ("lastgood.yml", found.configuration(environment)),
        (".github/workflows/lastgood.yml", found.workflow(environment)),
    ];
    for (name, text) in files {
        let is_workflow = name.starts_with(".github");
        if is_workflow && !found.is_on_github {
            continue;
        }
        findings.push(write(&folder, name, &text, args.dry.dry_run)?);
    }
    // A remote that is away keeps nobody from starting; `doctor` tells more of it.
    let plugs = plugs(global, Once::default(), voice)?.naming(environment.to_owned());
    match plugs.connect().await {
        Ok(wired) => findings.extend(in_the_way(&wired.desk).await),
        Err(error) => findings.push(unfit(&error)),
    }
    let reason = if args.dry.dry_run { Reason::Planned } else { Reason::Done };
    let ending =
        Ending::new(reason, "this repository is ready to record deployments").next(found.next());
    Ok(Outcome { more: More::Examined { findings }, ..Outcome::ended(ending) })
}

/// Tells what keeps deployments from being recorded here.
fn unfit(error: &Error) -> Finding {
    let subject = "ledger".to_owned();
    let next = error.hints().first().cloned();
    Finding { subject, health: Health::Broken, message: error.whole(), next }
}

/// What is there already.
struct Found {
    deploy_script: Option<&'static str>,
    is_on_github: bool,
    url: Option<String>,
}

/// What the written file refers to.
const PAGE: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/configuration.md");

/// Where teams keep the script that deploys.
const SCRIPTS: [&str; 6] = [
    "deploy.sh",
    "scripts/deploy.sh",
    "scripts/deploy",
    "bin/deploy",
    "ci/deploy.sh",
    ".ci/deploy.sh",
];

impl Found {
    fn look(folder: &Path, url: Option<&str>) -> Self {
        let deploy_script = SCRIPTS.into_iter().find(|script| folder.join(script).is_file());
        let config = std::fs::read_to_string(folder.join(".git/config")).unwrap_or_default();
        let is_on_github = folder.join(".github").is_dir() || config.contains("github.com");
        Self { deploy_script, is_on_github, url: url.map(ToOwned::to_owned) }
    }

    fn told(&self) -> Finding {
        const NONE: &str = "no deploy script was found; `driver` is left for you to fill in";
        let (health, message) = match self.deploy_script {
            Some(script) => (Health::Well, format!("`{script}` deploys")),
            None => (Health::Odd, NONE.to_owned()),
        };
        Finding { subject: "repository".to_owned(), health, message, next: None }
    }

    fn next(&self) -> &'static str {
        match self.deploy_script {
            Some(_) => "commit what was written, then lastgood deploy --version 1.0",
            None => {
                "commit what was written, deploy, then lastgood record --version 1.0 and lastgood verify"
            }
        }
    }

    fn configuration(&self, environment: &str) -> String {
        let driver = match self.deploy_script {
            Some(script) => format!(
                "        # Gets LASTGOOD_VERSION, LASTGOOD_COMMIT … as environment variables.\n        \
                 driver: {{command: {{run: [\"./{script}\"], timeout: 10m}}}}\n"
            ),
            None => "        # How a version is brought back; without it, `lastgood rollback --reason TEXT -- COMMAND`.\n        \
                     # driver: {command: {run: [./deploy.sh], timeout: 10m}}\n"
                .to_owned(),
        };
        let url = self.url.as_deref().unwrap_or("http://127.0.0.1:8080/health");
        let url = serde_json::Value::from(url);
        let environment = key(environment);
        format!(
            "# What lastgood watches, and how it goes back:
# {PAGE}
version: 1
environments:
  {environment}:
    services:
      app:
{driver}        checks:
          - name: app answers
            deadline: 2m
            http:
              url: {url}
              # Proof that the new version is the one that answers:
              # expect_version: {{json: .version}}
    rollback:
      within: 24h
      limit: {{count: 3, per: 24h}}
"
        )
    }

    fn workflow(&self, environment: &str) -> String {
        let environment = key(environment);
        let deploy = match self.deploy_script {
            Some(script) => format!("./{script}"),
            None => "echo \"deploy here\" && exit 1".to_owned(),
        };
        let version = env!("CARGO_PKG_VERSION");
        format!(
            "name: deploy
on:
  push:
    branches: [main]
permissions:
  contents: write # lastgood writes notes and tags
concurrency: deploy
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
        with:
          persist-credentials: false
      - run: {deploy}
        env:
          LASTGOOD_VERSION: ${{{{ github.sha }}}} # as in a rollback
      - uses: lastgood/lastgood@v{version}
        with:
          environment: {environment}
          version: ${{{{ github.sha }}}}
          auto-rollback: true
          token: ${{{{ github.token }}}}
"
        )
    }
}

/// A name as YAML reads it back; quoted unless it can only be a text.
fn key(name: &str) -> String {
    let is_plain = name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !matches!(name, "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n");
    if is_plain { name.to_owned() } else { serde_json::Value::from(name).to_string() }
}

fn write(folder: &Path, name: &str, text: &str, dry_run: bool) -> Result<Finding> {
    let file = folder.join(name);
    let finding = |message: &str| Finding {
        subject: name.to_owned(),
        health: Health::Well,
        message: message.to_owned(),
        next: None,
    };
    if file.exists() {
        return Ok(finding("is there already and was left as it is"));
    }
    if dry_run {
        return Ok(finding(&format!("would be written:\n{text}")));
    }
    let parent = file.parent().unwrap_or(folder);
    std::fs::create_dir_all(parent).and_then(|()| std::fs::write(&file, text)).map_err(
        |cause| Error::failed(format!("could not write `{}`", file.display())).because(cause),
    )?;
    Ok(finding("was written"))
}
