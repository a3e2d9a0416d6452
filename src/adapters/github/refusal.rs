//! What GitHub refused, and which permission was missing, in words.

use octocrab::GitHubError;

use crate::domain::text;
use crate::error::{Error, Kind};

/// Returns what octocrab could not do; `doing` completes "could not …".
pub(super) fn told(doing: &str, error: octocrab::Error) -> Error {
    let message = format!("could not {doing}");
    match error {
        octocrab::Error::GitHub { source, .. } => refused(message, &source),
        octocrab::Error::Service { source, .. } => {
            Error::unreachable(message).because(text::message(&source.to_string()))
        }
        octocrab::Error::Json { source, .. } => {
            let cause = format!("GitHub's answer makes no sense here: {}", source.inner());
            Error::failed(message).because(text::message(&cause))
        }
        other => Error::failed(message).because(text::message(&first_line(&other))),
    }
}

/// Returns whether GitHub said that there is no such thing, or none that may be seen.
pub(super) fn is_not_found(error: &Error) -> bool {
    error.reason() == NOT_FOUND
}

/// The reason code of what is not there.
const NOT_FOUND: &str = "not_found";

fn refused(message: String, error: &GitHubError) -> Error {
    let code = error.status_code.as_u16();
    let said = text::message(&format!("GitHub answered {code}: {}", error.message));
    let header = |name: &str| error.headers.as_ref()?.get(name)?.to_str().ok();
    match code {
        401 => Error::failed(message).because(said).hint("give a `token` that GitHub accepts"),
        403 | 404 if header("x-accepted-github-permissions").is_some() && code == 403 => {
            let missing = header("x-accepted-github-permissions").unwrap_or_default();
            Error::new(Kind::Refused, "not_permitted", message)
                .because(said)
                .hint(permissions(missing))
        }
        403 | 429 => Error::new(Kind::Refused, "not_permitted", message).because(said),
        404 => Error::new(Kind::Failed, NOT_FOUND, message).because(said),
        500..=599 => Error::unreachable(message).because(said),
        _ => Error::failed(message).because(said),
    }
}

/// `issues=write; pull_requests=write` are alternatives, `contents=read,deployments=write` a set.
fn permissions(accepted: &str) -> String {
    let one = |set: &str| {
        let each: Vec<String> = set
            .split(',')
            .filter_map(|pair| pair.trim().split_once('='))
            .map(|(name, level)| {
                format!(
                    "`{}: {}`",
                    text::clean(&name.replace('_', "-"), 40),
                    text::clean(level, 10)
                )
            })
            .collect();
        each.join(" and ")
    };
    let sets: Vec<String> = accepted.split(';').map(one).filter(|set| !set.is_empty()).collect();
    format!("the token needs the permission {}", sets.join(" or "))
}

fn first_line(error: &octocrab::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_permissions_are_named_as_a_workflow_spells_them() {
        for (header, told) in [
            ("deployments=write", "the token needs the permission `deployments: write`"),
            (
                "issues=write; pull_requests=write",
                "the token needs the permission `issues: write` or `pull-requests: write`",
            ),
            (
                "contents=read,deployments=write",
                "the token needs the permission `contents: read` and `deployments: write`",
            ),
        ] {
            assert_eq!(permissions(header), told);
        }
    }
}
