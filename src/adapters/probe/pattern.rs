//! A regular expression, read once where it enters.

use std::borrow::Cow;

use regex::bytes::Regex;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

mod several;

pub use several::Several;

/// A regular expression; it matches anywhere unless it is anchored.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern(Regex);

impl Pattern {
    /// Returns whether it matches anywhere in bytes that need not be text.
    pub fn matches(&self, bytes: &[u8]) -> bool {
        self.0.is_match(bytes)
    }

    /// Returns what its first group holds where it matches; the whole match where it has no group.
    pub fn find(&self, bytes: &[u8]) -> Option<String> {
        let groups = self.0.captures(bytes)?;
        let found = groups.get(1).or_else(|| groups.get(0))?;
        Some(String::from_utf8_lossy(found.as_bytes()).into_owned())
    }

    /// Returns where the first match ends.
    pub fn end_of_match(&self, bytes: &[u8]) -> Option<usize> {
        self.0.find(bytes).map(|found| found.end())
    }

    /// Returns the expression as it was written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Regex::new(&text).map(Self).map_err(|error| {
            let cause = error.to_string();
            let cause = cause.lines().last().unwrap_or_default();
            let cause = cause.strip_prefix("error: ").unwrap_or(cause);
            format!("`{text}` is no regular expression: {cause}")
        })
    }
}

impl JsonSchema for Pattern {
    fn schema_name() -> Cow<'static, str> {
        "Pattern".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "regex" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn a_pattern_matches_anywhere_and_also_in_bytes_that_are_no_text() {
        assert!(pattern("ok").matches(b"\xff it is ok \xfe"));
        assert!(!pattern("^ok$").matches(b"not ok"));
    }

    #[test]
    fn a_pattern_finds_its_first_group_else_the_whole() {
        assert_eq!(pattern(r"version (\S+)").find(b"version 1.2 here").unwrap(), "1.2");
        assert_eq!(pattern(r"\d+\.\d+").find(b"version 1.2 here").unwrap(), "1.2");
        assert_eq!(pattern("x").find(b"y"), None);
    }

    #[test]
    fn a_text_that_is_no_pattern_is_refused_with_its_cause() {
        let error = Pattern::try_from("a(".to_owned()).unwrap_err();
        assert_eq!(error, "`a(` is no regular expression: unclosed group");
    }
}
