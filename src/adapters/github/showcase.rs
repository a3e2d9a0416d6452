//! Deployments and commit statuses, as people see them on GitHub.

use async_trait::async_trait;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::GitHub;
use crate::domain::event::Kind;
use crate::domain::names::{Commit, Environment};
use crate::domain::showcase::{CommitWord, Display, Purpose, Saying, Seen, Showing, Shown};
use crate::error::{Error, Result};
use crate::ports::Showcase;

/// How many deployments and statuses are read, newest first.
const NEWEST: usize = 30;

/// What is shown beside each deployment.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Where the environment itself is found.
    pub environment_url: Option<String>,
    /// Whom the environment is there for.
    pub purpose: Purpose,
}

/// The deployments of one repository.
pub struct Deployments {
    settings: Settings,
    github: GitHub,
}

/// Prepares to show; nothing is sent yet.
pub fn connect(settings: Settings, github: GitHub) -> Deployments {
    Deployments { settings, github }
}

/// Two defaults would be wrong: GitHub would merge the default branch into what is deployed, and refuse
/// what has no green status of every context.
#[derive(Serialize)]
struct NewDeployment<'a> {
    #[serde(rename = "ref")]
    commit: &'a str,
    task: &'static str,
    auto_merge: bool,
    required_contexts: [&'static str; 0],
    payload: Value,
    environment: &'a str,
    production_environment: bool,
    transient_environment: bool,
    description: &'a str,
}

/// `auto_inactive` skips production, so the one that was replaced is told by itself.
#[derive(Serialize)]
struct NewStatus<'a> {
    state: &'static str,
    description: &'a str,
    auto_inactive: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    log_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment_url: Option<&'a str>,
}

#[derive(Serialize)]
struct NewCommitStatus<'a> {
    state: &'static str,
    context: String,
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_url: Option<&'a str>,
}

#[derive(Deserialize)]
struct Deployment {
    id: u64,
    sha: String,
    #[serde(default)]
    payload: Value,
}

#[derive(Deserialize)]
struct Status {
    state: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    log_url: Option<String>,
    #[serde(default)]
    target_url: Option<String>,
}

#[async_trait]
impl Showcase for Deployments {
    async fn deployments(&self, env: &Environment) -> Result<Vec<Shown>> {
        let name: String = form_urlencoded::byte_serialize(env.as_str().as_bytes()).collect();
        let path = format!("deployments?environment={name}&per_page={NEWEST}");
        let all: Vec<Deployment> = self.github.get("read the deployments on GitHub", &path).await?;
        Ok(all.into_iter().filter_map(shown).collect())
    }

    async fn look(&self, id: u64) -> Result<Seen> {
        let path = format!("deployments/{id}/statuses?per_page={NEWEST}");
        let all: Vec<Status> =
            self.github.get("read the statuses of a deployment on GitHub", &path).await?;
        Ok(Seen::new(&all.into_iter().map(said).collect::<Vec<_>>()))
    }

    async fn make(&self, env: &Environment, display: &Display) -> Result<u64> {
        let doing = format!("show deployment {} on GitHub", display.n);
        let ours = json!({"n": display.n, "operation": display.operation.to_string()});
        let body = NewDeployment {
            commit: display.commit.as_str(),
            task: task(display.kind),
            auto_merge: false,
            required_contexts: [],
            payload: json!({ "lastgood": ours }),
            environment: env.as_str(),
            production_environment: self.settings.purpose == Purpose::Production,
            transient_environment: self.settings.purpose == Purpose::Transient,
            description: &display.title,
        };
        let made: Deployment = self.github.post(&doing, "deployments", &body).await?;
        if made.sha == display.commit.as_str() {
            return Ok(made.id);
        }
        let cause = format!("GitHub made it of another commit than {}", display.commit);
        Err(Error::failed(format!("could not {doing}")).because(cause))
    }

    async fn tell(&self, _: &Environment, id: u64, display: &Display) -> Result<()> {
        let doing = format!("show on GitHub how deployment {} is", display.n);
        let body = NewStatus {
            state: state(display.showing),
            description: &display.words,
            auto_inactive: false,
            log_url: log(display),
            environment_url: self.settings.environment_url.as_deref(),
        };
        let path = format!("deployments/{id}/statuses");
        self.github.post::<IgnoredAny>(&doing, &path, &body).await.map(|_| ())
    }

    async fn mark_commit(
        &self,
        env: &Environment,
        display: &Display,
        word: CommitWord,
    ) -> Result<()> {
        let doing = format!("set the commit status of deployment {} on GitHub", display.n);
        let body = NewCommitStatus {
            state: commit_state(word),
            context: format!("lastgood/{env}"),
            description: &display.words,
            target_url: log(display),
        };
        let path = format!("statuses/{}", display.commit);
        self.github.post::<IgnoredAny>(&doing, &path, &body).await.map(|_| ())
    }
}

fn shown(deployment: Deployment) -> Option<Shown> {
    // GitHub gives some payloads back as the text of a JSON document.
    let payload = match deployment.payload {
        Value::String(text) => serde_json::from_str(&text).unwrap_or_default(),
        payload => payload,
    };
    let operation = payload["lastgood"]["operation"].as_str();
    Some(Shown {
        id: deployment.id,
        commit: Commit::new(deployment.sha).ok()?,
        operation: operation.and_then(|id| id.parse().ok()),
        seen: None,
    })
}

fn said(status: Status) -> Saying {
    let showing = match status.state.as_str() {
        "in_progress" => Some(Showing::InProgress),
        "success" => Some(Showing::Success),
        "failure" => Some(Showing::Failure),
        "inactive" => Some(Showing::Inactive),
        "error" => Some(Showing::Error),
        _ => None,
    };
    let log = status.log_url.filter(|log| !log.is_empty()).or(status.target_url);
    Saying { showing, words: status.description.unwrap_or_default(), log: log.unwrap_or_default() }
}

fn state(showing: Showing) -> &'static str {
    match showing {
        Showing::InProgress => "in_progress",
        Showing::Success => "success",
        Showing::Failure => "failure",
        Showing::Inactive => "inactive",
        Showing::Error => "error",
    }
}

fn commit_state(word: CommitWord) -> &'static str {
    match word {
        CommitWord::Pending => "pending",
        CommitWord::Success => "success",
        CommitWord::Failure => "failure",
        CommitWord::Error => "error",
    }
}

fn task(kind: Kind) -> &'static str {
    match kind {
        Kind::Deploy => "deploy",
        Kind::Rollback => "rollback",
        Kind::RollForward => "roll_forward",
        Kind::Switch => "switch",
    }
}

/// Where the run is, if that is an address that GitHub would take.
fn log(display: &Display) -> Option<&str> {
    let url = display.ci.as_ref()?.url.as_deref()?;
    ["https://", "http://"].iter().any(|scheme| url.starts_with(scheme)).then_some(url)
}
