//! Whether a workflow run is over.

use async_trait::async_trait;
use serde::Deserialize;

use super::GitHub;
use crate::domain::event::CiRun;
use crate::ports::{Forge, RunState};

#[derive(Deserialize)]
struct Run {
    status: Option<String>,
    run_attempt: Option<u64>,
}

#[async_trait]
impl Forge for GitHub {
    async fn run_state(&self, ci: &CiRun) -> RunState {
        let is_id = !ci.id.is_empty() && ci.id.bytes().all(|byte| byte.is_ascii_digit());
        if ci.provider != "github" || !is_id {
            return RunState::Unknown;
        }
        let path = format!("actions/runs/{}", ci.id);
        let Ok(run) = self.get::<Run>("ask after a workflow run", &path).await else {
            return RunState::Unknown;
        };
        match (run.status.as_deref(), run.run_attempt, ci.attempt) {
            // A newer attempt can only have begun when the older one was over.
            (_, Some(now), Some(then)) if now > then => RunState::Over,
            (Some("completed"), _, _) => RunState::Over,
            (Some(_), _, _) => RunState::Running,
            (None, _, _) => RunState::Unknown,
        }
    }
}
