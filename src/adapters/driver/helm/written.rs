//! What the settings say, each part checked where it enters.

use std::fmt;
use std::path::Path;

use schemars::JsonSchema;
use semver::Version as Exact;
use serde::Deserialize;

use super::WORD;
use super::filled::{Fact, Filled};
use crate::domain::text;
use crate::domain::version::Version;

/// The longest name of a release that Helm takes.
const LONGEST: usize = 53;

/// What the driver says itself, or what would end in something else than a deployment.
const OWN: [&str; 18] = [
    "install",
    "values",
    "version",
    "repo",
    "wait",
    "wait-for-jobs",
    "timeout",
    "history-max",
    "description",
    "create-namespace",
    "cleanup-on-fail",
    "reset-values",
    "reuse-values",
    "reset-then-reuse-values",
    "namespace",
    "kube-context",
    "kubeconfig",
    "dry-run",
];

/// What shows secrets, or holds one.
const TELLTALE: [&str; 5] = ["output", "debug", "password", "kube-token", "help"];

/// The program: `helm`, or the path of one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, extend("examples" = ["helm", "./bin/helm"]))]
pub struct ProgramName(String);

/// The name of a release.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, extend("examples" = ["shop"]))]
pub struct Release(String);

/// A chart: a path, `REPOSITORY/CHART`, or an address such as `oci://ghcr.io/acme/charts/shop`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, extend("examples" = ["./chart", "oci://ghcr.io/acme/charts/shop"]))]
pub struct Chart(String);

/// The version of a chart: fixed, or with `{version}` in it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("examples" = ["1.4.0", "{version}"]))]
pub struct ChartVersion(Filled);

/// A flag of `helm upgrade` that the driver has no setting for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, extend("examples" = ["--skip-crds"]))]
pub struct Flag(String);

impl ProgramName {
    /// Returns where it is: a path is looked for from a folder, a name in `PATH`.
    pub(super) fn path(&self, folder: &Path) -> String {
        if self.0.contains('/') {
            folder.join(&self.0).display().to_string()
        } else {
            self.0.clone()
        }
    }
}

impl Default for ProgramName {
    fn default() -> Self {
        Self("helm".to_owned())
    }
}

impl Release {
    /// Returns it as it was written.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Chart {
    /// Returns it as it was written.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether it can only be a path.
    pub(super) fn is_path(&self) -> bool {
        self.0.starts_with('.') || self.0.starts_with('/')
    }
}

impl Flag {
    /// Returns it as it was written.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl ChartVersion {
    /// Returns whether each version has a chart of its own.
    pub(super) fn follows(&self) -> bool {
        self.0.facts().next().is_some()
    }

    /// Returns what is asked for; what follows a version must be exact, or Helm would choose.
    pub(super) fn of(&self, version: &Version) -> Result<String, String> {
        let wanted = self.0.text(version).unwrap_or_default();
        if self.follows() && exact(&wanted).is_none() {
            let shown = text::clean(&wanted, WORD);
            return Err(format!("`{shown}` is no exact version of a chart, such as `1.4.0`"));
        }
        Ok(wanted)
    }

    /// Returns whether a chart of this version is the one that is wanted.
    pub(super) fn is(&self, told: &str, version: &Version) -> bool {
        self.of(version).is_ok_and(|wanted| exact(&wanted) == exact(told))
    }

    /// Returns the version whose chart this is, where that can be told.
    pub(super) fn version_of(&self, told: &str) -> Option<String> {
        let read = || self.0.version_of(told).unwrap_or_else(|| told.to_owned());
        self.0.tells_version().then(read)
    }
}

/// Reads a version of a chart, which may have a `v` before it.
pub(super) fn exact(version: &str) -> Option<Exact> {
    Exact::parse(version.strip_prefix('v').unwrap_or(version)).ok()
}

impl TryFrom<String> for ProgramName {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let odd = written.trim().is_empty() || written.contains(text::is_unprintable);
        if odd || written.starts_with('-') {
            return Err(format!("`{}` is no program", text::clean(&written, WORD)));
        }
        Ok(Self(written))
    }
}

impl TryFrom<String> for Release {
    type Error = String;

    /// A name begins with a letter or digit, so it is never taken for a flag.
    fn try_from(written: String) -> Result<Self, String> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let label = |label: &str| {
            label.starts_with(plain)
                && label.ends_with(plain)
                && label.chars().all(|c| plain(c) || c == '-')
        };
        if written.len() <= LONGEST && written.split('.').all(label) {
            return Ok(Self(written));
        }
        let shown = text::clean(&written, WORD);
        let rule = "names are at most 53 small letters, digits and `-`";
        Err(format!("`{shown}` is no name of a release; {rule}"))
    }
}

