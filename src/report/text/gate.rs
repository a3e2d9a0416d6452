//! A verdict and the checks behind it.

use super::super::table::{Cell, Table};
use super::super::words;
use super::Paper;
use crate::domain::check::Weight;
use crate::domain::ending::{Ending, Outcome as End};
use crate::domain::gate::CheckResult;
use crate::domain::outcome::{DeploymentTold, GateTold};

/// The verdict in front of what came of it, then the checks.
pub(super) fn told(paper: &mut Paper<'_>, ending: &Ending, gate: &GateTold) {
    let (verdict, tone) = words::verdict(gate.verdict);
    let message = words::shown(&ending.message);
    paper.labelled(tone, &words::capital(verdict), &message);
    let result = ending.reason.outcome();
    let agrees = matches!(result, End::Ok | End::Unhealthy | End::Inconclusive);
    if !agrees {
        let (label, tone) = words::result(result);
        paper.labelled(tone, &words::capital(label), ending.reason.meaning());
    }
    paper.table(&table(&gate.checks));
}

/// The verdict on a deployment that was then fled, and the checks.
pub(super) fn judged(paper: &mut Paper<'_>, deployment: Option<&DeploymentTold>, gate: &GateTold) {
    let (verdict, tone) = words::verdict(gate.verdict);
    let what = deployment.map_or_else(String::new, |deployment| {
        format!("deployment {} ({})", deployment.n, words::versions(&deployment.versions))
    });
    paper.labelled(tone, &words::capital(verdict), &what);
    paper.blank();
    let told = table(&gate.checks).render(paper.screen.palette, paper.screen.width);
    paper.out.push_str(&told);
}

/// One row a check, its value beside its limit.
pub(super) fn table(checks: &[CheckResult]) -> Table {
    if checks.is_empty() {
        return Table::default();
    }
    let names = ["CHECK", "SERVICE", "OUTCOME", "VALUE", "LIMIT", "LOOKS", "TOOK", "FOUND"];
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
            value(check.value.as_deref()).into(),
            value(check.limit.as_deref()).into(),
            check.attempts.to_string().into(),
            words::took(check.duration_ms).into(),
            words::shown(&check.message).into(),
        ]);
    }
    table
}

fn value(text: Option<&str>) -> String {
    text.map(words::shown).unwrap_or_default()
}
