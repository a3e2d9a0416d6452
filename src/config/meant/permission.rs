//! Who may ask for what in comments, as it is meant.

use std::time::Duration;

use super::super::node::Node;
use super::super::written;
use super::findings::Findings;
use crate::domain::comment::Prefix;
use crate::domain::permission::{Deed, Demand, Permissions, Team, VALID_FOR};
use crate::domain::text::clean;

/// The most approvals and the most teams of one demand: each team is a request.
const MOST: usize = 5;

/// The shortest time in which somebody can read a request.
const SHORTEST: Duration = Duration::from_secs(60);

/// The longest time after which people still know what they asked for.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Returns who may ask for what, and tells what cannot be demanded.
pub(super) fn permissions(
    written: &written::Permissions,
    node: &Node,
    findings: &mut Findings<'_>,
) -> Permissions {
    let deeds = [
        (Deed::Look, "look", &written.look),
        (Deed::Verify, "verify", &written.verify),
        (Deed::Rollback, "rollback", &written.rollback),
        (Deed::Cancel, "cancel", &written.cancel),
        (Deed::Lock, "lock", &written.lock),
        (Deed::Approve, "approve", &written.approve),
        (Deed::Force, "force", &written.force),
    ];
    let mut permissions = Permissions::default();
    for (deed, key, written) in deeds {
        if let Some(written) = written {
            permissions.demand(deed, demand(deed, written, node.at(key), findings));
            expiry(deed, written.expires.get(), node.at(key).at("expires"), findings);
            if deed == Deed::Rollback {
                permissions.expire_after(written.expires.get());
            }
        }
    }
    permissions
}

fn demand(
    deed: Deed,
    written: &written::Demand,
    node: &Node,
    findings: &mut Findings<'_>,
) -> Demand {
    let approvals = usize::try_from(written.approvals).unwrap_or(usize::MAX);
    if approvals > MOST {
        findings.about(node.at("approvals"), format!("at most {MOST} people can be asked"));
    }
    if approvals > 0 && !can_wait(deed) {
        findings.about(node.at("approvals"), "only a rollback waits for an approval");
    }
    let list = node.at("teams");
    if written.teams.len() > MOST {
        findings.about(list, format!("at most {MOST} teams can be asked"));
    }
    let mut teams = Vec::new();
    for text in &written.teams {
        if let Some(team) = Team::read(text) {
            teams.push(team);
        } else {
            let shown = clean(text, 80);
            findings.about(list, format!("`{shown}` is no team; write it like `octo/release`"));
        }
    }
    Demand { role: written.role.into(), approvals, teams }
}

fn expiry(deed: Deed, time: Duration, node: &Node, findings: &mut Findings<'_>) {
    if deed != Deed::Rollback && time != VALID_FOR {
        findings.about(node, "only a request for a rollback expires");
    }
    if !(SHORTEST..=LONGEST).contains(&time) {
        findings.about(node, "a request can be good from `1m` to `30d`");
    }
}

fn can_wait(deed: Deed) -> bool {
    match deed {
        Deed::Rollback | Deed::Force => true,
        Deed::Look | Deed::Verify | Deed::Cancel | Deed::Lock | Deed::Approve => false,
    }
}

/// Returns what commands in comments begin with.
pub(super) fn prefix(written: Option<&String>, node: &Node, findings: &mut Findings<'_>) -> Prefix {
    let Some(text) = written else { return Prefix::default() };
    Prefix::new(text).unwrap_or_else(|why| {
        findings.about(node, format!("`{}` can begin no command: {why}", clean(text, 80)));
        Prefix::default()
    })
}