impl TryFrom<String> for Chart {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let shown = text::clean(&written, WORD);
        let odd = written.trim() != written || written.contains(text::is_unprintable);
        if odd || written.is_empty() || written.starts_with('-') {
            let like = "`./chart`, `repository/chart` or `oci://ghcr.io/acme/charts/shop`";
            return Err(format!("`{shown}` is no chart; write it like {like}"));
        }
        let server = written.split_once("://").map(|(_, rest)| rest.split('/').next());
        if server.flatten().is_some_and(|server| server.contains('@')) {
            let way = "log in by `helm registry login` or `helm repo add`";
            return Err(format!("the address holds a user or a password; {way}"));
        }
        Ok(Self(written))
    }
}

impl TryFrom<String> for ChartVersion {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let shown = text::clean(&written, WORD);
        let filled = Filled::try_from(written.clone())?;
        if written.trim().is_empty() || written.contains(text::is_unprintable) {
            return Err(format!("`{shown}` is no version of a chart"));
        }
        let other = filled.facts().find(|fact| *fact != Fact::Version);
        match other {
            Some(fact) => {
                let word = fact.word();
                Err(format!("`{word}` names no version of a chart; `{{version}}` can"))
            }
            None => Ok(Self(filled)),
        }
    }
}

impl TryFrom<String> for Flag {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let shown = text::clean(&written, WORD);
        let name = written.strip_prefix("--").map(|rest| rest.split('=').next().unwrap_or(rest));
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let begins = |name: &&str| name.starts_with(|c: char| c.is_ascii_lowercase());
        let name = name.filter(begins).filter(|name| name.chars().all(plain));
        let Some(name) = name.filter(|_| !written.contains(text::is_unprintable)) else {
            return Err(format!("`{shown}` is no flag; write it like `--skip-crds` or `--x=1`"));
        };
        if OWN.contains(&name) {
            return Err(format!("`--{name}` is the driver's own; it has a setting for it"));
        }
        if name.starts_with("set") {
            return Err(format!("`--{name}` is not for here; write it in a file of `values`"));
        }
        if TELLTALE.contains(&name) {
            return Err(format!("`--{name}` would show what is nobody's business"));
        }
        Ok(Self(written))
    }
}

impl fmt::Display for Release {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_helm_takes_for_a_name_is_one_and_nothing_else() {
        let read = |name: &str| Release::try_from(name.to_owned());
        for name in ["shop", "0a", "shop-blue", "shop.eu", &"a".repeat(53)] {
            assert_eq!(read(name).unwrap().as_str(), name);
        }
        let long = "a".repeat(54);
        for name in ["", "--help", "-a", "a-", "A", "a b", "a_b", ".a", "a..b", "a/b", "ä", &long]
        {
            let refused = read(name).unwrap_err();
            assert!(refused.contains("is no name of a release"), "{refused}");
        }
    }

    #[test]
    fn a_chart_is_no_flag_and_holds_no_password() {
        let read = |chart: &str| Chart::try_from(chart.to_owned());
        for good in ["./chart", "acme/shop", "oci://ghcr.io/acme/shop@sha256:aa", "/srv/a b.tgz"] {
            assert_eq!(read(good).unwrap().as_str(), good);
        }
        for bad in ["", "--help", "-", " a", "a\n", "https://me:secret@charts.example/shop.tgz"] {
            let refused = read(bad).unwrap_err();
            assert!(!refused.contains("secret"), "{refused}");
        }
        assert!(read("./chart").unwrap().is_path() && !read("acme/shop").unwrap().is_path());
    }

    #[test]
    fn a_chart_that_follows_its_version_is_asked_for_exactly() {
        let read = |text: &str| ChartVersion::try_from(text.to_owned());
        let of = |text: &str, version: &str| read(text).unwrap().of(&Version::named(version));
        assert_eq!(of("^1.4", "2.0").unwrap(), "^1.4");
        assert_eq!(of("{version}", "2.0.1").unwrap(), "2.0.1");
        assert_eq!(of("{version}", "v2.0.1-rc.1").unwrap(), "v2.0.1-rc.1");
        assert_eq!(of("{version}.0", "2.0").unwrap(), "2.0.0");
        for loose in ["", "2.0", ">0", "2.x", "*", "2.0.1 || 3", "--help", "latest"] {
            let refused = of("{version}", loose).unwrap_err();
            assert!(refused.contains("is no exact version of a chart"), "{refused}");
        }
        assert!(read("{version}").unwrap().is("2.0.1", &Version::named("v2.0.1")));
        for bad in ["", " ", "{commit}", "{tag}", "1\n"] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_flag_is_one_word_and_does_nothing_that_has_a_setting_or_shows_secrets() {
        let read = |flag: &str| Flag::try_from(flag.to_owned());
        for good in ["--skip-crds", "--post-renderer=./render", "--labels=a=b"] {
            assert_eq!(read(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "-f",
            "skip-crds",
            "--",
            "--=",
            "--a b",
            "--A",
            "--x\n",
            "--install",
            "--wait=no",
            "--dry-run",
            "--namespace=x",
            "--set=a=b",
            "--set-file=a=b",
            "--password=x",
            "--debug",
            "--output=json",
            "--help",
        ] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }
}
