//! What the settings say, each part checked where it enters.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use super::WORD;
use crate::domain::text;

/// The longest name of a unit or of a file.
const LONGEST: usize = 255;

/// What is filled in.
const VERSION: &str = "{version}";

/// The name of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, extend("examples" = ["shop", "shop@blue"]))]
pub struct Unit(String);

/// The name of a release's folder, in which `{version}` is filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, extend("examples" = ["{version}", "shop-{version}"]))]
pub struct ReleaseName {
    before: String,
    after: String,
}

impl Unit {
    /// Returns it as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl TryFrom<String> for Unit {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let fits = |c: char| c.is_ascii_alphanumeric() || ":-_.\\@".contains(c);
        let begins = written.starts_with(|c: char| c.is_ascii_alphanumeric());
        if begins && written.len() <= LONGEST && written.chars().all(fits) {
            return Ok(Self(written));
        }
        let shown = text::clean(&written, WORD);
        Err(format!("`{shown}` is no name of a unit; write it like `shop` or `shop@blue`"))
    }
}

impl TryFrom<String> for ReleaseName {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let shown = text::clean(&written, WORD);
        let (before, after) = written.split_once(VERSION).ok_or_else(|| {
            format!("`{shown}` is the same for all versions; put `{VERSION}` in it")
        })?;
        if format!("{before}{after}").contains(['/', '{', '}']) {
            return Err(format!("`{shown}` is no name of a folder with one `{VERSION}`"));
        }
        Ok(Self { before: before.to_owned(), after: after.to_owned() })
    }
}

impl ReleaseName {
    /// Returns the name of a version's folder, which leads nowhere else.
    pub(super) fn of(&self, version: &str) -> Result<String, String> {
        let name = format!("{}{version}{}", self.before, self.after);
        let leads = name.contains(['/', '\\']) || matches!(name.as_str(), "." | "..");
        if leads
            || version.is_empty()
            || name.contains(text::is_unprintable)
            || name.len() > LONGEST
        {
            return Err(format!("`{}` can be no name of a folder", text::clean(&name, WORD)));
        }
        Ok(name)
    }

    /// Returns the version of a folder; one that is named otherwise is told as it is.
    pub(super) fn version_of(&self, name: &str) -> String {
        let inner = name.strip_prefix(&self.before).and_then(|rest| rest.strip_suffix(&self.after));
        inner.filter(|inner| !inner.is_empty()).unwrap_or(name).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_one_folder_and_leads_nowhere_else() {
        let plain = ReleaseName::default();
        for good in ["1.4", "--help", "1.4 rc", "..1", "$(id)", "v1;x"] {
            assert_eq!(plain.of(good).unwrap(), good);
            assert_eq!(plain.version_of(good), good);
        }
        for bad in
            ["", ".", "..", "/", "../1", "1/..", "/etc", "a\\b", "1\n", "\0", &"1".repeat(256)]
        {
            assert!(plain.of(bad).is_err(), "{bad:?}");
        }
        let hidden = ReleaseName::try_from(".{version}".to_owned()).unwrap();
        assert!(hidden.of(".").is_err());
    }

    #[test]
    fn a_release_is_named_after_its_version_and_read_back() {
        let named = ReleaseName::try_from("shop-{version}-amd64".to_owned()).unwrap();
        assert_eq!(named.of("1.4").unwrap(), "shop-1.4-amd64");
        assert_eq!(named.version_of("shop-1.4-amd64"), "1.4");
        assert_eq!(named.version_of("other"), "other");
        for bad in ["", "shop", "a/{version}", "{version}{version}", "{commit}{version}"] {
            assert!(ReleaseName::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_could_become_a_flag_or_two_words_is_no_unit() {
        for bad in ["", "-shop", "--user", "a b", "a/b", "a\nb", "*", &"a".repeat(256)] {
            assert!(Unit::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
        for good in ["shop", "shop@blue", "shop.socket", "dev-disk\\x2d.mount"] {
            assert_eq!(Unit::try_from(good.to_owned()).unwrap().as_str(), good);
        }
    }
}
