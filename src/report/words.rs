//! The words in which values are told, one for each.

use jiff::Timestamp;

use super::palette::Tone;
use crate::domain::ending::{Ending, Outcome as End};
use crate::domain::event::{Kind, LockScope};
use crate::domain::gate;
use crate::domain::names::Service;
use crate::domain::operation::Status;
use crate::domain::outcome::Health;
use crate::domain::text;
use crate::domain::verdict::{Outcome, Verdict};
use crate::domain::version::{Version, Versions};
use crate::error::{Error, Kind as Whose};

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

/// Returns what a lock keeps out.
pub fn scope(scope: LockScope) -> &'static str {
    match scope {
        LockScope::All => "every change",
        LockScope::Rollback => "automatic rollbacks",
    }
}

/// Returns a count with its noun.
pub fn count(many: usize, noun: &str) -> String {
    if many == 1 { format!("1 {noun}") } else { format!("{many} {noun}s") }
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

/// Returns a moment to the second, UTC.
pub fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
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

/// How many services are named before the rest is counted.
const NAMED: usize = 4;

/// Returns the versions of all services in one line.
pub fn versions(versions: &Versions) -> String {
    let mut named: Vec<String> = versions.iter().take(NAMED).map(|(s, v)| one(s, v)).collect();
    if versions.len() > NAMED {
        named.push(format!("{} more", versions.len() - NAMED));
    }
    named.join(", ")
}

fn one(service: &Service, version: &Version) -> String {
    let version = shown(&version.version);
    if *service == Service::only() { version } else { format!("{} {version}", name(service)) }
}

/// Returns a service's name.
pub fn name(service: &Service) -> String {
    shown(service.as_str())
}

/// Returns the names of services in one line.
pub fn names(services: &[Service]) -> String {
    services.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// Returns two versions of a service so that they can be told apart.
pub fn apart(from: Option<&Version>, to: Option<&Version>) -> (String, String) {
    let alike = match (from, to) {
        (Some(from), Some(to)) => from.version == to.version && from != to,
        (None, _) | (_, None) => false,
    };
    let told = |version: Option<&Version>| match version {
        None => "-".to_owned(),
        Some(version) if alike => exactly(version),
        Some(version) => shown(&version.version),
    };
    (told(from), told(to))
}

/// Returns a version with all that is known of it.
pub fn exactly(version: &Version) -> String {
    let facts = facts(version);
    let version = shown(&version.version);
    if facts.is_empty() { version } else { format!("{version} ({})", facts.join(", ")) }
}

fn facts(version: &Version) -> Vec<String> {
    let commit = version.commit.as_ref().map(|commit| commit.short().to_owned());
    let image = version.image.as_deref().map(shown);
    let replicas = version.replicas.map(|n| count(usize::try_from(n).unwrap_or(0), "replica"));
    let config = version.config.as_ref().map(|file| {
        format!("{} {}", shown(&file.path), file.sha256.chars().take(10).collect::<String>())
    });
    [commit, image, replicas, config.map(|config| shown(&config))].into_iter().flatten().collect()
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
    fn versions_of_one_name_are_told_apart_by_what_differs() {
        let one = Version { replicas: Some(1), ..Version::named("1.0") };
        let three = Version { replicas: Some(3), ..Version::named("1.0") };
        let told = apart(Some(&one), Some(&three));
        assert_eq!(told, ("1.0 (1 replica)".to_owned(), "1.0 (3 replicas)".to_owned()));
        assert_eq!(apart(None, Some(&one)), ("-".to_owned(), "1.0".to_owned()));
    }

    #[test]
    fn many_services_are_counted_after_the_first() {
        let versions: Versions = ["a", "b", "c", "d", "e", "f"]
            .map(|name| (Service::new(name).unwrap(), Version::named("1")))
            .into();
        assert_eq!(super::versions(&versions), "a 1, b 1, c 1, d 1, 2 more");
    }

    #[test]
    fn a_time_taken_is_told_as_exactly_as_people_care() {
        assert_eq!(took(7), "7 ms");
        assert_eq!(took(1_250), "1.2 s");
        assert_eq!(took(90_500), "1 min 30 s");
    }
}
