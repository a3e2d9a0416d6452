//! The one JSON document that every verb prints.

use serde_json::{Map, Value, json};

use super::words;
use crate::domain::ending::Outcome as End;
use crate::domain::event::Trigger;
use crate::domain::outcome::{Context, Outcome, RollbackTold};
use crate::domain::text::is_unprintable;
use crate::error::Error;

/// The version of the documents; within it a field is only ever added.
pub const SCHEMA: u32 = 1;

/// Returns the document of an outcome.
pub fn document(context: &Context, outcome: &Outcome) -> Value {
    let ending = &outcome.ending;
    let result = ending.reason.outcome();
    let mut document = envelope(context, result, ending.reason.code(), &ending.message);
    document.insert("next".to_owned(), json!(words::next_move(ending)));
    if let Value::Object(told) = json!(outcome) {
        document.extend(told);
    }
    if is_refused_rollback(context, outcome) {
        let refused = RollbackTold::refused(Trigger::Manual);
        document.insert("rollback".to_owned(), json!(refused));
    }
    complete(context, &mut document);
    Value::Object(document)
}

/// Returns the document of an error.
pub fn error_document(context: &Context, error: &Error) -> Value {
    let result = words::result_of(error.kind());
    let message = words::with_causes(error);
    let mut document = envelope(context, result, error.reason(), &message);
    let next = (!error.hints().is_empty()).then(|| error.hints().join("; "));
    document.insert("next".to_owned(), json!(next));
    complete(context, &mut document);
    Value::Object(document)
}

/// Returns a document as text in which nothing can steer a terminal or a runner.
pub fn render(document: &Value) -> String {
    let mut out = String::new();
    for c in format!("{document:#}\n").chars() {
        if c != '\n' && is_unprintable(c) {
            let mut units = [0; 2];
            out.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    // A runner obeys this old form of a workflow command anywhere in a line.
    out.replace("##[", "#\\u0023[")
}

fn envelope(context: &Context, result: End, reason: &str, message: &str) -> Map<String, Value> {
    let pairs = [
        ("schema", json!(SCHEMA)),
        ("command", json!(context.command)),
        ("environment", json!(context.environment)),
        ("result", json!(result)),
        ("reason", json!(reason)),
        ("message", json!(message)),
        ("exit_code", json!(result.exit_code())),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn is_refused_rollback(context: &Context, outcome: &Outcome) -> bool {
    let refused = outcome.ending.reason.outcome() == End::Refused;
    refused && outcome.rollback.is_none() && matches!(&*context.command, "rollback" | "cancel")
}

/// Adds what a verb promises and had nothing to say about.
fn complete(context: &Context, document: &mut Map<String, Value>) {
    let promised: &[&str] = match &*context.command {
        "begin" | "record" => &["deployment"],
        "verify" | "check" | "deploy" => {
            &["deployment", "verdict", "checks", "marked_stable", "rollback"]
        }
        "rollback" | "cancel" | "resume" => &["rollback"],
        _ => &[],
    };
    for name in promised {
        document.entry(*name).or_insert_with(|| match *name {
            "checks" => json!([]),
            "marked_stable" => json!(false),
            _ => Value::Null,
        });
    }
}

#[cfg(test)]
mod tests;
