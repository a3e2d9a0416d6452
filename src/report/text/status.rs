//! What is good now, and how we know.

use super::super::table::{Cell, Table};
use super::super::words;
use super::{Paper, Tone, gate, requests};
use crate::domain::outcome::{DeploymentTold, StatusTold};
use crate::domain::verdict::Outcome;

/// One row a fact; facts that are not there take no room.
pub(super) fn told(paper: &mut Paper<'_>, status: &StatusTold) {
    let mut table = Table::default();
    deployment(paper, &mut table, "current", status.current.as_ref());
    deployment(paper, &mut table, "last stable", status.last_stable.as_ref());
    deployment(paper, &mut table, "in progress", status.in_progress.as_ref());
    paper.table(&table);
    evidence(paper, status);
    for lock in &status.locks {
        paper.labelled(Tone::Odd, "Locked", &words::locked(lock));
    }
    for request in &status.requests {
        requests::line(paper, request);
    }
    for entry in &status.quarantined {
        paper.labelled(Tone::Odd, "Quarantined", &words::quarantined(entry));
    }
    for slot in &status.slots {
        paper.labelled(Tone::Plain, "Slot", &words::slot(slot));
    }
    for drift in &status.drift {
        paper.labelled(Tone::Bad, "Drift", &words::shown(drift));
    }
    if !status.unknown.is_empty() {
        let text = format!("what {} runs", words::names(&status.unknown));
        paper.labelled(Tone::Bad, "Not known", &text);
    }
    if let Some(n) = status.ambiguous {
        paper.labelled(Tone::Bad, "Ambiguous", &format!("two deployments bear the number {n}"));
    }
    paper.labelled(Tone::Faint, "Ledger", &words::shown(&status.ledger));
}

fn deployment(paper: &Paper<'_>, table: &mut Table, role: &str, told: Option<&DeploymentTold>) {
    let Some(told) = told else { return };
    let (status, tone) = words::status(told.status);
    table.row([
        Cell::toned(Tone::Faint, role),
        Cell::toned(Tone::Strong, told.n.to_string()),
        Cell::toned(tone, status),
        words::versions(&told.versions).into(),
        words::ago(told.at, paper.screen.now).into(),
        format!("by {}", words::shown(&told.actor)).into(),
    ]);
}

fn evidence(paper: &mut Paper<'_>, status: &StatusTold) {
    let Some((told, verdict)) = status.current.as_ref().and_then(|c| Some((c, c.verdict?))) else {
        return;
    };
    let (verdict, tone) = words::verdict(verdict);
    let passed = told.evidence.iter().filter(|note| note.outcome == Outcome::Pass).count();
    let share = words::share(passed, told.evidence.len(), "check");
    paper.labelled(tone, &words::capital(verdict), &format!("{share} passed"));
    gate::notes(paper, &told.evidence);
}
