//! Texts in which what is known of a version is filled in.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::WORD;
use crate::domain::text;
use crate::domain::version::Version;

/// A text in which `{version}`, `{commit}`, `{image}`, `{digest}` or `{replicas}` is filled in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("examples" = ["{version}"]))]
pub struct Filled(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Plain(String),
    Fact(Fact),
}

/// What can be known of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fact {
    Version,
    Commit,
    Image,
    Digest,
    Replicas,
}

const FACTS: [Fact; 5] = [Fact::Version, Fact::Commit, Fact::Image, Fact::Digest, Fact::Replicas];

impl Fact {
    /// Returns it as it is written.
    pub(super) fn word(self) -> String {
        let name = match self {
            Self::Version => "version",
            Self::Commit => "commit",
            Self::Image => "image",
            Self::Digest => "digest",
            Self::Replicas => "replicas",
        };
        format!("{{{name}}}")
    }

    fn of(self, version: &Version) -> Option<String> {
        match self {
            Self::Version => Some(version.version.clone()),
            Self::Commit => version.commit.as_ref().map(ToString::to_string),
            Self::Image => version.image.clone(),
            Self::Digest => {
                let digest = version.image.as_deref()?.split_once('@')?.1;
                Some(digest.to_owned())
            }
            Self::Replicas => version.replicas.map(|count| count.to_string()),
        }
    }
}

impl Filled {
    /// Returns the text of a version; none where it asks for what is not known.
    pub(super) fn text(&self, version: &Version) -> Option<String> {
        let part = |part: &Part| match part {
            Part::Plain(text) => Some(text.clone()),
            Part::Fact(fact) => fact.of(version),
        };
        self.0.iter().map(part).collect()
    }

    /// Returns the same as a value: a count by itself is a number.
    pub(super) fn value(&self, version: &Version) -> Option<Value> {
        match self.0.as_slice() {
            [Part::Fact(Fact::Replicas)] => version.replicas.map(Value::from),
            _ => self.text(version).map(Value::from),
        }
    }

    /// Returns what is filled in.
    pub(super) fn facts(&self) -> impl Iterator<Item = Fact> {
        self.0.iter().filter_map(|part| match part {
            Part::Fact(fact) => Some(*fact),
            Part::Plain(_) => None,
        })
    }

    /// Returns the version whose text this is, where that can be told.
    pub(super) fn version_of(&self, text: &str) -> Option<String> {
        let (before, after) = self.around_version()?;
        let inner = text.strip_prefix(before)?.strip_suffix(after)?;
        Some(inner.to_owned()).filter(|inner| !inner.is_empty())
    }

    /// Returns whether its texts tell their versions: nothing else is filled in.
    pub(super) fn tells_version(&self) -> bool {
        self.around_version().is_some()
    }

    fn around_version(&self) -> Option<(&str, &str)> {
        match self.0.as_slice() {
            [Part::Fact(Fact::Version)] => Some(("", "")),
            [Part::Plain(before), Part::Fact(Fact::Version)] => Some((before, "")),
            [Part::Fact(Fact::Version), Part::Plain(after)] => Some(("", after)),
            [Part::Plain(before), Part::Fact(Fact::Version), Part::Plain(after)] => {
                Some((before, after))
            }
            _ => None,
        }
    }
}

impl TryFrom<String> for Filled {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = written.as_str();
        while let Some((before, named, after)) = next(rest) {
            if !before.is_empty() {
                parts.push(Part::Plain(before.to_owned()));
            }
            let fact = FACTS.into_iter().find(|fact| fact.word() == named);
            let fact = fact.ok_or_else(|| {
                let [known @ .., last] = FACTS.map(|fact| format!("`{}`", fact.word()));
                let named = text::clean(named, WORD);
                format!("there is no `{named}`; there is {} and {last}", known.join(", "))
            })?;
            parts.push(Part::Fact(fact));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Plain(rest.to_owned()));
        }
        Ok(Self(parts))
    }
}

/// Parts a text at the first `{word}`; braces around anything else are text.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    text.match_indices('{').find_map(|(open, _)| {
        let end = open + text[open..].find('}')? + 1;
        let word = &text[open + 1..end - 1];
        let is_word = !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        is_word.then(|| (&text[..open], &text[open..end], &text[end..]))
    })
}

impl fmt::Display for Filled {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Plain(text) => out.write_str(text),
            Part::Fact(fact) => out.write_str(&fact.word()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Filled {
        Filled::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn facts_are_filled_in_once_and_what_is_not_known_leaves_no_text() {
        let hostile = Version::named("{commit}");
        assert_eq!(filled("v{version}-x").text(&hostile).unwrap(), "v{commit}-x");
        assert_eq!(filled("{ a } {} {A}{").text(&hostile).unwrap(), "{ a } {} {A}{");
        for unknown in ["{commit}", "{image}", "{digest}", "{replicas}", "{version}{commit}"] {
            assert_eq!(filled(unknown).text(&hostile), None, "{unknown}");
            assert_eq!(filled(unknown).to_string(), unknown);
        }
    }

    #[test]
    fn a_version_is_told_by_its_text_where_nothing_else_is_in_it() {
        let table = [
            ("{version}", "2.0", Some("2.0")),
            ("v{version}", "v2.0", Some("2.0")),
            ("{version}-eu", "2.0-eu", Some("2.0")),
            ("v{version}-eu", "v2.0-eu", Some("2.0")),
            ("v{version}", "2.0", None),
            ("v{version}", "v", None),
            ("{version}-{commit}", "2.0-aa", None),
        ];
        for (text, told, version) in table {
            assert_eq!(filled(text).version_of(told).as_deref(), version, "{text} {told}");
            assert_eq!(filled(text).tells_version(), !text.contains("{commit}"), "{text}");
        }
    }
}
