//! A check's limits as they are meant.

use std::time::Duration;

use super::super::mistake::Finding;
use super::super::near::{self, Near};
use super::super::node::Node;
use super::super::written::{self, Tolerance};
use super::findings::Findings;
use crate::domain::check::{Check, Phase, Reach};
use crate::domain::duration::Span;
use crate::domain::limits::Limits;
use crate::domain::operation::LONGEST_LOOK;

/// Returns the limits with their defaults, and tells those that make no sense.
pub(super) fn limits(
    written: &written::Check,
    reach: Reach,
    node: &Node,
    findings: &mut Findings<'_>,
) -> Limits {
    let phase = Phase::from(written.phase);
    meaningless(phase, node, findings);
    let limits = filled(written, &Limits::defaults(phase, reach));
    let fits = written.deadline.is_some() && written.interval.is_none() && phase == Phase::Settle;
    let limits = if fits { limits.with_fitting_interval() } else { limits };
    for mistake in limits.mistakes(phase) {
        findings.add(Finding::new(node.at(mistake.key).place.clone(), mistake.message));
    }
    limits
}

fn filled(written: &written::Check, usual: &Limits) -> Limits {
    let time = |given: Option<Span>, usual| given.map_or(usual, Span::get);
    Limits {
        deadline: time(written.deadline, usual.deadline),
        success_streak: written.success_streak.or(usual.success_streak),
        count: written.count.or(usual.count),
        failure_limit: written.failure_limit.map_or(usual.failure_limit, Tolerance::most),
        failure_streak: written.failure_streak.or(usual.failure_streak),
        inconclusive_limit: written.inconclusive_limit.unwrap_or(usual.inconclusive_limit),
        error_limit: written.error_limit.unwrap_or(usual.error_limit),
        error_retry: time(written.error_retry, usual.error_retry),
        initial_delay: time(written.initial_delay, usual.initial_delay),
        interval: time(written.interval, usual.interval),
        timeout: time(written.timeout, usual.timeout),
    }
}

/// A limit of the other phase would be read by nobody.
fn meaningless(phase: Phase, node: &Node, findings: &mut Findings<'_>) {
    let (name, other) = match phase {
        Phase::Settle => ("settle", Phase::Watch),
        Phase::Watch => ("watch", Phase::Settle),
    };
    let (ours, theirs) = (Limits::keys(phase), Limits::keys(other));
    for entry in node.entries() {
        let key = entry.key.as_str();
        if !theirs.contains(&key) || ours.contains(&key) {
            continue;
        }
        let message = format!("`{key}` means nothing with `phase: {name}`");
        let finding = Finding::new(entry.place.clone(), message);
        findings.add(match near::find(key, ours.iter().copied()) {
            Near::One(meant) => finding.hint(format!("did you mean `{meant}`?")),
            Near::Any(list) => finding.hint(format!("here there is {list}")),
            Near::None => finding,
        });
    }
}

/// Tells a check that would look at a slot for so long that its run passed for gone.
pub(super) fn at_a_slot(check: &Check, node: &Node, findings: &mut Findings<'_>) {
    within(check, node, (LONGEST_LOOK, "the most that a slot is looked at"), findings);
    if check.phase == Phase::Settle && check.limits.deadline > LONGEST_LOOK {
        let most = Span::from(LONGEST_LOOK);
        let message = format!("a slot is looked at for `{most}` at most");
        let finding = Finding::new(node.at("deadline").place.clone(), message);
        findings.add(finding.hint("hold a stage of the traffic for what takes longer"));
    }
}

/// Tells a watching check that could not end before the gate does.
pub(super) fn within(
    check: &Check,
    node: &Node,
    (time, called): (Duration, &str),
    findings: &mut Findings<'_>,
) {
    let limits = &check.limits;
    // A row of passes may stand before all is counted.
    let fewest = limits.success_streak.or(limits.count);
    let Some(waits) = fewest.and_then(|fewest| fewest.checked_sub(1)) else { return };
    let least = limits.initial_delay.saturating_add(limits.interval.saturating_mul(waits));
    if check.phase == Phase::Watch && least >= time {
        let [least, time] = [least, time].map(Span::from);
        let message = format!(
            "it could never pass: its measurements end after `{least}` at the soonest, and {called} is `{time}`"
        );
        findings.add(Finding::new(node.at("count").place.clone(), message));
    }
}
