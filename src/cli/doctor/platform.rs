//! What GitHub lets others do to tags, and which schedules sleep.

use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use crate::adapters::github::GitHub;
use crate::adapters::github::guards::{By, SwitchedOff};
use crate::domain::guard::{Deed, Protection, protection};
use crate::domain::outcome::{Finding, Health};
use crate::domain::target::TagNames;
use crate::domain::text;
use crate::error::Error;
use crate::ports::Clock;

/// How long GitHub may take: whoever asks what is wrong wants the rest told soon.
const PATIENCE: Duration = Duration::from_secs(15);

/// Whether something else than the token may make tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TagMaker {
    /// The `tag-token`.
    Other,
    /// Nothing.
    None,
}

/// Looks at the rules for the tags of one environment, and at the workflows.
pub(super) async fn examine(
    github: &GitHub,
    tags: &TagNames,
    maker: TagMaker,
    folder: &Path,
    clock: &dyn Clock,
) -> Vec<Finding> {
    match select(pin!(ask(github, tags, maker, folder)), clock.sleep(PATIENCE)).await {
        Either::Left((findings, _)) => findings,
        Either::Right(_) => vec![late()],
    }
}

fn late() -> Finding {
    let waited = PATIENCE.as_secs();
    Finding {
        subject: "tags".to_owned(),
        health: Health::Odd,
        message: format!("GitHub did not tell within {waited} seconds who may make tags"),
        next: Some("run `lastgood doctor` again once GitHub answers".to_owned()),
    }
}

async fn ask(github: &GitHub, tags: &TagNames, maker: TagMaker, folder: &Path) -> Vec<Finding> {
    let mut findings = match github.tag_rules().await {
        Ok(rules) => {
            let names = [tags.every_deploy(), tags.every_stable()];
            let each = names.map(|name| protection(&rules, &format!("refs/tags/{name}1")));
            vec![protected(&each, maker)]
        }
        Err(error) => vec![unseen("tags", &error)],
    };
    match github.switched_off().await {
        Ok(off) => findings.extend(off.iter().filter(|one| matters(one, folder)).map(asleep)),
        Err(error) => findings.push(unseen("workflows", &error)),
    }
    findings
}

fn protected(each: &[Protection; 2], maker: TagMaker) -> Finding {
    let subject = "tags".to_owned();
    let free = each.iter().flat_map(|one| &one.free).max();
    let people: Vec<String> = each.iter().flat_map(|one| one.people.clone()).collect();
    let by: Vec<String> = each.iter().flat_map(|one| one.by.clone()).collect();
    let is_told = each.iter().all(|one| one.untold.is_empty());
    let unsure = if is_told { "" } else { "; who may go around them is not told to this token" };
    let (health, message, next) = match (free, people.first(), maker) {
        (Some(_), _, _) => (
            Health::Odd,
            format!(
                "whoever may write to the repository may {} the tags `deploy/…` and `stable/…`",
                worst(each)
            ),
            Some(
                "make a ruleset for the tags `deploy/**/*` and `stable/**/*` that restricts creations, updates \
                 and deletions, with only the App of `tag-token` to bypass it: see docs/security.md",
            ),
        ),
        (None, Some(people), _) => (
            Health::Odd,
            format!("{people} may go around the rulesets {}", listed(&by)),
            Some("let only the App of `tag-token` bypass them: see docs/security.md"),
        ),
        (None, None, TagMaker::None) => (
            Health::Odd,
            format!("the rulesets {} let nobody make tags, lastgood neither", listed(&by)),
            Some("give the token of an App that may bypass them as `tag-token`"),
        ),
        (None, None, TagMaker::Other) => {
            (Health::Well, format!("the rulesets {} protect the tags{unsure}", listed(&by)), None)
        }
    };
    Finding { subject, health, message, next: next.map(ToOwned::to_owned) }
}

fn worst(each: &[Protection; 2]) -> String {
    let word = |deed: &Deed| match deed {
        Deed::Create => "make",
        Deed::Move => "move",
        Deed::Remove => "remove",
    };
    let free: std::collections::BTreeSet<Deed> =
        each.iter().flat_map(|one| one.free.clone()).collect();
    let words: Vec<&str> = free.iter().map(word).collect();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

fn listed(names: &[String]) -> String {
    let names: std::collections::BTreeSet<String> =
        names.iter().map(|name| format!("`{name}`")).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

/// What GitHub switches off by itself is always a schedule; a person may mean any workflow.
fn matters(off: &SwitchedOff, folder: &Path) -> bool {
    match off.by {
        By::Inactivity => true,
        By::Hand => {
            let safe = !off.path.split('/').any(|part| part == "..");
            let read = || std::fs::read_to_string(folder.join(&off.path)).ok();
            let text = safe.then(read).flatten().unwrap_or_default();
            text.contains("schedule") && text.contains("lastgood")
        }
    }
}

fn asleep(off: &SwitchedOff) -> Finding {
    let by = match off.by {
        By::Inactivity => "GitHub, because nothing was pushed for sixty days",
        By::Hand => "a person",
    };
    let path = text::clean(&off.path, 100);
    let name = path.rsplit('/').next().unwrap_or_default().to_owned();
    Finding {
        subject: "workflows".to_owned(),
        health: Health::Broken,
        message: format!("the schedule of `{path}` was switched off by {by}"),
        next: Some(format!("gh workflow enable {}", shell_words::quote(&name))),
    }
}

fn unseen(subject: &str, error: &Error) -> Finding {
    let cause = error.causes().first().map(|cause| format!(": {cause}")).unwrap_or_default();
    Finding {
        subject: subject.to_owned(),
        health: Health::Odd,
        message: format!("{}{cause}", error.message()),
        next: error.hints().first().cloned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::clock::hurried::Hurried;
    use crate::adapters::github::Settings;
    use crate::adapters::http::Http;
    use crate::adapters::secret::Secret;

    #[tokio::test]
    async fn a_github_that_never_answers_keeps_the_rest_back_for_a_moment_only() {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let settings = Settings {
            api: format!("http://{}", silent.local_addr().unwrap()).parse().unwrap(),
            server: "https://github.example".parse().unwrap(),
            repository: "octo/shop".to_owned(),
            default_branch: None,
            token: Secret::new("github-token-of-tests"),
        };
        let github = GitHub::connect(settings, Http::new().unwrap()).unwrap();
        let tags = TagNames::new("", &"production".parse().unwrap());
        let here = Path::new(".");
        let findings = examine(&github, &tags, TagMaker::None, here, &Hurried::default()).await;
        assert_eq!(findings, [late()]);
    }
}
