//! Conditions over what was seen, in CEL.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cel::parser::Expression;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

pub use cel::Value;

mod compile;
mod functions;
mod judge;
mod name;
mod run;
mod values;

pub use judge::{Conditions, Judged};
pub use name::VariableName;
pub use run::Told;
pub use values::{brief, number, shown, value};

/// The longest condition; a longer one is a program, and belongs into a command.
const LONGEST: usize = 4096;

/// How long one evaluation may take when nobody says.
const USUAL_TIME: Duration = Duration::from_secs(2);

/// A condition, compiled.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Condition {
    text: String,
    expression: Arc<Expression>,
    names: BTreeSet<String>,
}

impl TryFrom<String> for Condition {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.len() > LONGEST {
            let length = text.len();
            return Err(format!("a condition has at most {LONGEST} bytes, and this {length}"));
        }
        let compile::Compiled { expression, names } = compile::compile(&text)?;
        Ok(Self { text, expression: Arc::new(expression), names })
    }
}

impl Condition {
    /// Returns what is told of these values, within a time.
    pub async fn told(&self, values: Vec<(String, Value)>, time: Duration) -> Told {
        run::told(self.expression.clone(), values, time).await
    }

    /// Returns whether it holds of these values; an `Err` says why it could not be told.
    pub fn holds(&self, values: &[(&str, Value)]) -> Result<bool, String> {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        match run::told_here(self.expression.clone(), values.collect(), USUAL_TIME) {
            Told::Holds => Ok(true),
            Told::HoldsNot => Ok(false),
            Told::Untold(why) | Told::Broken(why) => {
                Err(format!("`{}` could not be computed: {why}", self.text))
            }
        }
    }

    /// Returns every mistake of naming what is not there; `known` are the names that are.
    pub fn mistakes(&self, known: &[&str]) -> Vec<String> {
        let unknown = self.names.iter().filter(|name| !known.contains(&name.as_str()));
        unknown.map(|name| self.unknown(name, known)).collect()
    }

    fn unknown(&self, name: &str, known: &[&str]) -> String {
        let listed: Vec<_> = known.iter().map(|known| format!("`{known}`")).collect();
        let meant = match name {
            "nil" => "; CEL writes `null`".to_owned(),
            _ => match compile::nearest(name, known) {
                Some(near) => format!("; did you mean `{near}`?"),
                None => format!("; it knows {}", listed.join(", ")),
            },
        };
        format!("the condition `{}` names `{name}`, which is nothing{meant}", self.text)
    }

    /// Returns the condition as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
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
mod tests;
