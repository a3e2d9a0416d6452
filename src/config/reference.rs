//! Writes the documentation of the configuration from its schema.

use std::fmt::{self, Write as _};

use serde_json::Value;

use super::schema::schema;

/// A configuration that a test loads.
pub(super) const EXAMPLE: &str = include_str!("example.yml");

const OPENING: &str = include_str!("reference.md");

/// Returns `docs/configuration.md`.
pub fn reference() -> String {
    let root = schema();
    let mut out = OPENING.replace("{example}", EXAMPLE.trim_end());
    let writer = Writer { sections: sections(&root) };
    for section in &writer.sections {
        // Writing to a text cannot fail.
        let _ = writer.section(&mut out, section);
    }
    out
}

/// A map of keys, and where it is written.
struct Section<'a> {
    path: String,
    name: &'a str,
    schema: &'a Value,
}

/// Returns the maps in the order in which a reader of the file meets them.
fn sections(root: &Value) -> Vec<Section<'_>> {
    let top = Section { path: String::new(), name: "", schema: root };
    let mut sections = vec![top];
    let mut next = 0;
    while let Some(Section { path, schema, .. }) = sections.get(next) {
        let prefix = if path.is_empty() { String::new() } else { format!("{path}.") };
        for (key, property) in properties(schema) {
            for (key, name) in named(key, property) {
                if sections.iter().all(|known| known.name != name) {
                    let path = format!("{prefix}{key}");
                    sections.push(Section { path, name, schema: &root["$defs"][name] });
                }
            }
        }
        next += 1;
    }
    sections
}

fn properties(schema: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let own = schema["properties"].as_object().into_iter().flatten();
    own.map(|(key, schema)| (key.as_str(), schema))
}

/// Returns the definitions that a key's value refers to, with the way it is written.
fn named<'a>(key: &str, schema: &'a Value) -> Vec<(String, &'a str)> {
    let ways = [
        (key.to_owned(), schema),
        (format!("{key}.NAME"), &schema["additionalProperties"]),
        (format!("{key}[]"), &schema["items"]),
    ];
    let refers = |(path, schema): (String, &'a Value)| Some((path, definition(schema)?));
    ways.into_iter().filter_map(refers).collect()
}

fn definition(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/$defs/")
}

impl Section<'_> {
    fn title(&self) -> String {
        if self.path.is_empty() { "The file".to_owned() } else { format!("`{}`", self.path) }
    }

    /// Returns the anchor that a forge makes of the title.
    fn anchor(&self) -> String {
        let kept = self.title().to_lowercase();
        kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
    }
}

struct Writer<'a> {
    sections: Vec<Section<'a>>,
}

impl Writer<'_> {
    fn section(&self, out: &mut String, section: &Section<'_>) -> fmt::Result {
        let Section { schema, .. } = section;
        write!(out, "\n## {}\n\n{}\n\n", section.title(), text(&schema["description"]))?;
        let choices = schema["oneOf"].as_array().into_iter().flatten();
        let mut choices = choices.filter(|choice| choice["description"].is_string()).peekable();
        if choices.peek().is_some() {
            return choices.try_for_each(|choice| {
                let key = properties(choice).next().map_or("", |(key, _)| key);
                writeln!(out, "- `{key}`: {}", text(&choice["description"]))
            });
        }
        writeln!(out, "| key | value | default | meaning |\n|---|---|---|---|")?;
        properties(schema).try_for_each(|(key, property)| {
            let required = schema["required"].as_array().into_iter().flatten();
            let default = match default(property) {
                Some(default) => default,
                None if required.clone().any(|name| name == key) => "required".to_owned(),
                None => String::new(),
            };
            let (kind, meaning) = (cell(&self.kind(property)), cell(&meaning(property)));
            writeln!(out, "| `{key}` | {kind} | {default} | {meaning} |")
        })
    }

    fn kind(&self, schema: &Value) -> String {
        let words: Vec<String> =
            words(schema).iter().map(|(word, _)| format!("`{word}`")).collect();
        let any = schema["anyOf"].as_array().into_iter().flatten();
        let any: Vec<String> = any.map(|schema| self.kind(schema)).collect();
        if !words.is_empty() {
            words.join(", ")
        } else if !any.is_empty() {
            any.join(" or ")
        } else if schema["items"].is_object() {
            format!("list of {}", plural(&self.kind(&schema["items"])))
        } else if schema["additionalProperties"].is_object() {
            format!("by name: {}", self.kind(&schema["additionalProperties"]))
        } else if let Some(name) = definition(schema) {
            let section = self.sections.iter().find(|section| section.name == name);
            section.map_or_else(String::new, |section| format!("[keys](#{})", section.anchor()))
        } else {
            plain(schema).to_owned()
        }
    }
}

fn plain(schema: &Value) -> &'static str {
    let pattern = text(&schema["pattern"]);
    match text(&schema["type"]) {
        "string" if schema["writeOnly"] == true => "secret",
        "string" if schema["format"] == "regex" => "regular expression",
        "string" if pattern.contains("ms") => "time",
        "string" => "text",
        "integer" if schema["const"].is_number() => "`1`",
        "integer" => "whole number",
        "boolean" => "`true`, `false`",
        "object" => "by name: any value",
        _ => "any value",
    }
}

fn plural(kind: &str) -> String {
    let many = |part: &str| match part {
        "text" | "whole number" | "regular expression" | "time" => format!("{part}s"),
        other => other.to_owned(),
    };
    kind.split(" or ").map(many).collect::<Vec<_>>().join(" or ")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A bar would end a table's cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn default(property: &Value) -> Option<String> {
    match property.get("default")? {
        Value::Object(_) => Some(String::new()),
        Value::String(text) => Some(format!("`{text}`")),
        other => Some(format!("`{other}`")),
    }
}

fn meaning(property: &Value) -> String {
    let mut meaning = text(&property["description"]).to_owned();
    for (word, says) in words(property) {
        let _ = write!(meaning, " `{word}`: {says}");
    }
    meaning
}

/// Returns the words that a value is chosen from, with what each says.
fn words(schema: &Value) -> Vec<(&str, &str)> {
    let choices = schema["oneOf"].as_array().into_iter().flatten();
    choices
        .filter_map(|choice| Some((choice["const"].as_str()?, text(&choice["description"]))))
        .collect()
}
