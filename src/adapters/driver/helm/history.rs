//! The revisions of a release, as `helm history` tells them.

use std::fmt;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::written::exact;
use crate::domain::target::TagNames;
use crate::domain::version::Version;
use crate::ports::Drive;

/// How the description of a revision begins that lastgood made.
const OURS: &str = "lastgood ";

/// How Helm describes a revision that it made of another one.
const ROLLED_BACK: &str = "Rollback to ";

/// How it describes what it has begun.
const BEGUN: [&str; 2] = ["Preparing upgrade", "Initial install underway"];

/// How it describes what it failed to do: one of these, the release, and then `FAILED`.
const FAILING: [&str; 3] = ["Release \"", "Upgrade \"", "Rollback \""];
const FAILED: &str = "\" failed: ";

/// How much of a digest is told.
const PRINT: usize = 8;

/// All revisions that Helm has kept, the oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct History(Vec<Revision>);

/// One of them.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Revision {
    /// Its number.
    #[serde(rename = "revision")]
    pub number: u64,
    /// How it stands: `deployed`, `superseded`, `failed`, `pending-upgrade`, …
    pub status: String,
    /// The chart's name and version: `shop-1.4.0`.
    #[serde(default)]
    pub chart: String,
    /// The version of what is in the chart, by the chart's word.
    #[serde(default)]
    pub app_version: String,
    #[serde(default)]
    description: String,
    /// Only newer ones tell it.
    #[serde(rename = "rollback_revision")]
    returned_to: Option<u64>,
}

/// How lastgood describes a revision: which deployment made it, and what was brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    deployment: String,
    /// The version.
    pub version: String,
    /// A digest of all else that is known of the version.
    pub print: String,
}

impl History {
    /// Reads the answer.
    pub(super) fn read(json: &str) -> Result<Self, serde_json::Error> {
        let mut all: Vec<Revision> = serde_json::from_str(json)?;
        all.sort_by_key(|revision| revision.number);
        Ok(Self(all))
    }

    /// Returns the newest one, whatever became of it.
    pub(super) fn newest(&self) -> Option<&Revision> {
        self.0.last()
    }

    /// Returns all that have been well once, the newest first.
    pub(super) fn good(&self) -> impl Iterator<Item = &Revision> {
        self.0.iter().rev().filter(|revision| revision.was_good())
    }

    /// Returns the versions that lastgood has described revisions by, the newest first.
    pub(super) fn versions(&self) -> impl Iterator<Item = String> {
        self.0.iter().rev().filter_map(|it| Some(Mark::read(&it.description)?.version))
    }

    /// Returns by which deployment of lastgood a revision came to be, also over rollbacks by hand.
    pub(super) fn mark(&self, revision: &Revision) -> Option<Mark> {
        if let Some(mark) = Mark::read(&revision.description) {
            return Some(mark);
        }
        let from = revision.made_of()?;
        // Each step leads to an older one, so this ends.
        let earlier = |it: &&Revision| it.number == from && from < revision.number;
        self.mark(self.0.iter().find(earlier)?)
    }
}

impl Revision {
    /// Returns whether it is what Helm brought last and found well.
    pub(super) fn is_deployed(&self) -> bool {
        self.status == "deployed"
    }

    /// Returns whether a run of `helm` is at work on it, or was killed.
    pub(super) fn is_pending(&self) -> bool {
        self.status.starts_with("pending-")
    }

    /// Returns whether it was taken away, or is being so.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self.status.as_str(), "uninstalled" | "uninstalling")
    }

    /// Returns whether lastgood described it so.
    pub(super) fn is_marked(&self, mark: &Mark) -> bool {
        Mark::read(&self.description).as_ref() == Some(mark)
    }

    /// Returns the version of its chart: what comes after the chart's name.
    pub(super) fn chart_version(&self) -> Option<&str> {
        let mut rests = self.chart.match_indices('-').map(|(at, _)| &self.chart[at + 1..]);
        rests.find(|rest| exact(rest).is_some())
    }

    /// Where nothing was deployed, Helm supersedes what failed, or was only begun.
    fn was_good(&self) -> bool {
        match self.status.as_str() {
            "deployed" => true,
            "superseded" => !self.fell_short(),
            _ => false,
        }
    }

    fn fell_short(&self) -> bool {
        let described = self.description.as_str();
        let failed = FAILING.iter().any(|what| described.starts_with(what));
        BEGUN.contains(&described) || (failed && described.contains(FAILED))
    }

    /// Returns whether a rollback made it.
    pub(super) fn is_made_of_another(&self) -> bool {
        self.made_of().is_some()
    }

    /// Returns whether a rollback made it of this one.
    pub(super) fn is_made_of(&self, target: &Self) -> bool {
        self.made_of() == Some(target.number)
    }

    fn made_of(&self) -> Option<u64> {
        let described = || self.description.strip_prefix(ROLLED_BACK)?.parse().ok();
        self.returned_to.or_else(described)
    }
}

