//! The words that stand for a choice.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::domain::text::clean;
use crate::domain::{check, policy, showcase, vouch};

/// The version of the format; there is one.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "u64")]
pub struct FileVersion;

impl TryFrom<u64> for FileVersion {
    type Error = String;

    fn try_from(version: u64) -> Result<Self, String> {
        match version {
            1 => Ok(Self),
            other => Err(format!("version `{other}` is not known; write `version: 1`")),
        }
    }
}

impl JsonSchema for FileVersion {
    fn schema_name() -> Cow<'static, str> {
        "FileVersion".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "const": 1 })
    }
}

/// How many fails are tolerated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Tolerance {
    /// So many.
    Most(u32),
    /// Any number.
    Any,
}

impl Tolerance {
    /// Returns the most that are tolerated, where there is a most.
    pub fn most(self) -> Option<u32> {
        match self {
            Self::Most(most) => Some(most),
            Self::Any => None,
        }
    }
}

impl TryFrom<String> for Tolerance {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "any" => Ok(Self::Any),
            number => number.parse().map(Self::Most).map_err(|_| {
                let shown = clean(number, 40);
                format!("`{shown}` is neither a whole number of 0 or more nor `any`")
            }),
        }
    }
}

impl JsonSchema for Tolerance {
    fn schema_name() -> Cow<'static, str> {
        "Tolerance".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [
            { "type": "integer", "minimum": 0 },
            { "oneOf": [{ "const": "any" }] }
        ] })
    }
}

/// When a check asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Phase {
    /// Waits until it is healthy, within `deadline`.
    #[default]
    Settle,
    /// Must stay healthy for `count` measurements.
    Watch,
}

impl From<Phase> for check::Phase {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::Settle => Self::Settle,
            Phase::Watch => Self::Watch,
        }
    }
}

/// What a verdict leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Reaction {
    /// Go back to the last stable deployment.
    Rollback,
    /// Mark nothing, undo nothing.
    Hold,
    /// Go on as if healthy, and mark nothing.
    Pass,
}

impl From<Reaction> for policy::Reaction {
    fn from(reaction: Reaction) -> Self {
        match reaction {
            Reaction::Rollback => Self::Rollback,
            Reaction::Hold => Self::Hold,
            Reaction::Pass => Self::Pass,
        }
    }
}

impl From<policy::Reaction> for Reaction {
    fn from(reaction: policy::Reaction) -> Self {
        match reaction {
            policy::Reaction::Rollback => Self::Rollback,
            policy::Reaction::Hold => Self::Hold,
            policy::Reaction::Pass => Self::Pass,
        }
    }
}

/// How services go back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Strategy {
    /// All that are to move.
    Immediate,
    /// In the order of what they depend on, one at a time.
    ServiceByService,
}

impl From<Strategy> for policy::Strategy {
    fn from(strategy: Strategy) -> Self {
        match strategy {
            Strategy::Immediate => Self::Immediate,
            Strategy::ServiceByService => Self::ServiceByService,
        }
    }
}

impl From<policy::Strategy> for Strategy {
    fn from(strategy: policy::Strategy) -> Self {
        match strategy {
            policy::Strategy::Immediate => Self::Immediate,
            policy::Strategy::ServiceByService => Self::ServiceByService,
        }
    }
}

/// Whom an environment is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Purpose {
    /// Everybody: people use it.
    Production,
    /// The team.
    Internal,
    /// The team, and only for a while.
    Transient,
}

impl From<Purpose> for showcase::Purpose {
    fn from(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Production => Self::Production,
            Purpose::Internal => Self::Internal,
            Purpose::Transient => Self::Transient,
        }
    }
}

/// Whether a target's `deploy` tag must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum TagDemand {
    /// It may be missing.
    #[default]
    Optional,
    /// It must be there.
    Required,
}

impl From<TagDemand> for vouch::TagDemand {
    fn from(demand: TagDemand) -> Self {
        match demand {
            TagDemand::Optional => Self::Optional,
            TagDemand::Required => Self::Required,
        }
    }
}
