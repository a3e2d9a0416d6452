//! The only module that knows the YAML crate.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::DuplicateKeyPolicy;
use serde_saphyr::{Error, Location, Options, Spanned};

use super::mistake::Finding;
use super::node::{Entry, Node, Number, Value};
use super::place;
use crate::domain::text::clean;

/// No configuration nests deeper, and each level costs stack.
const DEEPEST: usize = 48;
/// A configuration of thousands of services stays below; an alias bomb does not.
const MOST_NODES: usize = 100_000;

/// Reads a text as a tree, with every key that stands twice; or tells why it is no YAML.
pub(super) fn parse(text: &str) -> Result<(Node, Vec<Finding>), Finding> {
    let raw = read(text, DuplicateKeyPolicy::LastWins).map_err(|error| refusal(text, &error))?;
    let mut builder = Builder { text, findings: Vec::new() };
    let node = builder.node(raw);
    // Keys that only compare equal as numbers are collapsed by the lenient reading above.
    if builder.findings.is_empty()
        && let Err(error) = read(text, DuplicateKeyPolicy::Error)
    {
        builder.findings.push(refusal(text, &error));
    }
    Ok((node, builder.findings))
}

fn read(text: &str, duplicate_keys: DuplicateKeyPolicy) -> Result<Spanned<Raw>, Error> {
    let budget = serde_saphyr::budget! { max_depth: DEEPEST, max_nodes: MOST_NODES };
    let options: Options = serde_saphyr::options! {
        budget: budget,
        duplicate_keys: duplicate_keys,
        strict_booleans: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options)
}

fn refusal(text: &str, error: &Error) -> Finding {
    let place = error.location().map_or(0..0, |location| range(text, location));
    match error.without_snippet() {
        Error::DuplicateMappingKey { key, .. } => {
            Finding::new(place, format!("the key `{}` stands twice", shown(key.as_deref())))
        }
        Error::MultipleDocuments { .. } => Finding::new(place, "a second document begins here")
            .hint("keep one document; take the `---` away"),
        other => syntax(place, &other.to_string()),
    }
}

fn syntax(place: Range<usize>, message: &str) -> Finding {
    let message = message.split(" at line ").next().unwrap_or(message);
    // Such limits come from several layers of the crate, in several shapes.
    let grown = ["budget breached", "recursion limit", "alias replay", "alias expansion"];
    if grown.iter().any(|words| message.contains(words)) {
        return Finding::new(place, "it nests too deep, or its aliases make it too large");
    }
    let finding = Finding::new(place, format!("it is no YAML: {}", clean(message, 200)));
    if message.contains("tab") { finding.hint("indent with spaces") } else { finding }
}

fn shown(key: Option<&str>) -> String {
    clean(key.unwrap_or_default(), 60)
}

fn range(text: &str, location: Location) -> Range<usize> {
    let span = location.span();
    let known = span.byte_offset().zip(span.byte_len());
    let start = known.and_then(|(start, _)| usize::try_from(start).ok());
    let length = known.and_then(|(_, length)| usize::try_from(length).ok()).unwrap_or(0);
    let start = start.unwrap_or_else(|| {
        let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        place::offset(text, number(location.line()), number(location.column()))
    });
    place::within(text, start..start.saturating_add(length))
}

/// A value as the crate hands it over.
enum Raw {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<Raw>, Spanned<Raw>)>),
}

struct Builder<'a> {
    text: &'a str,
    findings: Vec<Finding>,
}

impl Builder<'_> {
    fn node(&mut self, raw: Spanned<Raw>) -> Node {
        let place = range(self.text, raw.referenced);
        let value = match raw.value {
            Raw::Null => Value::Null,
            Raw::Bool(value) => Value::Bool(value),
            Raw::Number(number) => Value::Number(number, self.written(raw.defined)),
            Raw::Text(text) => Value::Text(text),
            Raw::List(items) => Value::List(items.into_iter().map(|raw| self.node(raw)).collect()),
            Raw::Map(entries) => return self.map(place, entries),
        };
        Node::new(place, value)
    }

    fn map(&mut self, place: Range<usize>, raw: Vec<(Spanned<Raw>, Spanned<Raw>)>) -> Node {
        let mut entries: Vec<Entry> = Vec::new();
        let mut known = BTreeMap::new();
        for (key, value) in raw {
            let (place, node) = (range(self.text, key.referenced), self.node(value));
            let Some(key) = self.key(key) else { continue };
            if let Some(first) = known.get(&key) {
                self.findings.push(self.twice(&key, place, first));
            } else {
                known.insert(key.clone(), place.clone());
                entries.push(Entry { key, place, node });
            }
        }
        // A map written in lines has no width of its own: its first key stands for it.
        let place = entries.first().map_or(place, |first| first.place.clone());
        Node::new(place, Value::Map(entries))
    }

    fn twice(&self, key: &str, place: Range<usize>, first: &Range<usize>) -> Finding {
        let message = format!("the key `{}` stands twice", clean(key, 60));
        let (line, _) = place::line_column(self.text, first.start);
        Finding::new(place, message).hint(format!("it stands on line {line} already"))
    }

    fn key(&mut self, key: Spanned<Raw>) -> Option<String> {
        match key.value {
            Raw::Text(text) => Some(text),
            Raw::Bool(_) | Raw::Number(_) => Some(self.written(key.defined)),
            Raw::Null | Raw::List(_) | Raw::Map(_) => {
                let place = range(self.text, key.referenced);
                self.findings.push(Finding::new(place, "a key is a text, and this is none"));
                None
            }
        }
    }

    fn written(&self, location: Location) -> String {
        self.text.get(range(self.text, location)).unwrap_or_default().to_owned()
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Number(Number::Unsigned(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        let number = u64::try_from(value).map_or(Number::Signed(value), Number::Unsigned);
        Ok(Raw::Number(number))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Number(Number::Float(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = from.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = from.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}
