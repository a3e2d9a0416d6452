//! Conditions over a body that is JSON.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::Value;

use super::super::super::condition::{self, Condition};

/// Conditions over the body, which is `body` in them, and JSON.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "BodyConditions")]
pub struct BodyJson {
    /// What must hold: `body.status == 'ok'`.
    #[serde(default)]
    pub success: Option<Over>,
    /// What must not hold; it counts before `success`.
    #[serde(default)]
    pub failure: Option<Over>,
}

/// A condition, and one that says whether it is a condition at all.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub struct Over {
    holds: Condition,
    is_boolean: Condition,
}

/// What a condition says of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It holds or not.
    Holds(bool),
    /// It cannot be computed of this body: a key is missing, or a value has another type.
    Fails(String),
    /// It is neither true nor false, whatever the body.
    Nothing,
}

impl TryFrom<String> for Over {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_boolean = Condition::try_from(format!("({text}) in [true, false]"));
        Ok(Self { holds: Condition::try_from(text)?, is_boolean: is_boolean? })
    }
}

impl Over {
    /// Returns what it says of a body.
    pub fn of(&self, body: &Value) -> Said {
        let values = [("body", condition::value(body))];
        match self.is_boolean.holds(&values).map(|is| is.then(|| self.holds.holds(&values))) {
            Ok(None) => Said::Nothing,
            Ok(Some(Ok(holds))) => Said::Holds(holds),
            Ok(Some(Err(why))) => Said::Fails(why),
            // The same failure, told of the condition as it was written.
            Err(why) => Said::Fails(self.holds.holds(&values).err().unwrap_or(why)),
        }
    }

    /// Returns the condition as it was written.
    pub fn as_str(&self) -> &str {
        self.holds.as_str()
    }
}

impl JsonSchema for Over {
    fn schema_name() -> Cow<'static, str> {
        "Condition".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Condition::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_tells_a_wrong_body_from_a_wrong_condition() {
        let of = |text: &str, body: &str| {
            Over::try_from(text.to_owned()).unwrap().of(&serde_json::from_str(body).unwrap())
        };
        assert_eq!(of("body.a == 1", r#"{"a": 1}"#), Said::Holds(true));
        assert_eq!(of("body == 'foo'", r#""foo""#), Said::Holds(true));
        assert_eq!(of("body", "false"), Said::Holds(false));
        assert_eq!(of("body.a", r#"{"a": "x"}"#), Said::Nothing);
        assert_eq!(of("body.a || body.b", r#"{"a": false, "b": true}"#), Said::Holds(true));
        assert!(matches!(of("body.a.b == 'x'", "{}"), Said::Fails(_)));
        assert!(Over::try_from("body.a ==".to_owned()).is_err());
    }
}
