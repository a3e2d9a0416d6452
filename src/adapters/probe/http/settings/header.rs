//! The name of a header.

use std::borrow::Cow;

use http::header::HeaderName;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

/// A header's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderKey(HeaderName);

impl HeaderKey {
    /// Returns the name.
    pub fn get(&self) -> &HeaderName {
        &self.0
    }
}

impl PartialOrd for HeaderKey {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for HeaderKey {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.as_str().cmp(other.0.as_str())
    }
}

impl<'de> Deserialize<'de> for HeaderKey {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let shown = crate::domain::text::clean(&text, 80);
        let wrong = |_| serde::de::Error::custom(format!("`{shown}` is no name of a header"));
        HeaderName::try_from(text.as_str()).map(Self).map_err(wrong)
    }
}

impl JsonSchema for HeaderKey {
    fn schema_name() -> Cow<'static, str> {
        "HeaderName".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "examples": ["Content-Type"] })
    }
}
