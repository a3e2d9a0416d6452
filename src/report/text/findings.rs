//! What was looked at, listed or tidied away.

use super::super::table::{Cell, Table};
use super::super::words;
use super::{Paper, Tone, line_of};
use crate::domain::outcome::{Finding, Job};

/// One line a finding, with what to do about it.
pub(super) fn list(paper: &mut Paper<'_>, findings: &[Finding]) {
    for finding in findings {
        let (health, tone) = words::health(finding.health);
        let subject = words::shown(&finding.subject);
        let mut lines = finding.message.lines().map(line_of);
        let text = format!("{subject}: {}", lines.next().unwrap_or_default());
        paper.labelled(tone, &words::capital(health), &text);
        lines.for_each(|line| paper.say(&format!("    {line}")));
        if let Some(next) = &finding.next {
            let next = words::shown(next);
            paper.say(&format!("  Next: {}", words::bare(&next)));
        }
    }
}

/// One row a job.
pub(super) fn jobs(paper: &mut Paper<'_>, jobs: &[Job]) {
    if jobs.is_empty() {
        return;
    }
    let mut table = Table::headed(["ENVIRONMENT", "SERVICE"]);
    for job in jobs {
        let environment = words::shown(job.environment.as_str());
        table.row([Cell::from(environment), words::name(&job.service).into()]);
    }
    paper.table(&table);
}

/// What retention moved and removed, or would.
pub(super) fn pruned(
    paper: &mut Paper<'_>,
    is_planned: bool,
    (moved, through): (usize, Option<u64>),
    removed: &[String],
) {
    let through = through.map(|n| format!(", up to deployment {n}")).unwrap_or_default();
    let (archived, gone) =
        if is_planned { ("It would archive", "It would remove") } else { ("Archived", "Removed") };
    paper.say(&format!("{archived} {}{through}", words::count(moved, "line")));
    paper.say(&format!("{gone} {}", words::count(removed.len(), "tag")));
    for tag in removed {
        let tag = words::shown(tag);
        paper.toned(Tone::Plain, &format!("  {tag}"));
    }
}
