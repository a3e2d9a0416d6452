//! What a header's values are held against.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::super::super::pattern::Pattern;

/// What one header's values are held against: a rule, or a list of rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules(pub Vec<Rule>);

/// A regular expression, and whether the header may be missing.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The regular expression.
    pub regexp: Pattern,
    /// Whether the header may be missing; as the key that holds the rule means it unless given.
    #[serde(default)]
    pub allow_missing: Option<bool>,
}

impl TryFrom<&str> for Rule {
    type Error = String;

    fn try_from(text: &str) -> Result<Self, String> {
        Ok(Self { regexp: Pattern::try_from(text.to_owned())?, allow_missing: None })
    }
}

impl<'de> Deserialize<'de> for Rules {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(RulesVisitor)
    }
}

struct RulesVisitor;

impl<'de> Visitor<'de> for RulesVisitor {
    type Value = Rules;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a regular expression, `{regexp: …, allow_missing: …}`, or a list of these")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Rules, E> {
        Ok(Rules(vec![Rule::try_from(text).map_err(E::custom)?]))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Rules, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Rules, A::Error> {
        Ok(Rules(vec![Rule::deserialize(MapAccessDeserializer::new(map))?]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Rules, A::Error> {
        let lists: Vec<Rules> = Vec::deserialize(SeqAccessDeserializer::new(list))?;
        Ok(Rules(lists.into_iter().flat_map(|rules| rules.0).collect()))
    }
}

impl JsonSchema for Rules {
    fn schema_name() -> Cow<'static, str> {
        "HeaderRules".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let text = json_schema!({ "type": "string", "format": "regex" });
        let rule = json_schema!({
            "type": "object",
            "properties": { "regexp": text, "allow_missing": { "type": "boolean" } },
            "required": ["regexp"],
            "additionalProperties": false,
        });
        let one = json_schema!({ "anyOf": [text, rule] });
        json_schema!({ "anyOf": [text, rule, { "type": "array", "items": one }] })
    }
}
