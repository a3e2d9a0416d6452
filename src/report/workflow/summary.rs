//! The page that a run leaves: what came of it, and why.

use super::super::sparkline::sparkline;
use super::super::words;
use super::markdown::{code, command, heading, prose, row, sentence, verbatim};
use super::outputs::running;
use super::{Ended, moved, timeline};
use crate::domain::check::Weight;
use crate::domain::ending::{Ending, Outcome as End};
use crate::domain::event::Quarantine;
use crate::domain::gate::CheckResult;
use crate::domain::moved::Moved;
use crate::domain::names::Service;
use crate::domain::outcome::{
    Context, DeploymentTold, GateTold, LockTold, More, Outcome, PlanLine, RollbackTold, StatusTold,
};
use crate::domain::version::{Version, Versions};
use crate::error::Error;

/// The most that GitHub takes, in bytes.
const MOST: usize = 1024 * 1024;

const CUT: &str = "\n\nThe rest was cut: GitHub takes no more.\n";

/// What a page tells besides an outcome.
#[derive(Debug, Clone, Copy, Default)]
pub struct Besides<'a> {
    /// The deployments with their events, for the timeline.
    pub chapters: &'a [DeploymentTold],
    /// The commits that went or came.
    pub moved: Option<&'a Moved>,
    /// The repository's page, where it is known.
    pub repository: Option<&'a str>,
}

/// Returns the summary in Markdown.
pub fn summary(context: &Context, ended: Ended<'_>, besides: &Besides<'_>) -> String {
    let page = match ended {
        Ok(outcome) => {
            let title = title(context, verdict(context, outcome));
            let moved = besides.moved.zip(besides.repository);
            let moved = moved.map(|(moved, page)| moved::section(moved, page));
            let timeline = timeline::section(besides.chapters);
            format!("{title}{}{}{timeline}", body_of(outcome), moved.unwrap_or_default())
        }
        Err(error) => of_error(context, error),
    };
    cut_at(page, MOST)
}

/// Returns a page of at most this many bytes, cut at the end of a line.
pub(super) fn cut_at(page: String, most: usize) -> String {
    if page.len() <= most {
        return page;
    }
    let most = most.saturating_sub(CUT.len());
    let kept = (0..=most).rev().find(|at| page.is_char_boundary(*at)).unwrap_or(0);
    let lines = page[..kept].rfind('\n').unwrap_or(kept);
    format!("{}{CUT}", &page[..lines])
}

fn of_error(context: &Context, error: &Error) -> String {
    let title = title(context, words::result(words::result_of(error.kind())).0);
    let message = words::with_causes(error);
    let message = if message.contains('\n') { verbatim(&message) } else { sentence(&message) };
    let hint = |hint: &String| format!("\n**Next:** {}\n", sentence(words::bare(hint)));
    let hints: String = error.hints().iter().map(hint).collect();
    format!("{title}{message}\n{hints}")
}

/// Returns all that an outcome says but its title.
pub(super) fn body_of(outcome: &Outcome) -> String {
    let gate = outcome.gate.as_ref().map(judged);
    let events = outcome.deployment.as_ref().map(timeline::of_one);
    [
        format!("{}\n", sentence(&words::capital(&outcome.ending.message))),
        next(&outcome.ending),
        facts(outcome),
        gate.unwrap_or_default(),
        outcome.rollback.as_ref().map(rollback).unwrap_or_default(),
        more(&outcome.more),
        events.unwrap_or_default(),
    ]
    .concat()
}

/// The checks, and what was made of them beside the worst.
fn judged(gate: &GateTold) -> String {
    let score = gate.score.as_ref().map(words::score);
    let decided = gate.decided.as_ref().map(words::decided);
    let more = score.into_iter().chain(decided);
    let more = more.map(|line| format!("\n{}\n", sentence(&words::capital(&line))));
    let more = more.collect::<Vec<_>>().concat();
    format!("{}{more}", checks("Checks", &gate.checks))
}

fn title(context: &Context, result: &str) -> String {
    match &context.environment {
        Some(environment) => format!("## {}: {result}\n\n", prose(environment.as_str())),
        None => format!("## lastgood {}: {result}\n\n", prose(&context.command)),
    }
}

/// The gate's word, or what was done about it, or what was asked.
fn verdict<'a>(context: &'a Context, outcome: &Outcome) -> &'a str {
    let result = outcome.ending.reason.outcome();
    match (&outcome.gate, &outcome.rollback) {
        (Some(gate), None) => words::verdict(gate.verdict).0,
        (_, Some(_)) | (None, None) if result == End::Ok => &context.command,
        (_, Some(_)) | (None, None) => words::result(result).0,
    }
}

fn next(ending: &Ending) -> String {
    words::next_move(ending)
        .map(|next| format!("\n**Next:** {}\n", sentence(words::bare(next))))
        .unwrap_or_default()
}

fn facts(outcome: &Outcome) -> String {
    let rows = match &outcome.more {
        More::Status(status) => standing(status),
        More::Nothing {}
        | More::History { .. }
        | More::Between { .. }
        | More::Planned { .. }
        | More::Requested { .. }
        | More::Matrix { .. }
        | More::Examined { .. }
        | More::Pruned { .. } => about(outcome),
    };
    if rows.is_empty() {
        return rows;
    }
    format!("\n{}{rows}", heading(["Deployment", "Versions", "Status", "When"]))
}

