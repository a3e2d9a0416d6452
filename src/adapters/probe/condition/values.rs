//! Values as conditions see them, and as people read them.

use std::collections::HashMap;
use std::sync::Arc;

use cel::Value;
use serde_json::Value as Json;

/// Returns a value of JSON as a condition sees it: every number is a double.
pub fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        Json::String(text) => Value::String(text.clone().into()),
        Json::Array(items) => Value::List(Arc::new(items.iter().map(value).collect())),
        Json::Object(entries) => {
            let entries = entries.iter().map(|(key, json)| (key.clone(), value(json)));
            Value::from(entries.collect::<HashMap<String, Value>>())
        }
    }
}

/// Returns the number that a text is, with `NaN`, `+Inf` and `-Inf` as Prometheus writes them.
pub fn number(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "+Inf" | "Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        _ if text.contains(|c: char| c.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    }
}

/// Returns a number as people read it, with at most six digits of note.
pub fn shown(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    if number == 0.0 {
        // What is rounded to none has no sign.
        return "0".to_owned();
    }
    let exact = number.to_string();
    let rounded: f64 = format!("{number:.5e}").parse().unwrap_or(number);
    let rounded = if (1e-9..1e15).contains(&rounded.abs()) {
        rounded.to_string()
    } else {
        format!("{rounded:e}")
    };
    let whole = number.fract() == 0.0 && exact.len() <= 16;
    if whole { exact } else { rounded }
}

/// Returns a value in few words.
pub fn brief(value: &Value) -> String {
    match value {
        Value::Float(number) => shown(*number),
        Value::Int(number) => number.to_string(),
        Value::Bool(is) => is.to_string(),
        Value::Null => "null".to_owned(),
        Value::String(text) => format!("`{}`", crate::domain::text::clean(text, 40)),
        Value::List(items) => format!("a list of {}", items.len()),
        Value::Map(entries) => format!("an object of {}", entries.map.len()),
        _ => "a value".to_owned(),
    }
}
