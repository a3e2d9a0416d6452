//! Names by which conditions know values.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

/// What CEL keeps for itself.
const RESERVED: [&str; 23] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
    "while",
    "type",
    "optional",
];

/// A name of letters, digits and `_` by which a condition knows a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct VariableName(String);

impl VariableName {
    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for VariableName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let begins_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let shown = crate::domain::text::clean(&text, 80);
        if RESERVED.contains(&text.as_str()) || super::compile::TYPES.contains(&text.as_str()) {
            return Err(format!("`{shown}` means something else in a condition"));
        }
        if !begins_well || !text.chars().all(is_word) {
            return Err(format!(
                "`{shown}` is no name in a condition; write letters, digits and `_`"
            ));
        }
        Ok(Self(text))
    }
}

impl fmt::Display for VariableName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl JsonSchema for VariableName {
    fn schema_name() -> Cow<'static, str> {
        "VariableName".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
            "examples": ["errors"],
        })
    }
}
