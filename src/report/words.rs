//! The words in which values are told, one for each.

use jiff::Timestamp;

use super::palette::Tone;
use super::sparkline::sparkline;
use crate::domain::ending::{Ending, Outcome as End};
use crate::domain::event::{Decided, Kind, LockScope, Quarantine};
use crate::domain::gate::{self, Score};
use crate::domain::names::Service;
use crate::domain::operation::Status;
use crate::domain::outcome::{
    DeploymentTold, Health, LockTold, RollbackStatus, RollbackTold, SlotTold,
};
use crate::domain::slotted::Standing;
use crate::domain::text;
use crate::domain::verdict::{Outcome, Verdict};
use crate::error::{Error, Kind as Whose};

mod versions;

pub use crate::domain::moment::told as moment;
pub use versions::{apart, exactly, name, names, versions};

/// Returns a value with the line of its newest numbers.
pub(super) fn with_line(value: String, series: &[f64]) -> String {
    match sparkline(series) {
        line if line.is_empty() => value,
        line => format!("{value} {line}"),
    }
}

/// Returns the points of a gate that counts them.
pub(super) fn score(score: &Score) -> String {
    let Score { earned, of, pass, warning } = score;
    format!("{earned} of {of} points; healthy from {pass} %, unhealthy below {warning} %")
}

/// Returns what a policy of the user's own made of a verdict.
pub(super) fn decided(decided: &Decided) -> String {
    let by = shown(&decided.by);
    match decided.message.as_str() {
        "" => format!("`{by}` says to {}", decided.answer),
        why => format!("`{by}` gave no answer, so nothing is done: {}", shown(why)),
    }
}

/// The longest foreign text in a line, in characters.
pub const LONGEST: usize = 300;

/// The longest command that is shown, in characters.
pub const LONGEST_COMMAND: usize = 4_000;

/// Returns a foreign text as a person may see it.
pub fn shown(text: &str) -> String {
    text::clean(text, LONGEST)
}

/// Returns the next move of an ending; `None` where there is nothing to do.
pub fn next_move(ending: &Ending) -> Option<&str> {
    Some(ending.next.as_str()).filter(|next| !next.is_empty() && *next != "Nothing.")
}

/// Returns how a command ends for whoever's move an error is.
pub fn result_of(kind: Whose) -> End {
    match kind {
        Whose::Invalid => End::Invalid,
        Whose::Failed => End::Failed,
        Whose::Refused => End::Refused,
        Whose::Unreachable => End::Unreachable,
        Whose::Overtaken => End::NeedsHelp,
    }
}

/// Returns an error's message with what caused it.
pub fn with_causes(error: &Error) -> String {
    let mut told = error.message().to_owned();
    for cause in error.causes() {
        told.push_str(": ");
        told.push_str(&cause);
    }
    told
}

/// Returns a result as people say it.
pub fn result(result: End) -> (&'static str, Tone) {
    match result {
        End::Ok => ("done", Tone::Good),
        End::Failed => ("failed", Tone::Bad),
        End::Invalid => ("invalid", Tone::Bad),
        End::Unhealthy => ("unhealthy", Tone::Bad),
        End::RolledBack => ("rolled back", Tone::Odd),
        End::NeedsHelp => ("needs help", Tone::Bad),
        End::Refused => ("refused", Tone::Odd),
        End::Inconclusive => ("inconclusive", Tone::Odd),
        End::Unreachable => ("unreachable", Tone::Bad),
    }
}

/// Returns what stands before a sentence, with the reason code where that says more.
pub fn label(said: &str, reason: &str) -> String {
    let said = capital(said);
    if said.to_lowercase() == reason.replace('_', " ") {
        said
    } else {
        format!("{said} ({reason})")
    }
}

/// Returns a verdict as people say it.
pub fn verdict(verdict: Verdict) -> (&'static str, Tone) {
    match verdict {
        Verdict::Healthy => ("healthy", Tone::Good),
        Verdict::Inconclusive => ("inconclusive", Tone::Odd),
        Verdict::Error => ("error", Tone::Odd),
        Verdict::Unhealthy => ("unhealthy", Tone::Bad),
    }
}

/// Returns how a check ended, as people say it.
pub fn check(ending: gate::Ending) -> (&'static str, Tone) {
    match ending {
        gate::Ending::Stopped => ("stopped", Tone::Odd),
        gate::Ending::Pass
        | gate::Ending::Inconclusive
        | gate::Ending::Error
        | gate::Ending::Fail => outcome(ending.outcome()),
    }
}

/// Returns what a check found, as people say it.
pub fn outcome(outcome: Outcome) -> (&'static str, Tone) {
    match outcome {
        Outcome::Pass => ("pass", Tone::Good),
        Outcome::Inconclusive => ("inconclusive", Tone::Odd),
        Outcome::Error => ("error", Tone::Odd),
        Outcome::Fail => ("fail", Tone::Bad),
    }
}

/// Returns how a deployment stands, as people say it.
pub fn status(status: Status) -> (&'static str, Tone) {
    match status {
        Status::Started => ("started", Tone::Odd),
        Status::Deployed => ("deployed", Tone::Plain),
        Status::Stable => ("stable", Tone::Good),
        Status::Unhealthy => ("unhealthy", Tone::Bad),
        Status::RolledBack => ("rolled back", Tone::Odd),
        Status::Failed => ("failed", Tone::Bad),
        Status::Partial => ("partial", Tone::Bad),
        Status::Interrupted => ("interrupted", Tone::Bad),
        Status::Superseded => ("superseded", Tone::Faint),
        Status::Emptied => ("emptied", Tone::Faint),
    }
}