impl Mark {
    /// Returns how the revision that this makes is described.
    pub(super) fn of(drive: &Drive) -> Self {
        let deployment = TagNames::new("", &drive.environment).deploy(drive.deployment);
        Self { deployment, version: drive.to.version.clone(), print: print(&drive.to) }
    }

    /// Returns whether it stands for this very version.
    pub(super) fn is(&self, version: &Version) -> bool {
        self.version == version.version && self.print == print(version)
    }

    fn read(description: &str) -> Option<Self> {
        let (deployment, rest) = description.strip_prefix(OURS)?.split_once(' ')?;
        let (version, print) = rest.strip_suffix(')')?.rsplit_once(" (")?;
        let [deployment, version, print] = [deployment, version, print].map(str::to_owned);
        Some(Self { deployment, version, print })
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{OURS}{} {} ({})", self.deployment, self.version, self.print)
    }
}

/// Returns a digest of all that is known of a version beside its name.
fn print(version: &Version) -> String {
    let rest = Version { version: String::new(), ..version.clone() };
    let rest = serde_json::to_vec(&rest).unwrap_or_default();
    hex::encode(Sha256::digest(rest)).chars().take(PRINT).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// An answer of Helm's own tests, and one of a newer Helm.
    const ANSWER: &str = r#"[
        {"revision":3,"updated":"1977-09-02T22:04:05Z","status":"deployed","chart":"foo-bar-0.1.0-beta.1",
         "app_version":"1.0","rollback_revision":1,"description":"Rollback to 1"},
        {"revision":1,"updated":"1977-09-02T22:04:05Z","status":"superseded","chart":"foo-bar-0.1.0-beta.1",
         "app_version":"1.0","description":"lastgood deploy/production/7 2.0 (x) (0a1b2c3d)"},
        {"revision":2,"updated":"","status":"failed","chart":"MISSING",
         "app_version":"","description":"Upgrade \"shop\" failed: context deadline exceeded"}]"#;

    #[test]
    fn revisions_are_read_in_their_order_with_what_made_them() {
        let history = History::read(ANSWER).unwrap();
        let good: Vec<u64> = history.good().map(|it| it.number).collect();
        assert_eq!(good, [3, 1]);
        let newest = history.newest().unwrap();
        assert!(newest.is_deployed() && !newest.is_pending() && !newest.is_gone());
        assert_eq!(newest.chart_version(), Some("0.1.0-beta.1"));
        let mark = history.mark(newest).unwrap();
        assert_eq!((mark.version.as_str(), mark.print.as_str()), ("2.0 (x)", "0a1b2c3d"));
        assert_eq!(mark.to_string(), "lastgood deploy/production/7 2.0 (x) (0a1b2c3d)");
        assert_eq!(history.mark(&history.0[1]), None);
        assert_eq!(history.0[1].chart_version(), None);
    }

    #[test]
    fn what_helm_superseded_without_its_ever_being_well_is_not_good() {
        let table = [
            ("deployed", "Rollback to 1", true),
            ("superseded", "Upgrade complete", true),
            ("superseded", "superseded by new release", true),
            ("superseded", "Release of \"spring\"", true),
            ("failed", "Upgrade complete", false),
            ("superseded", "Release \"shop\" failed: context deadline exceeded", false),
            ("superseded", "Upgrade \"shop\" failed: context deadline exceeded", false),
            ("superseded", "Rollback \"shop\" failed: no matches for kind", false),
            ("superseded", "Preparing upgrade", false),
            ("superseded", "Initial install underway", false),
        ];
        for (status, description, good) in table {
            let one = json!([{ "revision": 1, "status": status, "description": description }]);
            let history = History::read(&one.to_string()).unwrap();
            assert_eq!(history.good().next().is_some(), good, "{status} {description}");
        }
    }

    #[test]
    fn a_rollback_to_what_is_kept_no_longer_or_to_itself_has_no_mark() {
        for to in [0, 2, 5, 9] {
            let json = format!(
                r#"[{{"revision":5,"status":"deployed","description":"Rollback to {to}"}}]"#
            );
            let history = History::read(&json).unwrap();
            assert_eq!(history.mark(history.newest().unwrap()), None);
        }
    }

    #[test]
    fn a_print_tells_versions_of_one_name_apart() {
        let one = Version::named("1.0");
        let other = Version { replicas: Some(3), ..one.clone() };
        assert_ne!(print(&one), print(&other));
        assert_eq!(print(&one), print(&Version::named("2.0")));
        assert_eq!(print(&one).len(), PRINT);
    }
}
