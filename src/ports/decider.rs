//! A policy of the user's own, asked about a verdict.

use async_trait::async_trait;

use crate::domain::policy::Reaction;

/// A policy of the user's own, which has the last word on a verdict.
#[async_trait]
pub trait Decider: Send + Sync {
    /// Returns who is asked, for what is written.
    fn name(&self) -> String;

    /// Hands it the verdict as JSON; an `Err` says why there is no answer.
    async fn decide(&self, verdict: &str) -> Result<Reaction, String>;
}