/// The deployment it was about, and what a rollback put in its place.
fn about(outcome: &Outcome) -> String {
    let Some(told) = &outcome.deployment else { return String::new() };
    let made = outcome.rollback.as_ref().and_then(|rollback| rollback.deployment);
    match (&outcome.rollback, made) {
        (Some(_), Some(n)) if n == told.n => deployment("Runs now: ", told),
        (Some(rollback), Some(n)) => {
            let back = rollback.to.map(|to| format!("back to {to}")).unwrap_or_default();
            let when = rollback.completed_at.map(words::moment).unwrap_or_default();
            let running = versions(&running(outcome, Some(told)));
            let now = row([format!("Runs now: **{n}**"), running, back, when]);
            format!("{now}{}", deployment("Judged: ", told))
        }
        (_, None) | (None, Some(_)) => deployment("", told),
    }
}

fn standing(status: &StatusTold) -> String {
    let named = [
        ("Runs now: ", &status.current),
        ("Last stable: ", &status.last_stable),
        ("In progress: ", &status.in_progress),
    ];
    named.iter().filter_map(|(name, told)| Some(deployment(name, told.as_ref()?))).collect()
}

fn deployment(name: &str, told: &DeploymentTold) -> String {
    let who = format!("{} by {}", words::moment(told.at), prose(&told.actor));
    let number = format!("{name}**{}**", told.n);
    row([number, versions(&told.versions), words::status(told.status).0.to_owned(), who])
}

fn versions(versions: &Versions) -> String {
    let only = versions.len() == 1;
    let one = |(service, version): (&Service, &Version)| {
        let commit = version.commit.as_ref().map(|commit| format!(" at {}", code(commit.short())));
        let name = if only { String::new() } else { format!("{} ", prose(service.as_str())) };
        format!("{name}{}{}", code(&version.version), commit.unwrap_or_default())
    };
    versions.iter().map(one).collect::<Vec<_>>().join("<br>")
}

fn checks(title: &str, checks: &[CheckResult]) -> String {
    if checks.is_empty() {
        return String::new();
    }
    let names = ["Check", "Service", "Outcome", "Value", "Limit", "Looks", "Found"];
    let rows: String = checks.iter().map(check).collect();
    format!("\n### {title}\n\n{}{rows}", heading(names))
}

fn check(check: &CheckResult) -> String {
    let outcome = words::check(check.outcome).0;
    let outcome = match check.weight {
        Weight::Required => format!("**{outcome}**"),
        Weight::Advisory => format!("{outcome} (advisory)"),
    };
    let perhaps = |text: Option<&str>| text.map(code).unwrap_or_default();
    row([
        prose(&check.name),
        check.service.as_ref().map(|service| prose(service.as_str())).unwrap_or_default(),
        outcome,
        format!("{}{}", perhaps(check.value.as_deref()), line_of(check)),
        perhaps(check.limit.as_deref()),
        check.attempts.to_string(),
        prose(&check.message),
    ])
}

fn line_of(check: &CheckResult) -> String {
    match sparkline(&check.series) {
        line if line.is_empty() => line,
        line => format!(" {line}"),
    }
}

fn rollback(told: &RollbackTold) -> String {
    let line = |line: &PlanLine| {
        moved(told, &line.service, words::apart(line.from.as_ref(), line.to.as_ref()))
    };
    let stays = |service: &Service| moved(told, service, (String::new(), String::new()));
    let rows: String = told.plan.iter().map(line).collect();
    let rows = rows + &told.unchanged_services.iter().map(stays).collect::<String>();
    let heading = heading(["Service", "From", "To", "Result"]);
    let moves = if rows.is_empty() { rows } else { format!("\n### Rollback\n\n{heading}{rows}") };
    let warning = |warning: &String| format!("\n**Warning:** {}\n", sentence(warning));
    let warnings: String = told.warnings.iter().map(warning).collect();
    let proof = told.verification.as_ref();
    let proof = proof.map(|proof| checks("What was restored", &proof.checks)).unwrap_or_default();
    format!("{moves}{warnings}{proof}")
}

fn moved(told: &RollbackTold, service: &Service, (from, to): (String, String)) -> String {
    let result = words::moved(told, service).0.to_owned();
    row([prose(service.as_str()), code(&from), code(&to), result])
}

fn more(more: &More) -> String {
    match more {
        More::History { deployments } => {
            let rows: String = deployments.iter().map(|told| deployment("", told)).collect();
            format!("\n{}{rows}", heading(["Deployment", "Versions", "Status", "When"]))
        }
        More::Planned { plan } => plan.iter().map(planned).collect(),
        More::Status(status) => holding(status),
        More::Nothing {}
        | More::Between { .. }
        | More::Requested { .. }
        | More::Matrix { .. }
        | More::Examined { .. }
        | More::Pruned { .. } => String::new(),
    }
}

/// What keeps others out, and what may not come back.
fn holding(status: &StatusTold) -> String {
    let lock = |lock: &LockTold| format!("- Locked: {}\n", prose(&words::locked(lock)));
    let fled =
        |entry: &Quarantine| format!("- Quarantined: {}\n", prose(&words::quarantined(entry)));
    let lines = status.locks.iter().map(lock).chain(status.quarantined.iter().map(fled));
    let lines: String = lines.collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}

fn planned(line: &PlanLine) -> String {
    let (from, to) = words::apart(line.from.as_ref(), line.to.as_ref());
    let told = |text: &String| format!("  - {}\n", command(text));
    let commands: String = line.commands.iter().map(told).collect();
    let service = prose(line.service.as_str());
    let to = if line.to.is_none() { "nothing".to_owned() } else { code(&to) };
    format!("\n- {service} from {} to {to}\n{commands}", code(&from))
}
