//! What must hold before a rollback, as it is meant.

use super::super::mistake::Finding;
use super::super::node::Node;
use super::super::written;
use super::findings::Findings;
use crate::domain::text::clean;
use crate::domain::vouch::{Branches, TargetPolicy};

/// Returns what a target must show, and tells each name that no branch can have.
pub(super) fn target(
    written: &written::Safety,
    node: &Node,
    findings: &mut Findings<'_>,
) -> TargetPolicy {
    let written = &written.target;
    let node = node.at("target").at("reachable_from");
    let reachable_from = match &written.reachable_from {
        None => Branches::Usual,
        Some(names) => {
            branches(names, node, findings);
            Branches::Named(names.clone())
        }
    };
    TargetPolicy { reachable_from, tag: written.tag.into() }
}

fn branches(names: &[String], node: &Node, findings: &mut Findings<'_>) {
    if names.is_empty() {
        let message = "no branch is named, so that nothing could be reached";
        let finding = Finding::new(node.place.clone(), message);
        findings.add(finding.hint("leave the key away for the default branch"));
    }
    for (name, node) in names.iter().zip(node.items()) {
        if !is_branch(name) {
            let message = format!("`{}` is no name of a branch", clean(name, 80));
            findings.about(node, message);
        }
    }
}

/// What git refuses as a branch, and what would be another kind of ref.
fn is_branch(name: &str) -> bool {
    let allowed = |c: char| !c.is_control() && !" ~^:?*[\\".contains(c);
    let part_is_fine = |part: &str| {
        let ends_badly = [".lock"].iter().any(|end| part.ends_with(end));
        !part.is_empty() && !part.starts_with('.') && !ends_badly
    };
    name.chars().all(allowed)
        && name.split('/').all(part_is_fine)
        && !name.starts_with('-')
        && !name.starts_with("refs/")
        && !name.ends_with('.')
        && !name.contains("..")
        && !name.contains("@{")
        && name != "@"
}
