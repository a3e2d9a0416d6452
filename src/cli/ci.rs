//! Who asks, and in which CI run, by the environment.

use crate::adapters::github::Settings;
use crate::adapters::secret::Secret;
use crate::domain::event::CiRun;
use crate::wire::Occasion;

/// Looks one variable of the environment up; an empty one counts as absent.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// Returns the CI run that this process belongs to.
pub fn run() -> Option<CiRun> {
    github().or_else(gitlab).or_else(jenkins).or_else(buildkite).or_else(circle)
}

fn github() -> Option<CiRun> {
    variable("GITHUB_ACTIONS")?;
    let id = variable("GITHUB_RUN_ID")?;
    let server = variable("GITHUB_SERVER_URL");
    let repository = variable("GITHUB_REPOSITORY");
    let url = server.zip(repository).map(|(s, r)| format!("{s}/{r}/actions/runs/{id}"));
    let attempt = variable("GITHUB_RUN_ATTEMPT").and_then(|attempt| attempt.parse().ok());
    Some(CiRun { provider: "github".to_owned(), id, attempt, url })
}

/// Returns how GitHub is reached from a step that runs on it; `None` anywhere else.
///
/// The addresses are the step's own, so that a GitHub Enterprise Server is found as well.
pub fn on_github(token: &Secret) -> Option<Settings> {
    Some(Settings {
        api: variable("GITHUB_API_URL")?.parse().ok()?,
        server: variable("GITHUB_SERVER_URL")?.parse().ok()?,
        default_branch: default_branch(),
        repository: repository()?,
        token: token.clone(),
    })
}

/// Returns the default branch as the event of this run tells it, which is of this very repository.
fn default_branch() -> Option<String> {
    let event = std::fs::read(variable("GITHUB_EVENT_PATH")?).ok()?;
    let event: serde_json::Value = serde_json::from_slice(&event).ok()?;
    let told = |key: &str| event["repository"][key].as_str();
    let is_ours = told("full_name")?.eq_ignore_ascii_case(&repository()?);
    is_ours.then(|| told("default_branch").map(ToOwned::to_owned)).flatten()
}

/// Returns the page of the repository on the GitHub that this runs on.
pub fn repository_page() -> Option<String> {
    let server = variable("GITHUB_SERVER_URL")?;
    Some(format!("{}/{}", server.trim_end_matches('/'), repository()?))
}

fn repository() -> Option<String> {
    let repository = variable("GITHUB_REPOSITORY")?;
    let (owner, name) = repository.split_once('/')?;
    let fits = |part: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        !part.is_empty() && !matches!(part, "." | "..") && part.chars().all(plain)
    };
    let is_one = fits(owner) && fits(name);
    is_one.then_some(repository)
}

/// Returns whether a schedule, and nobody in particular, set this process off.
pub fn occasion() -> Occasion {
    match variable("GITHUB_EVENT_NAME").as_deref() {
        Some("schedule") => Occasion::Schedule,
        _ => Occasion::Other,
    }
}

fn gitlab() -> Option<CiRun> {
    variable("GITLAB_CI")?;
    of("gitlab", "CI_PIPELINE_ID", "CI_PIPELINE_URL")
}

fn jenkins() -> Option<CiRun> {
    variable("JENKINS_URL")?;
    of("jenkins", "BUILD_TAG", "BUILD_URL")
}

fn buildkite() -> Option<CiRun> {
    of("buildkite", "BUILDKITE_BUILD_ID", "BUILDKITE_BUILD_URL")
}

fn circle() -> Option<CiRun> {
    of("circleci", "CIRCLE_WORKFLOW_ID", "CIRCLE_BUILD_URL")
}

fn of(provider: &str, id: &str, url: &str) -> Option<CiRun> {
    let id = variable(id)?;
    Some(CiRun { provider: provider.to_owned(), id, attempt: None, url: variable(url) })
}

/// The variables that name who set a CI run off, the first that is set counts.
const ACTORS: [&str; 6] = [
    "GITHUB_TRIGGERING_ACTOR",
    "GITHUB_ACTOR",
    "GITLAB_USER_LOGIN",
    "BUILD_USER_ID",
    "BUILDKITE_BUILD_CREATOR",
    "CIRCLE_USERNAME",
];

/// Returns who asks: the CI's user, else git's, else the machine's.
pub fn actor(git_user: Option<String>) -> String {
    let ci = ACTORS.iter().find_map(|name| variable(name));
    let machine = || variable("USER").or_else(|| variable("USERNAME"));
    let name = ci.or(git_user).or_else(machine).unwrap_or_else(|| "unknown".to_owned());
    crate::domain::text::clean(&name, 100)
}
