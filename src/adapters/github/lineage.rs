//! How commits on GitHub follow each other.

use async_trait::async_trait;
use serde::Deserialize;

use super::{GitHub, refusal};
use crate::domain::moved::Between;
use crate::domain::names::Commit;
use crate::domain::text;
use crate::domain::vouch::Descent;
use crate::error::{Error, Result};
use crate::ports::{Branch, Lineage};

/// How many commits are told one by one.
const COMMITS: usize = 20;

#[derive(Deserialize)]
struct Repository {
    default_branch: String,
}

#[derive(Deserialize)]
struct Comparison {
    status: String,
    #[serde(default)]
    total_commits: usize,
    #[serde(default)]
    commits: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    sha: String,
    commit: Message,
}

#[derive(Deserialize)]
struct Message {
    message: String,
}

#[async_trait]
impl Lineage for GitHub {
    async fn descent(&self, commit: &Commit, branch: &Branch) -> Descent {
        let asked = async {
            let name = match branch {
                Branch::Default => self.default_branch().await?,
                Branch::Named(name) => name.clone(),
            };
            self.held_by(&name, commit).await
        };
        match asked.await {
            Ok(descent) => descent,
            Err(error) => Descent::Unknown(why(&error)),
        }
    }

    async fn between(&self, after: &Commit, upto: &Commit) -> Result<Option<Between>> {
        let doing = format!("list the commits from {} to {}", after.short(), upto.short());
        let pages = format!("per_page={COMMITS}");
        let told = self.compare(&doing, after.as_str(), upto, &pages).await?;
        let commits = told.commits.into_iter().take(COMMITS).map(Listed::told).collect();
        Ok(Some(Between { commits, total: told.total_commits }))
    }
}

impl GitHub {
    /// Returns the branch that the repository has by default; what the event told is not asked again.
    pub(super) async fn default_branch(&self) -> Result<String> {
        if let Some(name) = &self.settings.default_branch {
            return Ok(name.clone());
        }
        let asked: Repository = self.get("ask for the default branch", "").await?;
        Ok(asked.default_branch)
    }

    /// Seen from the branch, what it holds is behind it, or is its very tip.
    async fn held_by(&self, branch: &str, commit: &Commit) -> Result<Descent> {
        let doing = format!("compare `{}` with `{}`", commit.short(), text::clean(branch, 100));
        // The second page names no files, of which there can be many.
        match self.compare(&doing, branch, commit, "per_page=1&page=2").await {
            Ok(told) => Ok(match told.status.as_str() {
                "behind" | "identical" => Descent::Part,
                "ahead" | "diverged" => Descent::Apart,
                other => {
                    let other = text::clean(other, 40);
                    Descent::Unknown(format!("GitHub's word `{other}` is not known here"))
                }
            }),
            Err(error) if is_unrelated(&error) => Ok(Descent::Apart),
            Err(error) if refusal::is_not_found(&error) => {
                Ok(Descent::Unknown("GitHub shows no such branch or commit".to_owned()))
            }
            Err(error) => Err(error),
        }
    }

    async fn compare(
        &self,
        doing: &str,
        base: &str,
        head: &Commit,
        pages: &str,
    ) -> Result<Comparison> {
        let path = format!("compare/{}...{head}?{pages}", escaped(base));
        self.get(doing, &path).await
    }
}

impl Listed {
    /// Returns its short id and its subject.
    fn told(self) -> (String, String) {
        let subject = self.commit.message.lines().next().unwrap_or_default().to_owned();
        (text::clean(&self.sha, 10).trim_end_matches('…').to_owned(), subject)
    }
}

fn is_unrelated(error: &Error) -> bool {
    let said = |cause: &String| cause.to_lowercase().contains("no common ancestor");
    refusal::is_not_found(error) && error.causes().iter().any(said)
}

fn why(error: &Error) -> String {
    let cause = error.causes().first().map(|cause| format!(": {cause}")).unwrap_or_default();
    format!("{}{cause}", error.message())
}

/// Returns a name as it can stand in an address, where some of it could mean something else.
pub(super) fn escaped(name: &str) -> String {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    name.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
