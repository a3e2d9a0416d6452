//! Bytes as a configuration writes them.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::domain::text;

/// Bytes, written as a text whose every character is one: `"\x00\xff"`, `"PING\r\n"`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Bytes(Vec<u8>);

impl Bytes {
    /// Returns the bytes.
    pub fn get(&self) -> &[u8] {
        &self.0
    }
}

impl TryFrom<String> for Bytes {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let byte = |c: char| {
            u8::try_from(u32::from(c)).map_err(|_| {
                let shown = text::clean(&c.to_string(), 1);
                format!("`{shown}` is no byte; write each of its bytes, like `\"\\xe2\"`")
            })
        };
        text.chars().map(byte).collect::<Result<_, _>>().map(Self)
    }
}

impl JsonSchema for Bytes {
    fn schema_name() -> Cow<'static, str> {
        "Bytes".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "examples": ["PING\r\n"] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_one_byte() {
        let bytes = |text: &str| Bytes::try_from(text.to_owned());
        assert_eq!(bytes("a\u{0}\u{d2}").unwrap().get(), [b'a', 0, 0xd2]);
        assert!(bytes("€").unwrap_err().starts_with("`€` is no byte"));
    }
}
