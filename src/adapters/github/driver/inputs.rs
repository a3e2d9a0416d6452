//! What a dispatched workflow is told, input by input.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::settings::WORD;
use crate::domain::facts::{self, Facts};
use crate::domain::text;

/// The input that the run's unique id goes into where no other one holds it.
pub(super) const ID_INPUT: &str = "lastgood_id";

/// What stands for the run's unique id in an input.
const ID: &str = "id";

/// The facts that are told when nobody says which; each goes into `lastgood_` and its name.
const USUAL: [&str; 5] = ["version", "commit", "service", "environment", "deployment"];

/// Only a run of our own machine has one.
const LOCAL: &str = "LASTGOOD_CHECKOUT";

/// The inputs of a workflow, by name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Inputs(BTreeMap<InputName, Template>);

/// The name of one input.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline)]
pub struct InputName(String);

/// A text in which facts are filled in where `{name}` stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline)]
pub struct Template(String);

enum Part<'a> {
    Text(&'a str),
    Fact(&'a str),
}

impl Default for Inputs {
    fn default() -> Self {
        let usual = USUAL
            .iter()
            .map(|fact| (InputName(format!("lastgood_{fact}")), Template(format!("{{{fact}}}"))));
        Self(usual.collect())
    }
}

impl Inputs {
    /// Returns what is sent; an input that asks for what is not known is left out.
    pub(super) fn filled(&self, facts: &Facts, id: &str) -> BTreeMap<String, String> {
        let known: BTreeMap<String, String> = facts
            .variables()
            .filter_map(|(name, value)| Some((word(name), value?.to_owned())))
            .chain([(ID.to_owned(), id.to_owned())])
            .collect();
        let inputs = self.0.iter();
        let mut filled: BTreeMap<String, String> = inputs
            .filter_map(|(name, template)| Some((name.0.clone(), template.filled(&known)?)))
            .collect();
        if !self.0.values().any(|template| template.facts().any(|fact| fact == ID)) {
            filled.insert(ID_INPUT.to_owned(), id.to_owned());
        }
        filled
    }
}

impl Template {
    fn filled(&self, known: &BTreeMap<String, String>) -> Option<String> {
        let part = |part: Part<'_>| match part {
            Part::Text(text) => Some(text.to_owned()),
            Part::Fact(name) => known.get(name).cloned(),
        };
        parts(&self.0).into_iter().map(part).collect()
    }

    fn facts(&self) -> impl Iterator<Item = &str> {
        parts(&self.0).into_iter().filter_map(|part| match part {
            Part::Fact(name) => Some(name),
            Part::Text(_) => None,
        })
    }
}

impl TryFrom<String> for InputName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if text.is_empty() || !text.chars().all(plain) {
            let shown = text::clean(&text, WORD);
            return Err(format!("`{shown}` is no name of a workflow's input"));
        }
        Ok(Self(text))
    }
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let known: Vec<String> = names().collect();
        let template = Self(text);
        let unknown = template.facts().find(|fact| !known.iter().any(|known| known == fact));
        match unknown.map(|fact| text::clean(fact, WORD)) {
            Some(fact) => {
                let list: Vec<String> = known.iter().map(|name| format!("`{{{name}}}`")).collect();
                Err(format!("there is no `{{{fact}}}`; there is {}", list.join(", ")))
            }
            None => Ok(template),
        }
    }
}

/// Returns the names that may stand in braces.
fn names() -> impl Iterator<Item = String> {
    let facts = facts::NAMES.into_iter().filter(|name| *name != LOCAL);
    facts.map(word).chain([ID.to_owned()])
}

/// Returns the word for what a command reads in a variable.
fn word(variable: &str) -> String {
    variable.trim_start_matches("LASTGOOD_").to_ascii_lowercase()
}

/// Parts a text at each `{word}`; braces around anything else are text.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let after = &rest[open + 1..];
        let length = after.find(|c: char| !c.is_ascii_lowercase() && c != '_');
        let named = length.filter(|length| *length > 0 && after[*length..].starts_with('}'));
        if let Some(length) = named {
            parts.extend([Part::Text(&rest[..open]), Part::Fact(&after[..length])]);
            rest = &after[length + 1..];
        } else {
            parts.push(Part::Text(&rest[..=open]));
            rest = after;
        }
    }
    parts.push(Part::Text(rest));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::version::Version;

    fn filled(inputs: &str) -> String {
        let inputs: Inputs = serde_json::from_str(inputs).unwrap();
        let facts = Facts::default().version(&Version::named("1.4 $(id)")).deployment(7);
        serde_json::to_string(&inputs.filled(&facts, "0f")).unwrap()
    }

    #[test]
    fn facts_are_filled_in_and_the_id_is_always_told() {
        assert_eq!(
            filled(r#"{"tag":"v{version}","wait":"yes","run":"{deployment}-{id}"}"#),
            r#"{"run":"7-0f","tag":"v1.4 $(id)","wait":"yes"}"#
        );
        assert_eq!(filled("{}"), r#"{"lastgood_id":"0f"}"#);
    }

    #[test]
    fn what_is_not_known_is_not_sent() {
        assert_eq!(filled(r#"{"sha":"{commit}","id":"{id}"}"#), r#"{"id":"0f"}"#);
    }

    #[test]
    fn braces_around_anything_else_are_text() {
        for text in ["{", "}", "{}", "{\"a\":{\"b\":1}}", "{A}", "{{", "{version"] {
            let template = Template::try_from(text.to_owned()).unwrap();
            assert_eq!(template.filled(&BTreeMap::new()).as_deref(), Some(text));
        }
    }

    #[test]
    fn a_fact_that_there_is_not_is_refused_with_those_there_are() {
        let why = Template::try_from("{verison}".to_owned()).unwrap_err();
        assert!(why.starts_with("there is no `{verison}`; there is `{action}`, "), "{why}");
        assert!(Template::try_from("{checkout}".to_owned()).is_err());
        for bad in ["", "a b", "a.b", "ä"] {
            assert!(InputName::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn unless_given_the_inputs_are_named_like_the_variables_of_a_command() {
        let names: Vec<String> = Inputs::default().0.into_keys().map(|name| name.0).collect();
        assert_eq!(
            names.join(" "),
            "lastgood_commit lastgood_deployment lastgood_environment lastgood_service lastgood_version"
        );
    }
}
