//! Gates that count points, as they are meant.

use super::super::mistake::Finding;
use super::super::node::Node;
use super::super::written;
use super::findings::Findings;
use crate::domain::check::{Check, Weight};
use crate::domain::gate::{GateRule, Percentages, Role, Worth};

/// Returns how the checks make one verdict, and tells shares that make no sense.
pub(in super::super) fn rule(
    written: Option<written::Weighted>,
    node: &Node,
    findings: &mut Findings<'_>,
) -> GateRule {
    let Some(written::Weighted { pass, warning }) = written else { return GateRule::Worst };
    let warning = warning.unwrap_or(pass);
    if pass == 0 || pass > 100 {
        findings.about(node.at("pass"), "a share is from 1 to 100 percent");
    }
    if warning > pass {
        findings.about(node.at("warning"), "`warning` is at most `pass`");
    }
    let share = |percent: u32| u8::try_from(percent.min(100)).unwrap_or(100);
    GateRule::Weighted(Percentages { pass: share(pass), warning: share(warning) })
}

/// Returns what a check is worth, and tells points that could never count.
pub(super) fn worth(written: &written::Check, node: &Node, findings: &mut Findings<'_>) -> Worth {
    let usual = Worth::default();
    if written.weight == Some(0) {
        let message = "a check without points never counts; write `advisory: true`";
        findings.about(node.at("weight"), message);
    }
    let key = written.key == Some(true);
    if written.advisory && (written.weight.is_some() || key) {
        findings.about(node.at("advisory"), "an advisory check has no `weight` and is no `key`");
    }
    let role = if key { Role::Key } else { usual.role };
    Worth { points: written.weight.unwrap_or(usual.points), role }
}

/// Tells points that nobody counts.
pub(in super::super) fn unweighed(
    asked: &[(Check, &Node)],
    rule: GateRule,
    findings: &mut Findings<'_>,
) {
    if rule != GateRule::Worst {
        return;
    }
    let required = asked.iter().filter(|(check, _)| check.weight == Weight::Required);
    for (_, node) in required {
        let entries = ["weight", "key"].into_iter().filter_map(|key| node.entry(key));
        for entry in entries {
            let message = format!("`{}` means nothing where no points are counted", entry.key);
            let finding = Finding::new(entry.place.clone(), message);
            findings.add(finding.hint("count them with `weighted: {pass: 90}`"));
        }
    }
}
