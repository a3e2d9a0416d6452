//! What was asked for and is not done yet.

use super::super::words;
use super::{Paper, Tone, rollback};
use crate::domain::outcome::{RequestStanding, RequestTold};

/// One request with what it would run.
pub(super) fn told(paper: &mut Paper<'_>, request: &RequestTold) {
    line(paper, request);
    rollback::plan(paper, &request.plan);
}

/// One request in one line.
pub(super) fn line(paper: &mut Paper<'_>, request: &RequestTold) {
    let number = |n: Option<u64>| n.map_or_else(|| "?".to_owned(), |n| n.to_string());
    let text = format!(
        "rollback from {} to {} by {} {}, {} (request {})",
        number(request.from),
        number(request.to),
        words::shown(&request.by),
        words::ago(request.at, paper.screen.now),
        standing(request),
        request.id,
    );
    paper.labelled(Tone::Odd, "Asked for", &text);
}

fn standing(request: &RequestTold) -> String {
    let expires = words::moment(request.expires);
    match (request.standing, request.not_before) {
        (RequestStanding::NeedsApproval, _) => {
            let share = words::share(request.approved_by.len(), request.approvals, "approval");
            format!("{share} given, until {expires}")
        }
        (RequestStanding::Waiting | RequestStanding::Due, Some(time)) => {
            format!("to be done by the first verify after {}", words::moment(time))
        }
        (RequestStanding::Waiting | RequestStanding::Due, None) => format!("until {expires}"),
    }
}
