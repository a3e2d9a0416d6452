//! Finds out what is wrong, and says what to do about it.

use std::collections::BTreeSet;

use super::args::Global;
use super::run::plugs;
use super::tell::Voice;
use crate::adapters::git::leftovers;
use crate::domain::ending::{Ending, Reason};
use crate::domain::names::Environment;
use crate::domain::outcome::{Finding, Health, More, Outcome};
use crate::error::Result;
use crate::flow::desk::{Desk, Page};
use crate::wire::Once;

mod platform;
mod tags;

/// Looks at the configuration, the remote and every environment.
pub async fn run(global: &Global, voice: Voice) -> Result<Outcome> {
    let mut findings = Vec::new();
    let plugs = plugs(global, Once::default(), voice)?;
    findings.push(configuration(&plugs));
    findings.extend(left_behind());
    let configured: Vec<Environment> =
        plugs.config.iter().flat_map(|config| config.environments.keys().cloned()).collect();
    let any = configured.first().map_or_else(|| "production".to_owned(), ToString::to_string);
    let any = global.environment.clone().unwrap_or(any);
    let github = plugs.github()?;
    let maker = match &plugs.tag_token {
        Some(_) => platform::TagMaker::Other,
        None => platform::TagMaker::None,
    };
    let folder = plugs.folder.clone();
    let wired = plugs.naming(any).connect().await?;
    let desk = wired.desk;
    if let Some(github) = &github {
        findings.extend(
            platform::examine(github, &desk.tags, maker, &folder, &*desk.ports.clock).await,
        );
    }
    match desk.ports.ledger.environments().await {
        Ok(recorded) => {
            findings.push(well("remote", format!("{} answers", desk.ports.ledger.location())));
            let named = global.environment.iter().map(|_| desk.environment.clone());
            let all: BTreeSet<Environment> =
                recorded.into_iter().chain(configured).chain(named).collect();
            for environment in all {
                let tags = desk.tags.of(&environment);
                let desk = Desk { environment, tags, ..desk.clone() };
                findings.extend(examine(&desk).await);
                findings.extend(in_the_way(&desk).await);
            }
        }
        Err(error) => {
            let mut message = error.message().to_owned();
            for cause in error.causes() {
                message = format!("{message}: {cause}");
            }
            findings.push(Finding {
                subject: "remote".to_owned(),
                health: Health::Broken,
                message,
                next: error.hints().first().cloned(),
            });
        }
    }
    Ok(told(findings))
}

fn told(findings: Vec<Finding>) -> Outcome {
    let broken = findings.iter().filter(|finding| finding.health == Health::Broken).count();
    let odd = findings.iter().filter(|finding| finding.health == Health::Odd).count();
    let reason = if broken > 0 { Reason::Failed } else { Reason::Done };
    let ending = Ending::new(reason, format!("{broken} broken, {odd} odd"));
    Outcome { more: More::Examined { findings }, ..Outcome::ended(ending) }
}

fn configuration(plugs: &crate::wire::Plugs) -> Finding {
    match &plugs.config {
        Some(config) => {
            well("configuration", format!("`{}` has no mistake", config.path.display()))
        }
        None => Finding {
            subject: "configuration".to_owned(),
            health: Health::Odd,
            message: "there is none; checks and drivers must be given each time".to_owned(),
            next: Some("lastgood init".to_owned()),
        },
    }
}

/// A run that is killed cannot take its private folder away.
fn left_behind() -> Option<Finding> {
    let count = leftovers::left_behind();
    let folder = std::env::temp_dir();
    let message = format!("runs that were killed left {count} folders in `{}`", folder.display());
    let next = Some("lastgood prune".to_owned());
    let subject = "temporary folder".to_owned();
    (count > 0).then_some(Finding { subject, health: Health::Odd, message, next })
}

fn well(subject: &str, message: String) -> Finding {
    Finding { subject: subject.to_owned(), health: Health::Well, message, next: None }
}

async fn examine(desk: &Desk) -> Vec<Finding> {
    let environment = &desk.environment;
    match desk.read().await {
        Ok(page) => {
            let mut findings = lines(desk, &page);
            findings.extend(state(desk, &page));
            findings.extend(tags::examine(desk, &page).await);
            if findings.is_empty() {
                findings.push(well(
                    environment.as_str(),
                    format!("{} lines, all well", page.image.lines.len()),
                ));
            }
            findings
        }
        Err(error) => vec![Finding {
            subject: environment.to_string(),
            health: Health::Broken,
            message: error.message().to_owned(),
            next: error.hints().first().cloned(),
        }],
    }
}

/// Lines that have no effect are kept, and named here.
fn lines(desk: &Desk, page: &Page) -> Vec<Finding> {
    let odd = |message: String, next: Option<String>| Finding {
        subject: desk.environment.to_string(),
        health: Health::Odd,
        message,
        next,
    };
    let mut findings: Vec<Finding> = page
        .state
        .foreign
        .iter()
        .map(|line| odd(format!("a line is no event: {} ({})", line.why, line.excerpt), None))
        .collect();
    let kinds = [
        (
            "of archived operations were brought back",
            page.state.ineffective.len(),
            Some("lastgood prune"),
        ),
        ("are of runs that had lost their operation", page.state.disowned.len(), None),
        ("are of operations that nothing opened", page.state.orphans.len(), None),
    ];
    for (what, count, next) in kinds.into_iter().filter(|(_, count, _)| *count > 0) {
        findings.push(odd(format!("{count} lines {what}"), next.map(ToOwned::to_owned)));
    }
    findings
}

fn state(desk: &Desk, page: &Page) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut odd = |message: String, next: &str| {
        let subject = desk.environment.to_string();
        findings.push(Finding {
            subject,
            health: Health::Odd,
            message,
            next: Some(next.to_owned()),
        });
    };
    let now = desk.now();
    for open in page.state.open() {
        let how = if open.is_abandoned(now) { "was left in the middle" } else { "is under way" };
        odd(format!("operation {} of `{}` {how}", open.n, open.actor), "lastgood resume");
    }
    if let Some(n) = page.state.ambiguous() {
        odd(format!("two operations bear the number {n}"), "deploy once to go on counting");
    }
    for service in page.state.unknown.keys() {
        odd(format!("it is not known what `{service}` runs"), "deploy or roll back that service");
    }
    if page
        .state
        .newest
        .is_some_and(|newest| newest.time() > now + jiff::SignedDuration::from_mins(5))
    {
        odd(
            "the newest line is from the future: some writer's clock is ahead".to_owned(),
            "check the runners' clocks",
        );
    }
    findings
}

/// Returns the tags that keep ours from being made: git keeps no tag below another.
pub async fn in_the_way(desk: &Desk) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in desk.tags.folders() {
        let Ok(found) = desk.ports.ledger.tags(&name).await else { continue };
        if found.iter().any(|tag| tag.name == name) {
            findings.push(Finding {
                subject: desk.environment.to_string(),
                health: Health::Broken,
                message: format!("the tag `{name}` stands in the way of the tags `{name}/…`"),
                next: Some(
                    "remove it, or go around it with `tags: {prefix: …}` in the configuration"
                        .to_owned(),
                ),
            });
        }
    }
    findings
}
