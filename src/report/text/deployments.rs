//! Deployments: listed, one alone, two compared.

use std::collections::BTreeMap;

use super::super::table::{Cell, Table};
use super::super::{timeline, words};
use super::{Paper, Tone};
use crate::domain::event::{CheckNote, Kind};
use crate::domain::names::Service;
use crate::domain::outcome::{DeploymentTold, Difference};

/// One row a deployment, newest first; their events below where they were asked for.
pub(super) fn list(paper: &mut Paper<'_>, deployments: &[DeploymentTold]) {
    if deployments.is_empty() {
        return;
    }
    let mut table = Table::headed(["N", "STATUS", "KIND", "VERSION", "WHEN", "BY", "NOTE"]);
    for told in deployments {
        let (status, tone) = words::status(told.status);
        table.row([
            Cell::toned(Tone::Strong, told.n.to_string()),
            Cell::toned(tone, status),
            words::what(told).into(),
            words::versions(&told.versions).into(),
            words::ago(told.at, paper.screen.now).into(),
            words::shown(&told.actor).into(),
            note(told).into(),
        ]);
    }
    paper.table(&table);
    for told in deployments.iter().filter(|told| told.events.is_some()) {
        paper.toned(Tone::Strong, &format!("Deployment {}", told.n));
        events(paper, told);
    }
}

fn note(told: &DeploymentTold) -> String {
    let back = told.target.filter(|_| told.kind != Kind::Deploy).map(|n| format!("to {n}"));
    let points = told.points.iter().map(|point| format!("named {}", words::shown(point.as_str())));
    let reason = told.reason.as_deref().map(words::shown);
    back.into_iter().chain(points).chain(reason).collect::<Vec<_>>().join("; ")
}

/// All that is known of one deployment.
pub(super) fn whole(paper: &mut Paper<'_>, told: &DeploymentTold) {
    let mut table = Table::default();
    let (status, tone) = words::status(told.status);
    let mut fact = |name: &str, cell: Cell| table.row([Cell::toned(Tone::Faint, name), cell]);
    fact("status", Cell::toned(tone, status));
    fact("kind", words::what(told).into());
    let age = words::ago(told.at, paper.screen.now);
    fact("opened", format!("{}, {age}", words::moment(told.at)).into());
    fact("by", words::shown(&told.actor).into());
    if let Some(commit) = &told.commit {
        fact("commit", commit.as_str().into());
    }
    fact("tag", words::shown(&told.tag).into());
    if let Some(target) = told.target {
        fact("returned to", target.to_string().into());
    }
    for point in &told.points {
        fact("restore point", words::shown(point.as_str()).into());
    }
    if let Some(reason) = &told.reason {
        fact("reason", words::shown(reason).into());
    }
    fact("identity", told.id.to_string().into());
    paper.table(&table);
    versions(paper, told);
    evidence(paper, told);
    events(paper, told);
}

fn versions(paper: &mut Paper<'_>, told: &DeploymentTold) {
    if told.versions.is_empty() {
        return;
    }
    paper.toned(Tone::Strong, "Versions");
    let mut table = Table::headed(["SERVICE", "VERSION", "BEFORE"]);
    for (service, version) in &told.versions {
        let before = told
            .changed
            .get(service)
            .map_or_else(String::new, |change| words::apart(change.from.as_ref(), Some(version)).0);
        let version = words::exactly(version);
        table.row([words::name(service).into(), version.into(), before.into()]);
    }
    paper.table(&table);
}

fn evidence(paper: &mut Paper<'_>, told: &DeploymentTold) {
    let Some(verdict) = told.verdict else { return };
    let (verdict, tone) = words::verdict(verdict);
    let all = words::count(told.evidence.len(), "check");
    paper.labelled(tone, &words::capital(verdict), &all);
    if told.evidence.is_empty() {
        return;
    }
    let mut table = Table::headed(["CHECK", "SERVICE", "OUTCOME", "VALUE", "LIMIT", "FOUND"]);
    for note in &told.evidence {
        table.row(row(note));
    }
    paper.table(&table);
}

fn row(note: &CheckNote) -> [Cell; 6] {
    let (outcome, tone) = words::outcome(note.outcome);
    let perhaps = |text: Option<&str>| text.map(words::shown).unwrap_or_default();
    [
        words::shown(&note.name).into(),
        note.service.as_ref().map(words::name).unwrap_or_default().into(),
        Cell::toned(tone, outcome),
        perhaps(note.value.as_deref()).into(),
        perhaps(note.limit.as_deref()).into(),
        words::shown(&note.message).into(),
    ]
}

fn events(paper: &mut Paper<'_>, told: &DeploymentTold) {
    let Some(events) = &told.events else { return };
    let mut table = Table::default();
    for moment in timeline::moments(events, told) {
        let at = moment.at.map(words::moment).unwrap_or_default();
        table.row([Cell::toned(Tone::Faint, at), moment.actor.into(), moment.what.into()]);
    }
    paper.table(&table);
}

/// What differs from one deployment to another, by service.
pub(super) fn between(
    paper: &mut Paper<'_>,
    one: Option<&DeploymentTold>,
    other: &DeploymentTold,
    differences: &BTreeMap<Service, Difference>,
) {
    if differences.is_empty() {
        return;
    }
    let one = one.map_or_else(|| "BEFORE".to_owned(), |told| told.n.to_string());
    let other = other.n.to_string();
    let mut table = Table::headed(["SERVICE", &one, &other]);
    for (service, difference) in differences {
        let (from, to) = words::apart(difference.from.as_ref(), difference.to.as_ref());
        table.row([words::name(service).into(), from.into(), to.into()]);
    }
    paper.table(&table);
}
