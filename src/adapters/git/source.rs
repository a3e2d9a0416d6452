//! The user's repository, asked for commits.

use std::path::{Path, PathBuf};

use async_trait::async_trait;

use super::Settings;
use super::program::Git;
use crate::domain::names::Commit;
use crate::error::{Error, Result};
use crate::ports::Source;

/// What is asked for most, and what needs no git child where libgit2 can read the repository.
const HEAD: &str = "HEAD";

/// The user's repository, where there is one: read, never changed.
pub struct UserRepository {
    pub(super) settings: Settings,
    pub(super) git: Git,
}

/// Returns whether a folder is in a git repository, or is a bare one.
pub fn is_in_repository(folder: &Path) -> bool {
    git2::Repository::discover_path(folder, std::iter::empty::<&Path>()).is_ok()
}

/// Returns the top of the working tree that a folder lies in; `None` where it lies in none.
pub fn top_of(folder: &Path) -> Option<PathBuf> {
    let folder = std::fs::canonicalize(folder).ok()?;
    let top = folder.ancestors().find(|above| above.join(".git").exists());
    top.filter(|top| is_in_repository(top)).map(Path::to_owned)
}

impl UserRepository {
    /// Takes the folder to ask in; whether a repository is there shows when it is asked.
    pub fn new(settings: &Settings) -> Self {
        Self { git: settings.git(), settings: settings.clone() }
    }

    /// Returns whether there is a repository.
    pub fn is_there(&self) -> bool {
        self.folder().is_some_and(|folder| is_in_repository(folder))
    }

    fn folder(&self) -> Option<&PathBuf> {
        self.settings.repository.as_ref()
    }
}

#[async_trait]
impl Source for UserRepository {
    async fn commit(&self, revision: &str) -> Result<Option<Commit>> {
        let Some(folder) = self.folder() else { return Ok(None) };
        if let Some(commit) = Some(folder).filter(|_| revision == HEAD).and_then(head) {
            return Ok(Some(commit));
        }
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

/// Returns the commit that is checked out; `None` where there is none, or where libgit2 cannot tell.
fn head(folder: &PathBuf) -> Option<Commit> {
    let found = git2::Repository::discover(folder).ok()?;
    let commit = found.head().ok()?.peel_to_commit().ok()?;
    Commit::new(commit.id().to_string()).ok()
}
