//! A verdict and the checks behind it.

use super::super::table::{Cell, Table};
use super::super::words;
use super::{Detail, Paper};
use crate::domain::check::Weight;
use crate::domain::ending::Outcome as End;
use crate::domain::event::CheckNote;
use crate::domain::gate::CheckResult;
use crate::domain::outcome::{DeploymentTold, GateTold, Outcome as Told};
use crate::domain::verdict::Outcome;

/// The verdict in front of what came of it, then the checks.
pub(super) fn told(paper: &mut Paper<'_>, outcome: &Told, gate: &GateTold) {
    let ending = &outcome.ending;
    let (verdict, tone) = words::verdict(gate.verdict);
    let message = words::shown(&ending.message);
    let (result, reason) = (ending.reason.outcome(), ending.reason.code());
    let agrees = matches!(result, End::Unhealthy | End::Inconclusive);
    let label = if agrees { words::label(verdict, reason) } else { words::capital(verdict) };
    paper.labelled(tone, &label, &message);
    if !agrees && result != End::Ok {
        let (label, tone) = words::result(result);
        let meaning = words::bare(ending.reason.meaning());
        paper.labelled(tone, &words::label(label, reason), meaning);
    }
    found(paper, outcome.deployment.as_ref(), gate);
}

/// The verdict on a deployment that was then fled, and the checks.
pub(super) fn judged(paper: &mut Paper<'_>, deployment: Option<&DeploymentTold>, gate: &GateTold) {
    let (verdict, tone) = words::verdict(gate.verdict);
    let what = deployment.map_or_else(String::new, |deployment| {
        format!("deployment {} ({})", deployment.n, words::versions(&deployment.versions))
    });
    paper.labelled(tone, &words::capital(verdict), &what);
    found(paper, deployment, gate);
}

/// The checks; where a driver failed before any could be made, what the ledger says of it.
fn found(paper: &mut Paper<'_>, deployment: Option<&DeploymentTold>, gate: &GateTold) {
    if gate.checks.is_empty() {
        notes(paper, deployment.map_or(&[], |deployment| &deployment.evidence));
    }
    paper.table(&table(&gate.checks));
    if let Some(score) = &gate.score {
        paper.say(&words::capital(&words::score(score)));
    }
    if let Some(decided) = &gate.decided {
        paper.say(&words::decided(decided));
    }
    timings(paper, &gate.checks);
}

/// How long each part of a look took, where somebody wants to know more.
fn timings(paper: &mut Paper<'_>, checks: &[CheckResult]) {
    let detailed = paper.screen.detail == Detail::Full;
    for check in checks.iter().filter(|check| detailed && !check.timings.is_empty()) {
        let parts = check.timings.iter().map(|part| format!("{} {:.1} ms", part.name, part.ms));
        let parts = parts.collect::<Vec<_>>().join(", ");
        paper.say(&format!("{}: {parts}", words::shown(&check.name)));
    }
}

/// The checks that did not pass, one line each.
pub(super) fn notes(paper: &mut Paper<'_>, notes: &[CheckNote]) {
    for note in notes.iter().filter(|note| note.outcome != Outcome::Pass) {
        let (outcome, _) = words::outcome(note.outcome);
        let message = words::shown(&note.message);
        paper.say(&format!("  {} ({outcome}): {message}", words::shown(&note.name)));
    }
}

/// One row a check, its value beside its limit.
pub(super) fn table(checks: &[CheckResult]) -> Table {
    if checks.is_empty() {
        return Table::default();
    }
    let names = ["CHECK", "SERVICE", "OUTCOME", "VALUE", "LIMIT", "LOOKS", "FOUND"];
    let mut table = Table::headed(names);
    for check in checks {
        let (ending, tone) = words::check(check.outcome);
        let outcome = match check.weight {
            Weight::Required => Cell::toned(tone, ending),
            Weight::Advisory => Cell::toned(tone, format!("{ending} (advisory)")),
        };
        table.row([
            words::shown(&check.name).into(),
            check.service.as_ref().map(words::name).unwrap_or_default().into(),
            outcome,
            words::with_line(value(check.value.as_deref()), &check.series).into(),
            value(check.limit.as_deref()).into(),
            check.attempts.to_string().into(),
            words::shown(&check.message).into(),
        ]);
    }
    table
}

fn value(text: Option<&str>) -> String {
    text.map(words::shown).unwrap_or_default()
}
