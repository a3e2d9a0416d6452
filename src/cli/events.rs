//! Progress for programs: one JSON object a line.

use serde_json::{Value, json};

use super::tell::{LONGEST, say};
use crate::domain::text::clean;
use crate::ports::{Glimpse, Progress};

/// Says each thing that happens as a JSON object on a line of its own.
///
/// `{"event":"told","line"}`, `{"event":"look","check","service","outcome","message","look"}`,
/// `{"event":"check","check","service","outcome","message"}`, `{"event":"stage","slot","percent"}`, and
/// `{"event":"output","line"}` for what drivers write.
pub(super) struct Events;

impl Events {
    pub(super) fn say(event: &Value) {
        say(&event.to_string());
    }
}

impl Progress for Events {
    fn tell(&self, line: &str) {
        Self::say(&json!({"event": "told", "line": clean(line, LONGEST)}));
    }

    fn glimpse(&self, glimpse: &Glimpse<'_>) {
        Self::say(&match glimpse {
            Glimpse::Looked { check, measurement, looks } => json!({
                "event": "look",
                "check": check.name,
                "service": check.service,
                "outcome": measurement.outcome,
                "message": clean(&measurement.message, LONGEST),
                "look": looks,
            }),
            Glimpse::Ended(result) => json!({
                "event": "check",
                "check": result.name,
                "service": result.service,
                "outcome": result.outcome,
                "message": clean(&result.message, LONGEST),
            }),
            Glimpse::Stage { slot, percent } => {
                json!({"event": "stage", "slot": slot, "percent": percent})
            }
        });
    }
}
