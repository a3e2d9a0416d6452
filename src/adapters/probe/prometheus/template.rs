//! Queries with a place for the version under test.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::domain::facts::Facts;

/// What may stand in a query, and the fact that takes its place.
const PLACEHOLDERS: [(&str, &str); 5] = [
    ("{version}", "LASTGOOD_VERSION"),
    ("{commit}", "LASTGOOD_COMMIT"),
    ("{image}", "LASTGOOD_IMAGE"),
    ("{service}", "LASTGOOD_SERVICE"),
    ("{environment}", "LASTGOOD_ENVIRONMENT"),
];

/// Returns all that may stand for a fact.
pub fn placeholders() -> impl Iterator<Item = &'static str> {
    PLACEHOLDERS.into_iter().map(|(name, _)| name)
}

/// Returns what a placeholder stands for; an `Err` names what is not known.
pub fn fact<'a>(placeholder: &str, facts: &'a Facts) -> Result<&'a str, String> {
    let known = PLACEHOLDERS.into_iter().find(|(name, _)| *name == placeholder);
    let known = known.and_then(|(_, fact)| facts.variables().find(|(name, _)| *name == fact));
    let value = known.and_then(|(_, value)| value);
    value.ok_or_else(|| format!("`{placeholder}` is asked for, which is not known"))
}

/// A query in `PromQL`, with `{version}` and its like inside of quotes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Template {
    text: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Fact { name: &'static str, within: Within },
}

/// What a placeholder stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Within {
    quote: char,
    matching: Matching,
}

/// Whether a text is compared as it is, or is a regular expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Matching {
    Plain,
    Regexp,
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("the query is empty".to_owned());
        }
        let parts = parts(&text)?;
        Ok(Self { text, parts })
    }
}

impl Template {
    /// Returns the query as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the query with every fact in its place; an `Err` names the fact that is missing.
    pub fn filled(&self, facts: &Facts) -> Result<String, String> {
        self.parts.iter().map(|part| part.filled(facts)).collect()
    }
}

impl Part {
    fn filled(&self, facts: &Facts) -> Result<String, String> {
        let (name, within) = match self {
            Self::Text(text) => return Ok(text.clone()),
            Self::Fact { name, within } => (*name, *within),
        };
        within.escaped(fact(name, facts)?).ok_or_else(|| {
            format!("what `{name}` stands for cannot stand between backticks; use double quotes")
        })
    }
}

impl Within {
    /// Nothing in a value may end the string it stands in.
    fn escaped(self, value: &str) -> Option<String> {
        let value = match self.matching {
            Matching::Plain => Cow::Borrowed(value),
            Matching::Regexp => Cow::Owned(regex::escape(value)),
        };
        if self.quote == '`' {
            return (!value.contains('`')).then(|| value.into_owned());
        }
        let mut out = String::with_capacity(value.len());
        for c in value.chars() {
            match c {
                '\\' | '"' | '\'' if c == '\\' || c == self.quote => out.extend(['\\', c]),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\0' => out.push_str("\\x00"),
                c => out.push(c),
            }
        }
        Some(out)
    }
}

/// Walks through a query as its lexer does: strings, escapes in them, comments.
fn parts(text: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut within: Option<Within> = None;
    let (mut from, mut at) = (0, 0);
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if let Some(name) = placeholders().find(|name| rest.starts_with(name)) {
            let within = within.ok_or_else(|| outside(name))?;
            parts.push(Part::Text(text[from..at].to_owned()));
            parts.push(Part::Fact { name, within });
            at += name.len();
            from = at;
            continue;
        }
        at += c.len_utf8();
        match within {
            Some(Within { quote, .. }) if c == '\\' && quote != '`' => {
                at += text[at..].chars().next().map_or(0, char::len_utf8);
            }
            Some(Within { quote, .. }) if c == quote => within = None,
            None if c == '#' => at += text[at..].find('\n').unwrap_or(text.len() - at),
            None if matches!(c, '"' | '\'' | '`') => within = Some(opened(c, &text[..at - 1])),
            Some(_) | None => {}
        }
    }
    parts.push(Part::Text(text[from..].to_owned()));
    Ok(parts)
}

fn opened(quote: char, before: &str) -> Within {
    let before = before.trim_end();
    let regexp = before.ends_with("=~") || before.ends_with("!~");
    Within { quote, matching: if regexp { Matching::Regexp } else { Matching::Plain } }
}

fn outside(name: &str) -> String {
    format!("`{name}` must stand inside of quotes, such as `version=\"{name}\"`")
}

impl fmt::Display for Template {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl JsonSchema for Template {
    fn schema_name() -> Cow<'static, str> {
        "PromQl".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let example = "sum(rate(http_requests_total{code=~\"5..\", version=\"{version}\"}[5m]))";
        json_schema!({ "type": "string", "minLength": 1, "examples": [example] })
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::names::{Environment, Service};
    use crate::domain::version::Version;

    use super::*;

    fn template(text: &str) -> Result<Template, String> {
        Template::try_from(text.to_owned())
    }

    fn filled(text: &str, version: &str) -> Result<String, String> {
        let facts = Facts::default()
            .version(&Version::named(version))
            .environment(&Environment::new("production").unwrap())
            .service(&Service::only());
        template(text).unwrap().filled(&facts)
    }

    #[test]
    fn facts_take_their_places() {
        for (text, expected) in [
            ("up", "up"),
            (r#"up{version="{version}"}"#, r#"up{version="1.2"}"#),
            (r#"up{v='v{version}', e="{environment}"}"#, r#"up{v='v1.2', e="production"}"#),
            (r#"up{v=~"{version}|x"}"#, r#"up{v=~"1\\.2|x"}"#),
            (r"up{v=~`{version}`,s!=`{service}`}", r"up{v=~`1\.2`,s!=`app`}"),
            (
                "up # it's {not\nor on() up{v=\"{version}\"}",
                "up # it's {not\nor on() up{v=\"1.2\"}",
            ),
            (r#"up{a="\"{version}"}"#, r#"up{a="\"1.2"}"#),
        ] {
            assert_eq!(filled(text, "1.2").unwrap(), expected);
        }
    }

    #[test]
    fn no_value_leaves_the_string_it_stands_in() {
        for (text, version, expected) in [
            (r#"u{v="{version}"}"#, r#"1"} or vector(0) #"#, r#"u{v="1\"} or vector(0) #"}"#),
            (r#"u{v="{version}"}"#, r"1\", r#"u{v="1\\"}"#),
            (r"u{v='{version}'}", "1'\n\"", r#"u{v='1\'\n"'}"#),
            (r#"u{v=~"{version}"}"#, r#".*" "#, r#"u{v=~"\\.\\*\" "}"#),
        ] {
            assert_eq!(filled(text, version).unwrap(), expected);
        }
        let error = filled("u{v=`{version}`}", "1`} or vector(0) #").unwrap_err();
        assert!(error.contains("cannot stand between backticks"), "{error}");
    }

    #[test]
    fn a_placeholder_outside_of_quotes_is_refused() {
        for text in
            ["up{version}", "{service}", "up{a=\"b\"} * {version}", "a{b=\"\\\\\"} {commit}"]
        {
            assert!(template(text).unwrap_err().contains("must stand inside of quotes"), "{text}");
        }
        assert_eq!(template(" ").unwrap_err(), "the query is empty");
    }

    #[test]
    fn a_fact_that_is_not_known_is_told() {
        let error = filled(r#"up{commit="{commit}"}"#, "1").unwrap_err();
        assert_eq!(error, "`{commit}` is asked for, which is not known");
    }
}
