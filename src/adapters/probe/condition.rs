//! Conditions over what was seen, in CEL.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use cel::{Context, Program, Value};

/// The longest condition; a longer one is a program, and belongs into a command.
const LONGEST: usize = 4096;

/// The parser descends into nested expressions: its stack bounds how deep.
const STACK: usize = 16 << 20;

/// A condition, compiled.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Condition {
    text: String,
    program: std::sync::Arc<Program>,
}

impl TryFrom<String> for Condition {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.len() > LONGEST {
            let length = text.len();
            return Err(format!("a condition has at most {LONGEST} bytes, and this {length}"));
        }
        let program = std::sync::Arc::new(compile(&text)?);
        Ok(Self { text, program })
    }
}

fn compile(text: &str) -> Result<Program, String> {
    let source = text.to_owned();
    let parsing = std::thread::Builder::new().stack_size(STACK).spawn(move || {
        Program::compile(&source).map_err(|why| format!("this is no condition in CEL: {why}"))
    });
    let parsing = parsing.map_err(|why| format!("could not read the condition: {why}"))?;
    parsing.join().unwrap_or_else(|_| Err("this is no condition in CEL".to_owned()))
}

impl Condition {
    /// Returns whether it holds of these values; an `Err` says why it could not be told.
    pub fn holds(&self, values: &[(&str, Value)]) -> Result<bool, String> {
        let mut context = Context::default();
        for (name, value) in values {
            context.add_variable_from_value(*name, value.clone());
        }
        match self.program.execute(&context) {
            Ok(Value::Bool(holds)) => Ok(holds),
            Ok(_) => Err(format!("`{}` is neither true nor false", self.text)),
            Err(why) => Err(format!("`{}` could not be computed: {why}", self.text)),
        }
    }

    /// Returns the condition as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Returns a value of JSON as a condition sees it: every number is a double.
pub fn value(json: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        Json::String(text) => Value::String(text.clone().into()),
        Json::Array(items) => Value::List(std::sync::Arc::new(items.iter().map(value).collect())),
        Json::Object(entries) => {
            let entries = entries.iter().map(|(key, json)| (key.clone(), value(json)));
            Value::from(entries.collect::<std::collections::HashMap<String, Value>>())
        }
    }
}

impl std::fmt::Debug for Condition {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("Condition").field(&self.text).finish()
    }
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl JsonSchema for Condition {
    fn schema_name() -> Cow<'static, str> {
        "Condition".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "maxLength": LONGEST, "examples": ["result < 0.01"] })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn holds(text: &str, result: &serde_json::Value) -> Result<bool, String> {
        Condition::try_from(text.to_owned())?.holds(&[("result", value(result))])
    }

    #[test]
    fn a_condition_holds_or_not() {
        assert_eq!(holds("result < 0.01", &json!(0.005)), Ok(true));
        assert_eq!(holds("result < 1", &json!(2)), Ok(false));
        assert_eq!(
            holds("result.a > 0 && result.c.all(x, x < 5)", &json!({"a": 1, "c": [1, 4]})),
            Ok(true)
        );
    }

    #[test]
    fn what_is_neither_true_nor_false_cannot_be_told() {
        assert!(holds("result", &json!(1)).is_err());
        assert!(holds("nobody > 1", &json!(1)).is_err());
        assert!(holds("result <", &json!(1)).is_err());
    }

    #[test]
    fn a_condition_that_is_too_long_or_too_deep_is_refused() {
        assert!(Condition::try_from("1 + ".repeat(1100) + "1 > 0").is_err());
        let deep = "(".repeat(2000) + "true" + &")".repeat(2000);
        // Whatever comes of it, it is an answer.
        let _ = Condition::try_from(deep).map(|condition| condition.holds(&[]));
    }
}
