//! Where people see which deployments are live.

use async_trait::async_trait;

use crate::domain::names::Environment;
use crate::domain::showcase::{CommitWord, Display, Seen, Shown};
use crate::error::Result;

/// The deployments of the platform that hosts the repository: told, never believed.
#[async_trait]
pub trait Showcase: Send + Sync {
    /// Returns the newest deployments of an environment, newest first.
    async fn deployments(&self, env: &Environment) -> Result<Vec<Shown>>;

    /// Returns what was said of a deployment.
    async fn look(&self, id: u64) -> Result<Seen>;

    /// Makes a deployment of exactly the commit, and returns its number there.
    async fn make(&self, env: &Environment, display: &Display) -> Result<u64>;

    /// Says how a deployment is.
    async fn tell(&self, env: &Environment, id: u64, display: &Display) -> Result<()>;

    /// Says something of the commit that was deployed.
    async fn mark_commit(
        &self,
        env: &Environment,
        display: &Display,
        word: CommitWord,
    ) -> Result<()>;
}
