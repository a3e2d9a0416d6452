//! What systemd tells of a unit.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::fmt::strtime::BrokenDownTime;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::check::Measurement;
use crate::domain::duration::Span;
use crate::domain::text;

/// What is asked for.
pub(super) const ASKED: &str =
    "LoadState,ActiveState,SubState,Result,NRestarts,ActiveEnterTimestamp";

/// How systemd writes a time when it is asked in UTC.
const TIME: &str = "%a %Y-%m-%d %H:%M:%S UTC";

/// The longest name of a unit.
const LONGEST: usize = 255;

/// The name of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("examples" = ["shop", "shop.socket"]))]
pub struct Unit(String);

impl Unit {
    /// Returns the name as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Unit {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let fits = |c: char| c.is_ascii_alphanumeric() || ":-_.\\@".contains(c);
        if (1..=LONGEST).contains(&name.len()) && name.chars().all(fits) {
            return Ok(Self(name));
        }
        let name = text::clean(&name, 80);
        Err(format!(
            "`{name}` is no name of a unit; write it like `shop`, `shop@1` or `shop.socket`"
        ))
    }
}

/// How a unit is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    load: String,
    active: String,
    pub(super) sub: String,
    result: String,
    pub(super) restarts: Option<u32>,
    since: Option<Timestamp>,
}

impl State {
    /// Reads `Name=value` lines; an `Err` names the line that is missing.
    pub(super) fn read(text: &str) -> Result<Self, &'static str> {
        let lines: BTreeMap<_, _> = text.lines().filter_map(|line| line.split_once('=')).collect();
        let get = |name: &'static str| lines.get(name).copied().ok_or(name);
        let shown = |name: &'static str| get(name).map(|value| text::clean(value, 40));
        Ok(Self {
            load: shown("LoadState")?,
            active: shown("ActiveState")?,
            sub: shown("SubState")?,
            result: shown("Result").unwrap_or_default(),
            restarts: get("NRestarts").ok().and_then(|count| count.parse().ok()),
            since: get("ActiveEnterTimestamp").ok().and_then(time),
        })
    }

    /// Returns how it is, in systemd's words.
    pub(super) fn shown(&self) -> String {
        format!("{} ({})", self.active, self.sub)
    }

    /// Returns how long it has been active.
    pub(super) fn uptime(&self, now: Timestamp) -> Option<Span> {
        let seconds = now.as_second().saturating_sub(self.since?.as_second());
        Some(Span::secs(seconds.try_into().unwrap_or(0)))
    }

    /// Returns what is wrong where there is no such unit.
    pub(super) fn missing(&self, unit: &str) -> Option<Measurement> {
        let message = match self.load.as_str() {
            "loaded" => return None,
            "not-found" => format!("systemd knows no unit `{unit}`"),
            other => format!("`{unit}` could not be loaded: {other}"),
        };
        Some(Measurement::fail(message).judged(&self.load, "loaded"))
    }

    /// Returns what is wrong where it is not active; one that reads its settings again still is.
    pub(super) fn inactive(&self, unit: &str) -> Option<Measurement> {
        if matches!(self.active.as_str(), "active" | "reloading" | "refreshing") {
            return None;
        }
        let why = match self.result.as_str() {
            "" | "success" => String::new(),
            result => format!(": {result}"),
        };
        let shown = self.shown();
        Some(Measurement::fail(format!("`{unit}` is {shown}{why}")).judged(&shown, "active"))
    }
}

fn time(text: &str) -> Option<Timestamp> {
    let parts = BrokenDownTime::parse(TIME, text).ok()?;
    let time = parts.to_datetime().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(time.timestamp())
}
