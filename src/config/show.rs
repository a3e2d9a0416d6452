//! Shows what is meant: every default, and no secret.

use serde_json::{Map, Value, json};

use super::meant::{CheckConfig, Config, EnvironmentConfig};
use super::node::{Node, Number, Value as Written};
use super::schema::{items, property, resolved, schema};
use crate::domain::duration::Span;
use crate::domain::limits::Limits;

/// Returns the configuration as it is meant; what comes from outside the file stays a reference.
pub fn show(config: &Config) -> Value {
    let schema = schema();
    let mut document = Filler { root: &schema }.fill(&config.written, &schema);
    for (name, environment) in &config.environments {
        let shown = &mut document["environments"][name.as_str()];
        shown["purpose"] = json!(environment.purpose.as_str());
        measured(shown, environment);
    }
    document
}

struct Filler<'a> {
    root: &'a Value,
}

impl Filler<'_> {
    fn fill(&self, node: &Node, schema: &Value) -> Value {
        let schema = resolved(schema, self.root);
        match &node.value {
            Written::List(list) => {
                list.iter().map(|item| self.fill(item, items(schema, self.root))).collect()
            }
            Written::Map(_) => self.map(node, schema),
            Written::Null if schema["type"] == "object" => self.map(node, schema),
            Written::Null => Value::Null,
            Written::Bool(value) => json!(value),
            Written::Number(number, text) => shown_number(*number, text, schema),
            Written::Text(text) if is_secret(schema) && !text.contains("${env:") => json!("***"),
            Written::Text(text) => json!(text),
        }
    }

    fn map(&self, node: &Node, schema: &Value) -> Value {
        let mut map = Map::new();
        for (key, schema) in schema["properties"].as_object().into_iter().flatten() {
            if let Some(default) = self.default(schema) {
                map.insert(key.clone(), default);
            }
        }
        for entry in node.entries() {
            let schema = property(schema, &entry.key, self.root);
            map.insert(entry.key.clone(), self.fill(&entry.node, schema));
        }
        Value::Object(map)
    }

    /// What a default leaves out has a default of its own.
    fn default(&self, schema: &Value) -> Option<Value> {
        let mut value = schema.get("default")?.clone();
        let inner = resolved(schema, self.root);
        if let Value::Object(map) = &mut value {
            for (key, schema) in inner["properties"].as_object().into_iter().flatten() {
                if let (false, Some(default)) = (map.contains_key(key), self.default(schema)) {
                    map.insert(key.clone(), default);
                }
            }
        }
        Some(value)
    }
}

/// Digits where a text is wanted are a text.
fn shown_number(number: Number, text: &str, schema: &Value) -> Value {
    match number {
        _ if schema["type"] == "string" => json!(text),
        Number::Unsigned(number) => json!(number),
        Number::Signed(number) => json!(number),
        Number::Float(number) => json!(number),
    }
}

fn is_secret(schema: &Value) -> bool {
    schema["writeOnly"] == true
}

/// Fills in the limits, whose defaults depend on the rest of the check.
fn measured(document: &mut Value, environment: &EnvironmentConfig) {
    for (name, service) in &environment.services {
        let shown = document["services"].get_mut(name.as_str());
        each(shown.and_then(|it| it.get_mut("checks")), &service.checks);
    }
    each(document["verify"].get_mut("checks"), &environment.verify_checks);
    if let Some(control) = &environment.control {
        let timeout = Span::from(control.check.limits.timeout);
        document["verify"]["control"]["timeout"] = json!(timeout);
    }
}

fn each(list: Option<&mut Value>, checks: &[CheckConfig]) {
    let shown = list.and_then(Value::as_array_mut).into_iter().flatten();
    for (shown, meant) in shown.zip(checks) {
        if shown["name"].is_null() {
            shown["name"] = json!(meant.check.name);
        }
        for key in Limits::keys(meant.check.phase) {
            if let Some(limit) = limit(&meant.check.limits, key) {
                shown[key] = limit;
            }
        }
    }
}

fn limit(limits: &Limits, key: &str) -> Option<Value> {
    let time = |time| Some(json!(Span::from(time)));
    match key {
        "deadline" => time(limits.deadline),
        "success_streak" => limits.success_streak.map(|streak| json!(streak)),
        "count" => limits.count.map(|count| json!(count)),
        "failure_limit" => Some(limits.failure_limit.map_or(json!("any"), |most| json!(most))),
        "failure_streak" => limits.failure_streak.map(|streak| json!(streak)),
        "inconclusive_limit" => Some(json!(limits.inconclusive_limit)),
        "error_limit" => Some(json!(limits.error_limit)),
        "error_retry" => time(limits.error_retry),
        "initial_delay" => time(limits.initial_delay),
        "interval" => time(limits.interval),
        "timeout" => time(limits.timeout),
        _ => None,
    }
}
