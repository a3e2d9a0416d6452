//! What the ready-made checks over Prometheus have in common.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::super::condition::Condition;
use super::Template;
use crate::domain::duration::Span;
use crate::domain::text;

/// With fewer requests in the window, one of them decides: it is a twentieth or more of them.
pub const MIN_SAMPLES: u64 = 20;

/// The window when nobody says.
pub const WINDOW: Span = Span::mins(5);

/// Returns [`MIN_SAMPLES`], for settings.
pub fn min_samples() -> u64 {
    MIN_SAMPLES
}

/// Returns [`WINDOW`], for settings.
pub fn window() -> Span {
    WINDOW
}

/// A share, written as a number such as `0.01` or in percent such as `1%`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Share(f64);

#[derive(Deserialize)]
#[serde(untagged, expecting = "this is a share, such as `0.01` or `1%`")]
enum Written {
    Number(f64),
    Text(String),
}

impl Share {
    /// Returns the share of one.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<Written> for Share {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let (share, shown) = match written {
            Written::Number(share) => (Some(share), share.to_string()),
            Written::Text(text) => {
                let percent = text.trim().strip_suffix('%');
                let percent = percent.and_then(|number| number.trim().parse::<f64>().ok());
                // Rounded: 99.9 / 100 is no decimal number of few digits.
                let share = percent.map(|percent| (percent * 1e10).round() / 1e12);
                (share.or_else(|| text.trim().parse().ok()), text::clean(&text, 40))
            }
        };
        let share = share.filter(|share| (0.0..=1.0).contains(share));
        let wrong = || format!("`{shown}` is no share; write it like `0.01` or `1%`");
        share.map(Self).ok_or_else(wrong)
    }
}

impl JsonSchema for Share {
    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                { "type": "number", "minimum": 0, "maximum": 1 },
                { "type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*%?\s*$" },
            ],
            "examples": ["1%", 0.01],
        })
    }
}

/// The name of a metric or a label.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Name(String);

impl Name {
    /// Returns a name that is known to be one.
    pub fn known(name: &'static str) -> Self {
        Self(name.to_owned())
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let begins_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || "_:".contains(c));
        let goes_on = text.chars().all(|c| c.is_ascii_alphanumeric() || "_:".contains(c));
        if begins_well && goes_on {
            return Ok(Self(text));
        }
        let shown = text::clean(&text, 80);
        Err(format!("`{shown}` is no name of Prometheus; write letters, digits, `_` and `:`"))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl JsonSchema for Name {
    fn schema_name() -> Cow<'static, str> {
        "PrometheusName".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[A-Za-z_:][A-Za-z0-9_:]*$" })
    }
}

/// Labels that series must have, each with its value; one may begin with `=~`, `!=` or `!~`.
pub type Labels = BTreeMap<Name, String>;

/// Returns labels as a selector writes them, without the braces.
pub fn matchers(labels: &Labels, more: &str) -> String {
    let labels = labels.iter().map(|(name, value)| {
        let operator = ["=~", "!=", "!~"].into_iter().find(|sign| value.starts_with(sign));
        let value = operator.map_or(value.as_str(), |sign| value[sign.len()..].trim_start());
        let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        format!("{name}{}\"{value}\"", operator.unwrap_or("="))
    });
    let more = Some(more.trim()).filter(|more| !more.is_empty()).map(str::to_owned);
    labels.chain(more).collect::<Vec<_>>().join(",")
}

/// Returns a selector of a metric over a window.
pub fn selector(metric: &str, matchers: &str, window: Span) -> String {
    let braces = if matchers.is_empty() { String::new() } else { format!("{{{matchers}}}") };
    // Prometheus knows the same units, in the same order.
    format!("{metric}{braces}[{window}]")
}

/// Returns the share of requests that failed; where none ever did there is no series of them.
pub fn failed_share(metric: &str, labels: &Labels, errors: &str, window: Span) -> String {
    let failed = selector(metric, &matchers(labels, errors), window);
    let all = selector(metric, &matchers(labels, ""), window);
    format!("(sum(increase({failed})) or vector(0)) / sum(increase({all}))")
}

/// Returns how many requests there were.
pub fn requests(metric: &str, labels: &Labels, window: Span) -> String {
    format!("sum(increase({}))", selector(metric, &matchers(labels, ""), window))
}

/// Reads a query of ours; what is wrong with it stands in a label or a matcher.
pub fn template(query: String, mistakes: &mut Vec<String>) -> Option<Template> {
    Template::try_from(query).map_err(|why| mistakes.push(why)).ok()
}

/// Returns the condition that a result is on the right side of a limit.
pub fn limit(sign: &str, limit: f64, mistakes: &mut Vec<String>) -> Option<Condition> {
    let written = format!("{limit}");
    Condition::try_from(format!("result {sign} {written}")).map_err(|why| mistakes.push(why)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_number_or_percent() {
        for (text, expected) in
            [("0.01", 0.01), ("\"1%\"", 0.01), ("\"99.9 %\"", 0.999), ("1", 1.0)]
        {
            let share: Share = serde_json::from_str(text).unwrap();
            assert!((share.get() - expected).abs() < 1e-12, "{text}");
        }
        let share: Share = serde_json::from_str("\"99.9%\"").unwrap();
        assert_eq!(share.get().to_string(), "0.999");
        for text in ["5", "-0.1", "\"101%\"", "\"x\"", "\"NaN\"", "\"%\""] {
            assert!(serde_json::from_str::<Share>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn labels_become_matchers_that_nothing_breaks_out_of() {
        let labels: Labels = serde_json::from_value(serde_json::json!({
            "job": "shop", "path": "!~ /health|/metrics", "odd": "a\"} or up{x=\"\\", "v": "{version}",
        }))
        .unwrap();
        let expected = r#"job="shop",odd="a\"} or up{x=\"\\",path!~"/health|/metrics",v="{version}",code=~"5..""#;
        assert_eq!(matchers(&labels, r#"code=~"5..""#), expected);
        assert_eq!(selector("up", "", Span::mins(5)), "up[5m]");
        assert!(serde_json::from_str::<Labels>(r#"{"a-b": "c"}"#).is_err());
    }
}
