//! Stages of a gradual move as they are meant.

use super::super::mistake::Finding;
use super::super::node::Node;
use super::super::written;
use super::checks::{checks, gate};
use super::findings::Findings;
use super::{CheckConfig, StageChecks, limits};
use crate::domain::duration::Span;
use crate::domain::operation::LONGEST_LOOK;
use crate::domain::policy::Stage;
use crate::domain::slots::WHOLE;

/// Returns stages as they are meant.
pub(super) fn stages(written: &[written::Stage]) -> Vec<Stage> {
    let stage = |stage: &written::Stage| Stage {
        traffic: stage.traffic,
        hold: stage.hold.get(),
        max: stage.max.get(),
    };
    written.iter().map(stage).collect()
}

/// Tells of stages that do not lead from none of the traffic to all of it.
pub(super) fn rising(stages: &[Stage], node: &Node, findings: &mut Findings<'_>) {
    let mut before = 0;
    for (stage, node) in stages.iter().zip(node.items()) {
        let message = if stage.traffic == 0 || stage.traffic > WHOLE {
            "a share is 1 to 100 percent"
        } else if stage.traffic <= before {
            "each stage has more of the traffic than the one before"
        } else if stage.hold > stage.max {
            "it is held for longer than its `max`"
        } else {
            before = stage.traffic;
            continue;
        };
        findings.about(node, message);
    }
}

/// Returns what is asked in each stage, and tells why that is no gate.
pub(super) fn asked<'a>(
    deploy: Vec<written::Stage>,
    rollback: Vec<written::Stage>,
    environment: &'a Node,
    findings: &mut Findings<'a>,
) -> StageChecks {
    let mut each = |written: Vec<written::Stage>, key: &str| {
        let entry = environment.entry(key).and_then(|entry| entry.node.entry("stages"));
        let nodes = entry.map(|entry| entry.node.items()).unwrap_or_default();
        let pairs = written.into_iter().zip(nodes);
        pairs.map(|(stage, node)| of_stage(stage, node, findings)).collect()
    };
    StageChecks { deploy: each(deploy, "deploy"), rollback: each(rollback, "rollback") }
}

fn of_stage<'a>(
    stage: written::Stage,
    node: &'a Node,
    findings: &mut Findings<'a>,
) -> Vec<CheckConfig> {
    let Some(list) = node.entry("checks") else { return Vec::new() };
    let left = stage.max.get().saturating_sub(stage.hold.get());
    if left.is_zero() && !stage.checks.is_empty() {
        let finding =
            Finding::new(list.place.clone(), "no time is left for them: `hold` takes all of `max`");
        findings.add(finding.hint("give the stage a longer `max`"));
    }
    if left > LONGEST_LOOK && !stage.checks.is_empty() {
        let most = Span::from(LONGEST_LOOK);
        let message =
            format!("the checks of a stage have `{most}` at most, and here they have more");
        let finding = Finding::new(list.place.clone(), message);
        findings.add(finding.hint("hold it for longer, or give it a shorter `max`"));
    }
    let checks = checks(stage.checks, &list.node, None, findings);
    let asked = std::mem::take(&mut findings.asked);
    for (check, node) in &asked {
        limits::within(check, node, (left, "what is left of the stage's `max`"), findings);
    }
    let lost = findings.lost_in(&list.node);
    if !asked.is_empty() {
        gate(&asked, lost, findings);
    }
    checks
}
