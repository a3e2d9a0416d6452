//! What is asked of the platform about CI runs.

use async_trait::async_trait;

use crate::domain::event::CiRun;

/// What the forge says of a CI run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    /// It still runs.
    Running,
    /// It is over.
    Over,
    /// Nobody could say.
    Unknown,
}

/// The platform that hosts the repository and its CI.
#[async_trait]
pub trait Forge: Send + Sync {
    /// Returns whether a CI run is over.
    async fn run_state(&self, ci: &CiRun) -> RunState;
}
