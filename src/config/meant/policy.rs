//! The policy as it is meant.

use super::super::mistake::Finding;
use super::super::node::Node;
use super::super::written;
use super::findings::Findings;
use super::{permission, safety, stages, weighing};
use crate::domain::check::Rehearsal;
use crate::domain::policy::{
    DeployPolicy, Keep, Policy, RateLimit, Reactions, RollbackPolicy, VerifyPolicy,
};

/// Returns the policy, and tells each zero that would switch it off.
pub(super) fn policy(
    written: &written::Environment,
    node: &Node,
    findings: &mut Findings<'_>,
) -> Policy {
    zeros(written, node, findings);
    let written::Environment { verify, deploy, rollback, safety, keep, permissions, .. } = written;
    Policy {
        verify: VerifyPolicy {
            timeout: verify.timeout.get(),
            stable_after: verify.stable_after.get(),
            on: Reactions {
                fail: verify.on.fail.into(),
                error: verify.on.error.into(),
                inconclusive: verify.on.inconclusive.into(),
            },
            rule: weighing::rule(verify.weighted, node.at("verify").at("weighted"), findings),
            rehearsal: if verify.rehearse { Rehearsal::Asked } else { Rehearsal::Skipped },
        },
        deploy: DeployPolicy {
            strategy: deploy.strategy.into(),
            stages: stages::stages(&deploy.stages),
            switch: deploy.switch.into(),
        },
        rollback: RollbackPolicy {
            strategy: rollback.strategy.into(),
            stages: stages::stages(&rollback.stages),
            confirm_for: rollback.confirm_for.get(),
            within: rollback.within.get(),
            limit: RateLimit { count: rollback.limit.count, per: rollback.limit.per.get() },
            cooldown: rollback.cooldown.get(),
        },
        keep: Keep { deployments: count(keep.deployments), tags: count(keep.tags) },
        permissions: permission::permissions(permissions, node.at("permissions"), findings),
        target: safety::target(safety, node.at("safety"), findings),
    }
}

fn count(written: u32) -> usize {
    usize::try_from(written).unwrap_or(usize::MAX)
}

fn zeros(written: &written::Environment, node: &Node, findings: &mut Findings<'_>) {
    let (verify, rollback) = (node.at("verify"), node.at("rollback"));
    let limit = rollback.at("limit");
    let never = "it would never roll back by itself; say so with `verify.on.fail: hold`";
    let rules = [
        (written.verify.timeout.get().is_zero(), verify.at("timeout"), "no time to look"),
        (written.rollback.within.get().is_zero(), rollback.at("within"), never),
        (written.rollback.limit.count == 0, limit.at("count"), never),
        (
            written.rollback.limit.per.get().is_zero(),
            limit.at("per"),
            "a limit per no time is none",
        ),
        (written.keep.deployments == 0, node.at("keep").at("deployments"), "at least 1 must stay"),
        (written.keep.tags == 0, node.at("keep").at("tags"), "at least 1 must stay"),
    ];
    for (wrong, node, message) in rules {
        if wrong {
            findings.add(Finding::new(node.place.clone(), message));
        }
    }
}
