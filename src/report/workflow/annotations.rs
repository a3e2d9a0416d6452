//! At most three lines beside the run, the worst first.

use super::super::words;
use super::{Ended, commands};
use crate::domain::check::Weight;
use crate::domain::ending::Outcome as End;
use crate::domain::gate::{CheckResult, Ending};
use crate::domain::outcome::{Context, Outcome};
use crate::domain::text;

const MOST: usize = 3;

/// Escaping makes three characters of one, and the runner takes 4,096.
const LONGEST: usize = 1_000;

const LONGEST_TITLE: usize = 100;

#[derive(Clone, Copy)]
enum Level {
    Error,
    Warning,
}

/// Returns the annotations of what did not end well: the ending, then the checks that decided.
pub fn annotations(context: &Context, ended: Ended<'_>) -> Vec<String> {
    match ended {
        Ok(outcome) => of_outcome(context, outcome),
        Err(error) => {
            let title = title(context, words::result(words::result_of(error.kind())).0);
            vec![line(Level::Error, &title, &words::with_causes(error))]
        }
    }
}

fn of_outcome(context: &Context, outcome: &Outcome) -> Vec<String> {
    let ending = &outcome.ending;
    let result = ending.reason.outcome();
    let Some(level) = level(result) else { return Vec::new() };
    let next = words::next_move(ending).map(|next| format!("\nNext: {next}")).unwrap_or_default();
    let message = format!("{}{next}", words::shown(&ending.message));
    let mut lines = vec![line(level, &title(context, words::result(result).0), &message)];
    let checks = outcome.gate.iter().flat_map(|gate| &gate.checks);
    lines.extend(checks.filter(|check| decided(check)).map(of_check));
    lines.truncate(MOST);
    lines
}

fn level(result: End) -> Option<Level> {
    match result {
        End::Ok => None,
        End::Inconclusive | End::RolledBack => Some(Level::Warning),
        End::Failed
        | End::Invalid
        | End::Unhealthy
        | End::NeedsHelp
        | End::Refused
        | End::Unreachable => Some(Level::Error),
    }
}

fn decided(check: &CheckResult) -> bool {
    check.weight == Weight::Required && check.outcome != Ending::Pass
}

fn of_check(check: &CheckResult) -> String {
    let judged = match (&check.value, &check.limit) {
        (Some(value), Some(limit)) => format!("\nValue {value}, limit {limit}"),
        (Some(value), None) => format!("\nValue {value}"),
        (None, _) => String::new(),
    };
    let title = format!("{}: {}", check.name, words::check(check.outcome).0);
    line(Level::Warning, &title, &format!("{}{judged}", words::shown(&check.message)))
}

fn title(context: &Context, result: &str) -> String {
    match &context.environment {
        Some(environment) => format!("{environment}: {result}"),
        None => format!("lastgood {}: {result}", context.command),
    }
}

fn line(level: Level, title: &str, message: &str) -> String {
    let level = match level {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    let cleaned: Vec<String> = message.lines().map(|line| text::clean(line, LONGEST)).collect();
    let message: String = cleaned.join("\n").chars().take(LONGEST).collect();
    let title = commands::property(&text::clean(title, LONGEST_TITLE));
    format!("::{level} title={title}::{}", commands::data(&message))
}
