//! Checks values by as much of JSON schema as ours uses.

use serde_json::{Map, Value};

/// Words that explain and forbid nothing.
const SILENT: [&str; 9] = [
    "$schema",
    "$defs",
    "title",
    "description",
    "default",
    "examples",
    "writeOnly",
    "format",
    "$ref",
];

/// Returns why a value does not fit the schema.
pub(super) fn complaints(value: &Value, schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    Validator { root: schema }.visit(value, schema, "", &mut found);
    found
}

struct Validator<'a> {
    root: &'a Value,
}

impl Validator<'_> {
    fn visit(&self, value: &Value, schema: &Value, at: &str, found: &mut Vec<String>) {
        let Value::Object(rules) = schema else { return };
        if let Some(name) = rules.get("$ref").and_then(Value::as_str) {
            let name = name.strip_prefix("#/$defs/").unwrap();
            self.visit(value, &self.root["$defs"][name], at, found);
        }
        for (word, rule) in rules {
            if !SILENT.contains(&word.as_str()) && !self.holds(word, rule, rules, value, at, found)
            {
                found.push(format!("{at}: {word} {rule}"));
            }
        }
    }

    fn fits(&self, value: &Value, schema: &Value) -> bool {
        let mut found = Vec::new();
        self.visit(value, schema, "", &mut found);
        found.is_empty()
    }

    fn holds(
        &self,
        word: &str,
        rule: &Value,
        rules: &Map<String, Value>,
        value: &Value,
        at: &str,
        found: &mut Vec<String>,
    ) -> bool {
        let list = || rule.as_array().into_iter().flatten();
        let most = |size: Option<usize>, ok: fn(u64, u64) -> bool| {
            size.is_none_or(|size| ok(size as u64, rule.as_u64().unwrap()))
        };
        match word {
            "type" => match rule {
                Value::Array(_) => list().any(|rule| is(value, rule.as_str().unwrap())),
                rule => is(value, rule.as_str().unwrap()),
            },
            "const" => value == rule,
            "enum" => list().any(|rule| rule == value),
            "minimum" => value.as_f64().is_none_or(|value| value >= rule.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|value| value <= rule.as_f64().unwrap()),
            "minLength" => most(value.as_str().map(str::len), |size, rule| size >= rule),
            "minItems" => most(value.as_array().map(Vec::len), |size, rule| size >= rule),
            "minProperties" => most(value.as_object().map(Map::len), |size, rule| size >= rule),
            "maxProperties" => most(value.as_object().map(Map::len), |size, rule| size <= rule),
            "pattern" => {
                let pattern = regex::Regex::new(rule.as_str().unwrap()).unwrap();
                value.as_str().is_none_or(|text| pattern.is_match(text))
            }
            "required" => {
                let Value::Object(map) = value else { return true };
                list().all(|key| map.contains_key(key.as_str().unwrap()))
            }
            "oneOf" => list().filter(|schema| self.fits(value, schema)).count() == 1,
            "anyOf" => list().any(|schema| self.fits(value, schema)),
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    self.visit(item, rule, &format!("{at}[{index}]"), found);
                }
                true
            }
            "properties" => {
                for (key, schema) in rule.as_object().into_iter().flatten() {
                    if let Some(value) = value.get(key) {
                        self.visit(value, schema, &format!("{at}.{key}"), found);
                    }
                }
                true
            }
            "additionalProperties" => {
                let known =
                    |key: &str| rules.get("properties").is_some_and(|it| it.get(key).is_some());
                let others = value.as_object().into_iter().flatten().filter(|(key, _)| !known(key));
                for (key, value) in others {
                    if rule == false {
                        found.push(format!("{at}.{key} is not known"));
                    } else {
                        self.visit(value, rule, &format!("{at}.{key}"), found);
                    }
                }
                true
            }
            _ => false,
        }
    }
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        _ => false,
    }
}
