//! Whether a branch on GitHub holds a commit.

use async_trait::async_trait;
use serde::Deserialize;

use super::{GitHub, refusal};
use crate::domain::names::Commit;
use crate::domain::text;
use crate::domain::vouch::Descent;
use crate::error::{Error, Result};
use crate::ports::{Branch, Lineage};

#[derive(Deserialize)]
struct Repository {
    default_branch: String,
}

#[derive(Deserialize)]
struct Comparison {
    status: String,
}

#[async_trait]
impl Lineage for GitHub {
    async fn descent(&self, commit: &Commit, branch: &Branch) -> Descent {
        let asked = async {
            let name = match branch {
                Branch::Default => {
                    let doing = "ask for the default branch";
                    self.get::<Repository>(doing, "").await?.default_branch
                }
                Branch::Named(name) => name.clone(),
            };
            self.compare(&name, commit).await
        };
        match asked.await {
            Ok(descent) => descent,
            Err(error) => Descent::Unknown(why(&error)),
        }
    }
}

impl GitHub {
    /// Seen from the branch, what it holds is behind it, or is its very tip.
    async fn compare(&self, branch: &str, commit: &Commit) -> Result<Descent> {
        let doing = format!("compare `{}` with `{}`", commit.short(), text::clean(branch, 100));
        // The second page names no files, of which there can be many.
        let path = format!("compare/{}...{commit}?per_page=1&page=2", escaped(branch));
        match self.get::<Comparison>(&doing, &path).await {
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
}

fn is_unrelated(error: &Error) -> bool {
    let said = |cause: &String| cause.to_lowercase().contains("no common ancestor");
    refusal::is_not_found(error) && error.causes().iter().any(said)
}

fn why(error: &Error) -> String {
    let cause = error.causes().first().map(|cause| format!(": {cause}")).unwrap_or_default();
    format!("{}{cause}", error.message())
}

/// A branch's name may hold what means something else in an address.
fn escaped(name: &str) -> String {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    name.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
