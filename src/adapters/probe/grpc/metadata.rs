//! The names of metadata.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use tonic::metadata::{Ascii, MetadataValue};

use crate::adapters::secret::Secret;
use crate::domain::text;

/// What gRPC keeps for itself.
const RESERVED: &str = "grpc-";

/// What marks values that are no text.
const BINARY: &str = "-bin";

/// A name of metadata whose value is text, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct MetadataKey(String);

impl MetadataKey {
    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns why a value cannot be sent under this name, without the value.
    pub(super) fn unsendable(&self, value: &Secret) -> Option<String> {
        let is_wrong = MetadataValue::<Ascii>::try_from(value.reveal()).is_err();
        is_wrong.then(|| format!("the value of the metadata `{}` cannot be sent", self.0))
    }
}

impl TryFrom<String> for MetadataKey {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let name = text.to_ascii_lowercase();
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
        let whole = !name.is_empty() && name.chars().all(fits);
        if whole && !name.starts_with(RESERVED) && !name.ends_with(BINARY) {
            return Ok(Self(name));
        }
        let text = text::clean(&text, 80);
        Err(format!(
            "`{text}` is no name of metadata; it has letters, digits and `-_.`, does not begin with \
             `{RESERVED}` and does not end with `{BINARY}`"
        ))
    }
}

impl JsonSchema for MetadataKey {
    fn schema_name() -> Cow<'static, str> {
        "MetadataKey".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[A-Za-z0-9._-]+$" })
    }
}
