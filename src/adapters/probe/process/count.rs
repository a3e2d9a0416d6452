//! How many there must be.

use schemars::JsonSchema;
use serde::Deserialize;

/// How many there must be; at least one bound is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// At least so many.
    #[serde(default)]
    pub min: Option<u64>,
    /// At most so many.
    #[serde(default)]
    pub max: Option<u64>,
}

impl Count {
    /// Returns whether so many are right.
    pub fn holds(self, count: u64) -> bool {
        self.min.is_none_or(|min| count >= min) && self.max.is_none_or(|max| count <= max)
    }

    /// Returns what is wrong with the bounds under this key.
    pub fn mistake(self, key: &str) -> Option<String> {
        match (self.min, self.max) {
            (None, None) => Some(format!("`{key}` has neither `min` nor `max`")),
            (Some(min), Some(max)) if min > max => Some(format!(
                "`{key}` wants at least {min} and at most {max}, so it could never pass"
            )),
            _ => None,
        }
    }
}

impl std::fmt::Display for Count {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.min, self.max) {
            (Some(min), Some(max)) if min == max => write!(out, "{min}"),
            (Some(min), Some(max)) => write!(out, "{min} to {max}"),
            (Some(min), None) => write!(out, "at least {min}"),
            (None, Some(max)) => write!(out, "at most {max}"),
            (None, None) => out.write_str("any"),
        }
    }
}
