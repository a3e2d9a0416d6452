//! Several regular expressions, and how many of them must match.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::super::super::pattern::{Pattern, Several};

/// Regular expressions: one or a list, also under `any` or `all`.
#[derive(Debug, Clone, PartialEq)]
pub enum Patterns {
    /// As the key that holds them means it.
    Usual(Vec<Pattern>),
    /// One is enough.
    Any(Vec<Pattern>),
    /// It takes all.
    All(Vec<Pattern>),
}

impl Default for Patterns {
    fn default() -> Self {
        Self::Usual(Vec::new())
    }
}

impl Patterns {
    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        let (Self::Usual(list) | Self::Any(list) | Self::All(list)) = self;
        list.is_empty()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stated {
    Any(Several),
    All(Several),
}

impl<'de> Deserialize<'de> for Patterns {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(PatternsVisitor)
    }
}

struct PatternsVisitor;

impl<'de> Visitor<'de> for PatternsVisitor {
    type Value = Patterns;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("regular expressions: one or a list, also under `any` or `all`")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Patterns, E> {
        Several::deserialize(text.into_deserializer()).map(|list| Patterns::Usual(list.0))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Patterns, E> {
        self.visit_str(&number.to_string())
    }

    /// A key without a value is an empty list.
    fn visit_unit<E: Error>(self) -> Result<Patterns, E> {
        Ok(Patterns::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Patterns, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(Patterns::Usual)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Patterns, A::Error> {
        Ok(match Stated::deserialize(MapAccessDeserializer::new(map))? {
            Stated::Any(list) => Patterns::Any(list.0),
            Stated::All(list) => Patterns::All(list.0),
        })
    }
}

impl JsonSchema for Patterns {
    fn schema_name() -> Cow<'static, str> {
        "Patterns".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let one = json_schema!({ "type": "string", "format": "regex" });
        let list = json_schema!({ "type": "array", "items": one });
        let stated = json_schema!({
            "type": "object",
            "propertyNames": { "enum": ["any", "all"] },
            "additionalProperties": { "anyOf": [one, list] },
            "minProperties": 1,
            "maxProperties": 1,
        });
        json_schema!({ "anyOf": [one, list, stated] })
    }
}
