//! One regular expression or several, where a key takes either.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::SeqAccessDeserializer;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::Pattern;

/// Regular expressions: one, or a list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Several(pub Vec<Pattern>);

impl std::ops::Deref for Several {
    type Target = [Pattern];

    fn deref(&self) -> &[Pattern] {
        &self.0
    }
}

impl<'a> IntoIterator for &'a Several {
    type Item = &'a Pattern;
    type IntoIter = std::slice::Iter<'a, Pattern>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'de> Deserialize<'de> for Several {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(SeveralVisitor)
    }
}

struct SeveralVisitor;

impl<'de> Visitor<'de> for SeveralVisitor {
    type Value = Several;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a regular expression, or a list of them")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Several, E> {
        let pattern = Pattern::try_from(text.to_owned()).map_err(E::custom)?;
        Ok(Several(vec![pattern]))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Several, E> {
        self.visit_str(&number.to_string())
    }

    /// A key without a value is an empty list.
    fn visit_unit<E: Error>(self) -> Result<Several, E> {
        Ok(Several::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Several, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(Several)
    }
}

impl JsonSchema for Several {
    fn schema_name() -> Cow<'static, str> {
        "Several".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = Pattern::json_schema(generator);
        json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<Vec<String>> {
        let several: Several = serde_json::from_str(json).ok()?;
        Some(several.iter().map(|one| one.as_str().to_owned()).collect())
    }

    #[test]
    fn one_is_a_list_of_one() {
        assert_eq!(read("\"a\"").unwrap(), ["a"]);
        assert_eq!(read("[\"a\", \"b\"]").unwrap(), ["a", "b"]);
        assert_eq!(read("7").unwrap(), ["7"]);
        assert_eq!(read("null").unwrap(), [""; 0]);
        for wrong in ["\"(\"", "[\"(\"]", "{}", "true"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
