//! A rollback, and a plan that is only shown.

use super::super::table::{Cell, Table};
use super::super::words;
use super::{Paper, Tone, gate};
use crate::domain::outcome::{PlanLine, RollbackStatus, RollbackTold, Safety, Severity};
use crate::domain::text;

/// What moved, what did not, and what proves it.
pub(super) fn told(paper: &mut Paper<'_>, rollback: &RollbackTold) {
    match rollback.status {
        RollbackStatus::Planned if rollback.id.is_none() => plan(paper, &rollback.plan),
        RollbackStatus::Planned
        | RollbackStatus::Completed
        | RollbackStatus::Partial
        | RollbackStatus::Failed
        | RollbackStatus::Refused => paper.table(&moves(rollback)),
    }
    for safety in rollback.safety.iter().filter(|_| shows_safety(rollback)) {
        against(paper, safety);
    }
    proof(paper, rollback);
    for warning in &rollback.warnings {
        paper.labelled(Tone::Odd, "Warning", &words::shown(warning));
    }
}

/// What was only planned shows each rule; what was done, the ones that were overruled.
fn shows_safety(rollback: &RollbackTold) -> bool {
    rollback.status == RollbackStatus::Planned || rollback.safety.iter().any(|s| !s.passed)
}

fn against(paper: &mut Paper<'_>, safety: &Safety) {
    let (tone, label) = match (safety.passed, safety.severity) {
        (true, _) => (Tone::Good, "Passed"),
        (false, Severity::Error) => (Tone::Bad, "Overruled"),
        (false, Severity::Warning) => (Tone::Odd, "Warning"),
    };
    paper.labelled(tone, label, &words::shown(&safety.message));
}

fn proof(paper: &mut Paper<'_>, rollback: &RollbackTold) {
    let Some(proof) = &rollback.verification else { return };
    let share = words::share(proof.passed, proof.total, "required check");
    paper.say(&format!("{share} passed on what was restored"));
    paper.table(&gate::table(&proof.checks));
}

fn moves(rollback: &RollbackTold) -> Table {
    let mut table = Table::headed(["SERVICE", "FROM", "TO", "RESULT"]);
    for line in &rollback.plan {
        let (from, to) = words::apart(line.from.as_ref(), line.to.as_ref());
        let (result, tone) = words::moved(rollback, &line.service);
        let result = Cell::toned(tone, result);
        table.row([words::name(&line.service).into(), from.into(), to.into(), result]);
    }
    for service in &rollback.unchanged_services {
        let (result, tone) = words::moved(rollback, service);
        let result = Cell::toned(tone, result);
        table.row([words::name(service).into(), "".into(), "".into(), result]);
    }
    table
}

/// Each service from and to, with the very commands.
pub(super) fn plan(paper: &mut Paper<'_>, plan: &[PlanLine]) {
    paper.blank();
    for line in plan {
        let (from, to) = words::apart(line.from.as_ref(), line.to.as_ref());
        let name = words::name(&line.service);
        let name = paper.screen.palette.paint(Tone::Strong, &name).to_string();
        let to = if line.to.is_none() { "nothing" } else { to.as_str() };
        paper.say(&format!("  {name} from {from} to {to}"));
        for command in &line.commands {
            paper.say(&format!("    {}", text::clean(command, words::LONGEST_COMMAND)));
        }
    }
    paper.blank();
}
