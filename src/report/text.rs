//! What a person reads on a terminal.

use jiff::Timestamp;

use super::table::Table;
use super::words;
use crate::domain::ending::{Ending, Outcome as End, Reason};
use crate::domain::outcome::{Context, DeploymentTold, GateTold, More, Outcome, RollbackTold};
use crate::error::Error;

mod deployments;
mod findings;
mod gate;
mod requests;
mod rollback;
mod status;

pub use super::palette::{COLOURED, PLAIN, Palette, Tone};

/// Where a text is shown, and when.
#[derive(Debug, Clone, Copy)]
pub struct Screen<'a> {
    /// Its colours.
    pub palette: &'a Palette,
    /// How many characters fit on a line.
    pub width: usize,
    /// The moment from which ages are counted.
    pub now: Timestamp,
    /// How much is said.
    pub detail: Detail,
}

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detail {
    /// What everybody needs.
    #[default]
    Short,
    /// All there is.
    Full,
}

/// Returns an outcome as a person reads it.
pub fn outcome(context: &Context, outcome: &Outcome, screen: &Screen<'_>) -> String {
    let mut paper = Paper::new(*screen);
    match (&outcome.gate, &outcome.rollback) {
        (Some(gate), Some(rollback)) if is_about_another(outcome, rollback) => {
            fled(&mut paper, outcome, gate, rollback);
        }
        (_, Some(rollback)) => {
            headline(&mut paper, &outcome.ending);
            rollback::told(&mut paper, rollback);
        }
        (Some(gate), None) => gate::told(&mut paper, outcome, gate),
        (None, None) => alone(&mut paper, context, outcome),
    }
    next(&mut paper, &outcome.ending);
    harmless(&paper.out)
}

/// A runner obeys a line that begins like one of its commands; no line of ours does.
fn harmless(text: &str) -> String {
    let told = |line: &str| match line.trim_start().strip_prefix("::") {
        Some(rest) => format!(":\u{fffd}{rest}\n"),
        None => format!("{line}\n"),
    };
    text.trim_end().lines().map(told).collect()
}

/// Returns an error as a person reads it: what, why, and what to do next.
pub fn error(error: &Error, palette: &Palette) -> String {
    let (result, tone) = words::result(words::result_of(error.kind()));
    let label = format!("{}:", words::label(result, error.reason()));
    let message = error.message().lines().map(line_of).collect::<Vec<_>>().join("\n");
    let mut lines = vec![format!("{} {message}", palette.paint(tone, &label))];
    let causes = error.causes();
    lines
        .extend(causes.iter().flat_map(|cause| cause.lines()).map(|l| format!("  {}", line_of(l))));
    for hint in error.hints() {
        let hint = words::shown(hint);
        lines.push(format!("{} {}", palette.paint(Tone::Strong, "Next:"), words::bare(&hint)));
    }
    harmless(&lines.join("\n"))
}

/// A line that keeps its place: mistakes point at columns.
fn line_of(line: &str) -> String {
    let indent = line.len() - line.trim_start_matches(' ').len();
    " ".repeat(indent.min(words::LONGEST)) + &words::shown(line)
}

/// Whether the gate judged another deployment than the rollback made.
fn is_about_another(outcome: &Outcome, rollback: &RollbackTold) -> bool {
    let judged = outcome.deployment.as_ref().map(|deployment| deployment.n);
    judged.is_some() && judged != rollback.deployment
}

/// A sick deployment first, then what was done about it.
fn fled(paper: &mut Paper<'_>, outcome: &Outcome, gate: &GateTold, rollback: &RollbackTold) {
    gate::judged(paper, outcome.deployment.as_ref(), gate);
    paper.blank();
    headline(paper, &outcome.ending);
    rollback::told(paper, rollback);
}

fn alone(paper: &mut Paper<'_>, context: &Context, outcome: &Outcome) {
    headline(paper, &outcome.ending);
    match &outcome.more {
        More::Nothing {} => match &outcome.deployment {
            Some(deployment) if context.command == "show" => deployments::whole(paper, deployment),
            Some(deployment) => made(paper, deployment),
            None => {}
        },
        More::Status(status) => status::told(paper, status),
        More::History { deployments } => deployments::list(paper, deployments),
        More::Between { other, differences } => {
            deployments::between(paper, outcome.deployment.as_ref(), other, differences);
        }
        More::Planned { plan } => rollback::plan(paper, plan),
        More::Requested { request } => requests::told(paper, request),
        More::Matrix { include } => findings::jobs(paper, include),
        More::Examined { findings } => findings::list(paper, findings),
        More::Pruned { moved_lines, through, removed_tags } => {
            let is_planned = outcome.ending.reason == Reason::Planned;
            findings::pruned(paper, is_planned, (*moved_lines, *through), removed_tags);
        }
    }
}

/// A deployment that was just written down.
fn made(paper: &mut Paper<'_>, deployment: &DeploymentTold) {
    let mut table = Table::headed(["SERVICE", "FROM", "TO"]);
    for (service, change) in &deployment.changed {
        let (from, to) = words::apart(change.from.as_ref(), change.to.as_ref());
        table.row([words::name(service).into(), from.into(), to.into()]);
    }
    paper.table(&table);
    if let Some(result) = &deployment.tag_result {
        paper.say(&format!("Tag {}: {}", words::shown(&deployment.tag), words::shown(result)));
    }
}

/// What happened, with the result before it where that is not plain success.
fn headline(paper: &mut Paper<'_>, ending: &Ending) {
    let result = ending.reason.outcome();
    let message = words::shown(&ending.message);
    if result == End::Ok {
        paper.say(&words::capital(&message));
        return;
    }
    let (label, tone) = words::result(result);
    let said = if result == End::RolledBack { "" } else { label };
    if said.is_empty() {
        paper.toned(tone, &words::capital(&message));
    } else {
        paper.labelled(tone, &words::label(said, ending.reason.code()), &message);
    }
}

fn next(paper: &mut Paper<'_>, ending: &Ending) {
    if let Some(next) = words::next_move(ending) {
        paper.labelled(Tone::Strong, "Next", words::bare(&words::shown(next)));
    }
}

/// The text as far as it is written.
struct Paper<'a> {
    screen: Screen<'a>,
    out: String,
}

impl<'a> Paper<'a> {
    fn new(screen: Screen<'a>) -> Self {
        Self { screen, out: String::new() }
    }

    fn say(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn toned(&mut self, tone: Tone, line: &str) {
        let line = self.screen.palette.paint(tone, line).to_string();
        self.say(&line);
    }

    fn labelled(&mut self, tone: Tone, label: &str, text: &str) {
        let label = format!("{label}:");
        let line = format!("{} {text}", self.screen.palette.paint(tone, &label));
        self.say(&line);
    }

    fn blank(&mut self) {
        if !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// A table between empty lines; nothing at all where it has no row.
    fn table(&mut self, table: &Table) {
        if table.is_empty() {
            return;
        }
        self.blank();
        self.out.push_str(&table.render(self.screen.palette, self.screen.width));
        self.blank();
    }
}

#[cfg(test)]
mod tests;
