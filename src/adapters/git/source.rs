//! The user's repository, asked for commits.

use std::path::PathBuf;

use async_trait::async_trait;

use super::Settings;
use super::program::Git;
use crate::domain::names::Commit;
use crate::error::{Error, Result};
use crate::ports::Source;

/// The user's repository, where there is one: read, never changed.
pub struct UserRepository {
    git: Git,
    folder: Option<PathBuf>,
}

impl UserRepository {
    /// Takes the folder to ask in; whether a repository is there shows when it is asked.
    pub fn new(settings: &Settings) -> Self {
        Self { git: settings.git(), folder: settings.repository.clone() }
    }
}

#[async_trait]
impl Source for UserRepository {
    async fn commit(&self, revision: &str) -> Result<Option<Commit>> {
        let Some(folder) = &self.folder else { return Ok(None) };
        let wanted = format!("{revision}^{{commit}}");
        let args = ["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted];
        let answer = self.git.at(folder, &args).await?;
        let told = answer.stdout();
        let id = told.lines().last().unwrap_or_default();
        if answer.succeeded() {
            let commit = Commit::new(id);
            return commit
                .map(Some)
                .map_err(|cause| Error::failed("git named no commit").because(cause));
        }
        Ok(None)
    }
}
