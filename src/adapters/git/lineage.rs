//! Whether a branch holds a commit, as the user's clone knows it.

use std::path::Path;

use async_trait::async_trait;

use super::UserRepository;
use super::program::Git;
use crate::domain::names::Commit;
use crate::domain::text;
use crate::domain::vouch::Descent;
use crate::ports::{Branch, Lineage};

#[async_trait]
impl Lineage for UserRepository {
    async fn descent(&self, commit: &Commit, branch: &Branch) -> Descent {
        let Some(folder) = self.settings.repository.as_ref() else {
            return Descent::Unknown("there is no clone to ask".to_owned());
        };
        let Some(tip) = tip(&self.git, folder, branch).await else {
            return Descent::Unknown(missing(branch).to_owned());
        };
        let asked = ["merge-base", "--is-ancestor", commit.as_str(), &tip];
        match self.git.at(folder, &asked).await {
            Ok(answer) if answer.succeeded() => Descent::Part,
            Ok(answer) if answer.code() == Some(1) => apart(&self.git, folder).await,
            Ok(_) => Descent::Unknown("the clone does not have the commit".to_owned()),
            Err(error) => Descent::Unknown(text::message(error.message())),
        }
    }
}

/// Returns the newest commit of a branch that the clone has seen at its remote, or has where there is none.
async fn tip(git: &Git, folder: &Path, branch: &Branch) -> Option<String> {
    let remote = the_remote(git, folder).await;
    let name = match (&remote, branch) {
        (Some(remote), Branch::Default) => format!("refs/remotes/{remote}/HEAD"),
        (Some(remote), Branch::Named(name)) => format!("refs/remotes/{remote}/{name}"),
        (None, Branch::Default) => "HEAD".to_owned(),
        (None, Branch::Named(name)) => format!("refs/heads/{name}"),
    };
    let commit = format!("{name}^{{commit}}");
    let asked = ["rev-parse", "--verify", "--quiet", "--end-of-options", &commit];
    let answer = git.at(folder, &asked).await.ok().filter(super::program::Answer::succeeded)?;
    answer.stdout().lines().next().map(ToOwned::to_owned)
}

/// A clone of what was empty then does not know the default branch, and neither does a checkout in CI.
fn missing(branch: &Branch) -> &'static str {
    match branch {
        Branch::Default => {
            "the clone does not know which one that is; `git remote set-head origin --auto` asks"
        }
        Branch::Named(_) => "the clone does not have the branch",
    }
}

/// Returns `origin`, or the only remote there is.
async fn the_remote(git: &Git, folder: &Path) -> Option<String> {
    let answer = git.at(folder, &["remote"]).await.ok()?;
    let told = answer.stdout();
    let origin = told.lines().find(|name| *name == "origin");
    origin.or_else(|| told.lines().next()).map(ToOwned::to_owned)
}

/// In a shallow clone, what lies behind its end is not seen.
async fn apart(git: &Git, folder: &Path) -> Descent {
    let asked = ["rev-parse", "--is-shallow-repository"];
    match git.at(folder, &asked).await {
        Ok(answer) if answer.stdout().trim() == "false" => Descent::Apart,
        Ok(_) | Err(_) => Descent::Unknown("the clone is shallow".to_owned()),
    }
}
