//! The way to one value in a JSON document.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;

/// The way to one value: `.version`, `.data.items[0].id`, `.["odd key"]`, `.` for the whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct JsonPath {
    text: String,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Key(String),
    Index(usize),
}

impl JsonPath {
    /// Returns the value at the path, where there is one.
    pub fn of<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        self.steps.iter().try_fold(document, |value, step| match step {
            Step::Key(key) => value.get(key),
            Step::Index(index) => value.get(index),
        })
    }
}

impl TryFrom<String> for JsonPath {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut steps = Vec::new();
        let mut rest = match text.strip_prefix('.') {
            Some("") => "",
            Some(_) => text.as_str(),
            None => return Err(wrong(&text)),
        };
        while !rest.is_empty() {
            let (step, tail) = step(rest).ok_or_else(|| wrong(&text))?;
            steps.push(step);
            rest = tail;
        }
        Ok(Self { text, steps })
    }
}

fn wrong(text: &str) -> String {
    let text = crate::domain::text::clean(text, 80);
    format!("`{text}` is no path into JSON; write it like `.version` or `.data.items[0].id`")
}

fn step(text: &str) -> Option<(Step, &str)> {
    let text = match text.strip_prefix('.') {
        Some(name) if !name.starts_with('[') => return key(name),
        Some(bracket) => bracket,
        None => text,
    };
    let (inner, tail) = bracket(text.strip_prefix('[')?)?;
    let step = match serde_json::from_str(inner).ok()? {
        Value::String(key) => Step::Key(key),
        Value::Number(index) => Step::Index(index.as_u64()?.try_into().ok()?),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    Some((step, tail))
}

fn key(text: &str) -> Option<(Step, &str)> {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (key, tail) = text.split_at(end);
    (!key.is_empty()).then(|| (Step::Key(key.to_owned()), tail))
}

fn bracket(text: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ']' if !quoted => return Some((&text[..at], &text[at + 1..])),
            _ => {}
        }
    }
    None
}

impl fmt::Display for JsonPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl JsonSchema for JsonPath {
    fn schema_name() -> Cow<'static, str> {
        "JsonPath".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": r"^\.",
            "examples": [".version", ".data.items[0].id"],
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn path(text: &str) -> Result<JsonPath, String> {
        JsonPath::try_from(text.to_owned())
    }

    #[test]
    fn a_path_leads_to_its_value_or_to_none() {
        let document = json!({
            "version": "1.2",
            "data": { "items": [{ "id": 7 }] },
            "odd key]": { "a\"b": true },
        });
        let cases = [
            (".version", Some(json!("1.2"))),
            (".data.items[0].id", Some(json!(7))),
            (".data.items.[0].id", Some(json!(7))),
            (r#".["odd key]"]["a\"b"]"#, Some(json!(true))),
            (".", Some(document.clone())),
            (".data.items[1].id", None),
            (".version.major", None),
            (".data[0]", None),
        ];
        for (text, expected) in cases {
            assert_eq!(path(text).unwrap().of(&document), expected.as_ref(), "{text}");
        }
        assert_eq!(path(".[0]").unwrap().of(&json!([5])), Some(&json!(5)));
    }

    #[test]
    fn what_is_no_path_is_refused_and_shown_right() {
        for text in
            ["", "version", "..a", ".a.", ".a[", ".a[-1]", ".a[b]", ".a[1.5]", ".a[0]b", ".a[true]"]
        {
            let error = path(text).unwrap_err();
            assert!(error.contains("write it like `.version`"), "{text}: {error}");
        }
    }
}