/// Returns how a thing is that was looked at.
pub fn health(health: Health) -> (&'static str, Tone) {
    match health {
        Health::Well => ("well", Tone::Good),
        Health::Odd => ("odd", Tone::Odd),
        Health::Broken => ("broken", Tone::Bad),
    }
}

/// Returns the kind of a deployment.
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Deploy => "deploy",
        Kind::Rollback => "rollback",
        Kind::RollForward => "roll-forward",
        Kind::Switch => "switch",
    }
}

/// Returns what an operation is.
pub fn what(told: &DeploymentTold) -> &'static str {
    if told.empties { "cleanup" } else { kind(told.kind) }
}

/// Returns what a lock keeps out.
pub fn scope(scope: LockScope) -> &'static str {
    match scope {
        LockScope::All => "others' changes",
        LockScope::Rollback => "automatic rollbacks",
    }
}

/// Returns a count with its noun.
pub fn count(many: usize, noun: &str) -> String {
    if many == 1 { format!("1 {noun}") } else { format!("{many} {noun}s") }
}

/// Returns how many of how many.
pub fn share(some: usize, all: usize, noun: &str) -> String {
    format!("{some} of {all} {noun}s")
}

/// Returns what became of one service of a rollback.
pub fn moved(told: &RollbackTold, service: &Service) -> (&'static str, Tone) {
    if told.rolled_back_services.contains(service) {
        ("moved", Tone::Good)
    } else if told.failed_services.contains(service) {
        ("failed", Tone::Bad)
    } else if told.put_back_services.contains(service) {
        ("put back", Tone::Odd)
    } else if told.unchanged_services.contains(service) {
        ("unchanged", Tone::Faint)
    } else if told.status == RollbackStatus::Planned {
        ("to be moved", Tone::Odd)
    } else {
        ("not touched", Tone::Faint)
    }
}

/// Returns a lock that holds, in one sentence.
pub fn locked(lock: &LockTold) -> String {
    let until = lock.until.map(|until| format!(" until {}", moment(until)));
    let reason = lock.reason.as_deref().map(|reason| format!(": {}", shown(reason)));
    format!(
        "{} kept out by {} since {}{}{}",
        scope(lock.scope),
        shown(&lock.by),
        moment(lock.at),
        until.unwrap_or_default(),
        reason.unwrap_or_default(),
    )
}

/// Returns a slot with how it stands, what it holds and its share of the traffic.
pub fn slot(slot: &SlotTold) -> String {
    let standing = match slot.state {
        Standing::Idle => "idle",
        Standing::Deploying => "deploying",
        Standing::Emptying => "emptying",
        Standing::Ready => "ready",
        Standing::Live => "live",
        Standing::Failed => "failed",
    };
    let holds =
        if slot.versions.is_empty() { "nothing".to_owned() } else { versions(&slot.versions) };
    let traffic = slot.traffic.map(|share| format!(", {share} % of the traffic"));
    format!("{} is {standing} and holds {holds}{}", slot.slot, traffic.unwrap_or_default())
}

/// Returns a quarantined version with who fled it.
pub fn quarantined(entry: &Quarantine) -> String {
    format!("{} {}, fled by {}", name(&entry.service), exactly(&entry.version), entry.n)
}

/// Returns how long ago something was.
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(at).as_secs();
    match seconds {
        ..-59 => format!("in {}", length(seconds.unsigned_abs())),
        -59..60 => "just now".to_owned(),
        60.. => format!("{} ago", length(seconds.unsigned_abs())),
    }
}

fn length(seconds: u64) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    if seconds < HOUR {
        format!("{} min", seconds / MINUTE)
    } else if seconds < 2 * DAY {
        format!("{} h", seconds / HOUR)
    } else {
        format!("{} d", seconds / DAY)
    }
}

/// Returns a length of time in milliseconds as people read it.
pub fn took(millis: u64) -> String {
    if millis < 1_000 {
        return format!("{millis} ms");
    }
    let tenths = millis / 100;
    if tenths < 600 {
        return format!("{}.{} s", tenths / 10, tenths % 10);
    }
    let seconds = millis / 1_000;
    format!("{} min {} s", seconds / 60, seconds % 60)
}

/// Returns a text that begins with a capital letter.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    first + chars.as_str()
}

/// Returns a text without the full stop at its end.
pub fn bare(text: &str) -> &str {
    text.trim_end().trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_names_the_reason_where_that_says_more() {
        assert_eq!(label("needs help", "rollback_partial"), "Needs help (rollback_partial)");
        assert_eq!(label("invalid", "invalid"), "Invalid");
        assert_eq!(label("rolled back", "rolled_back"), "Rolled back");
    }

    #[test]
    fn an_age_is_told_in_its_greatest_unit() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        for (at, told) in [
            ("2026-03-01T11:59:30Z", "just now"),
            ("2026-03-01T11:01:00Z", "59 min ago"),
            ("2026-02-28T00:00:00Z", "36 h ago"),
            ("2026-02-01T12:00:00Z", "28 d ago"),
            ("2026-03-01T12:05:00Z", "in 5 min"),
        ] {
            assert_eq!(ago(at.parse().unwrap(), now), told);
        }
    }

    #[test]
    fn a_time_taken_is_told_as_exactly_as_people_care() {
        assert_eq!(took(7), "7 ms");
        assert_eq!(took(1_250), "1.2 s");
        assert_eq!(took(90_500), "1 min 30 s");
    }
}
