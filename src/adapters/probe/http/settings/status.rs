//! The statuses that are healthy.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

/// A status or a class of statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Just this one.
    Code(u16),
    /// All of a hundred: `2xx`.
    Class(u16),
}

impl Status {
    /// Returns whether a status is meant.
    pub fn holds(self, status: u16) -> bool {
        match self {
            Self::Code(code) => status == code,
            Self::Class(class) => status / 100 == class,
        }
    }

    fn read(text: &str) -> Option<Self> {
        let class = text.strip_suffix("xx").or_else(|| text.strip_suffix("XX"));
        match class {
            Some(class) => {
                class.parse().ok().filter(|class| matches!(class, 1..=5)).map(Self::Class)
            }
            None => text.parse().ok().filter(|code| matches!(code, 100..=599)).map(Self::Code),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(out, "{code}"),
            Self::Class(class) => write!(out, "{class}xx"),
        }
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(StatusVisitor)
    }
}

struct StatusVisitor;

impl Visitor<'_> for StatusVisitor {
    type Value = Status;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a status such as `200`, or a class such as `2xx`")
    }

    fn visit_u64<E: Error>(self, code: u64) -> Result<Status, E> {
        self.visit_str(&code.to_string())
    }

    fn visit_i64<E: Error>(self, code: i64) -> Result<Status, E> {
        self.visit_str(&code.to_string())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Status, E> {
        let shown = crate::domain::text::clean(text, 40);
        let right = "write a status such as `200`, or a class such as `2xx`";
        Status::read(text).ok_or_else(|| E::custom(format!("`{shown}` is no status; {right}")))
    }
}

impl JsonSchema for Status {
    fn schema_name() -> Cow<'static, str> {
        "Status".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                { "type": "integer", "minimum": 100, "maximum": 599 },
                { "type": "string", "pattern": "^([1-5]xx|[1-5][0-9][0-9])$" },
            ],
        })
    }
}
