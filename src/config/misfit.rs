//! Why a value does not fit, before a person is told.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

use crate::domain::text::clean;

/// Why a value does not fit, and the way to it from the root of the tree.
#[derive(Debug)]
pub(super) struct Misfit {
    /// Why.
    pub why: Why,
    /// Whether the key or the value does not fit.
    pub on: On,
    path: Vec<usize>,
}

/// Whether the key or the value does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum On {
    /// The key.
    Key,
    /// The value.
    Value,
}

/// Why a value does not fit.
#[derive(Debug)]
pub(super) enum Why {
    /// No such key or word is known; these are.
    Unknown(String, &'static [&'static str]),
    /// A key is missing.
    Missing(&'static str),
    /// Any other reason, as a fragment.
    Other {
        /// With what is written.
        told: String,
        /// Without a word of it.
        blind: String,
    },
}

impl Misfit {
    /// Returns the same, seen from what holds it at a position.
    #[must_use]
    pub fn inside(mut self, position: usize) -> Self {
        self.path.push(position);
        self
    }

    /// Returns the same about the key or the value.
    #[must_use]
    pub fn on(self, on: On) -> Self {
        Self { on, ..self }
    }

    /// Returns the way from the root of the tree.
    pub fn path(&self) -> Vec<usize> {
        self.path.iter().rev().copied().collect()
    }

    fn new(why: Why) -> Self {
        Self { why, on: On::Value, path: Vec::new() }
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.why {
            Why::Unknown(name, _) => write!(out, "`{name}` is not known here"),
            Why::Missing(key) => write!(out, "`{key}` is missing"),
            Why::Other { told, .. } => out.write_str(told),
        }
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let blind = "what is written here does not fit".to_owned();
        Self::new(Why::Other { told: message.to_string(), blind })
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let other = |found| format!("{found} is written here, not {}", wanted(expected));
        Self::new(Why::Other { told: other(what(found)), blind: other(sort(found).to_owned()) })
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let other = |found| format!("{found} is not {}", wanted(expected));
        Self::new(Why::Other { told: other(what(found)), blind: other("this".to_owned()) })
    }

    fn invalid_length(count: usize, expected: &dyn Expected) -> Self {
        let told = format!("{count} items stand here, not {expected}");
        Self::new(Why::Other { blind: told.clone(), told })
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new(Why::Unknown(clean(variant, 60), expected))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::new(Why::Unknown(clean(field, 60), expected))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(Why::Missing(field))
    }
}

/// Returns what was found, without a word of it.
fn sort(found: Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "`true` or `false`",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "a number",
        Unexpected::Seq => "a list",
        Unexpected::Map => "a map of keys",
        Unexpected::Unit | Unexpected::Option => "nothing",
        _ => "a text",
    }
}

fn what(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(value) => format!("`{value}`"),
        Unexpected::Unsigned(number) => format!("the number `{number}`"),
        Unexpected::Signed(number) => format!("the number `{number}`"),
        Unexpected::Float(number) => format!("the number `{number}`"),
        Unexpected::Str(text) => format!("the text `{}`", clean(text, 60)),
        Unexpected::Unit | Unexpected::Option => "nothing".to_owned(),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map => "a map of keys".to_owned(),
        other => other.to_string(),
    }
}

/// Returns what serde expected, in words that a reader of YAML knows.
fn wanted(expected: &dyn Expected) -> String {
    let expected = expected.to_string();
    match expected.as_str() {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number of 0 or more".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a string" | "string" => "a text".to_owned(),
        "a boolean" => "`true` or `false`".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "a map of keys".to_owned(),
        other if other.starts_with("struct ") => "a map of keys".to_owned(),
        other if other.contains("enum ") => "one of the words that are known here".to_owned(),
        other => other.to_owned(),
    }
}
