//! Finds by the schema what is secret in a file.

use std::ops::Range;

use serde_json::Value as Json;
use url::Url;

use super::mistake::Finding;
use super::near;
use super::node::{Node, Value};
use super::schema::{by_name, items, property, resolved};

/// Of values by name, such as headers, these are secrets by their names.
const NAMES: [&str; 2] = ["authorization", "proxy-authorization"];

/// Keys whose value is an address, which may hold a password.
const ADDRESSES: [&str; 3] = ["url", "proxy", "remote"];

/// A value that is, or may be, a secret which stands in the file itself.
#[derive(Debug, Clone, Copy)]
struct Found<'a> {
    key: &'a str,
    node: &'a Node,
    sort: Sort,
}

/// How sure it is that a value is a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// It is one.
    Secret,
    /// It is an address that holds one.
    Address,
    /// It may be one.
    Doubtful,
}

/// What is secret in a file.
#[derive(Debug, Default)]
pub(super) struct Secrets<'a>(Vec<Found<'a>>);

impl<'a> Secrets<'a> {
    /// Finds all that a file's schema says is secret, wherever it stands and whatever its type; references are none.
    pub(super) fn of(tree: &'a Node, schema: &Json, root: &Json) -> Self {
        let mut walk = Walk { root, found: Vec::new() };
        walk.value("", tree, schema);
        Self(walk.found)
    }

    /// Returns where they stand.
    pub(super) fn places(&self) -> Vec<Range<usize>> {
        self.0.iter().map(|found| found.node.place.clone()).collect()
    }

    /// Tells of each that it is one no longer.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let told = self.0.iter().filter_map(|Found { key, node, sort }| {
            node.text()?;
            let message = match sort {
                Sort::Secret => format!("`{key}` is a secret, and it is written here"),
                Sort::Address => format!("`{key}` holds a password, and it is written here"),
                Sort::Doubtful => return None,
            };
            let hint = "refer to a variable, such as `${env:TOKEN}`, and change the secret";
            Some(Finding::new(node.place.clone(), message).hint(hint))
        });
        told.collect()
    }
}

struct Walk<'a, 's> {
    root: &'s Json,
    found: Vec<Found<'a>>,
}

impl<'a> Walk<'a, '_> {
    fn value(&mut self, key: &'a str, node: &'a Node, schema: &Json) {
        let schema = resolved(schema, self.root);
        let is_map = matches!(node.value, Value::Map(_));
        if is_secret(schema) && !(is_map && schema["type"] == "object") {
            // What belongs into a map is told to be no map.
            let sort = if schema["type"] == "object" { Sort::Doubtful } else { Sort::Secret };
            return self.secret(key, node, sort);
        }
        match &node.value {
            Value::Map(entries) => {
                for entry in entries {
                    self.entry(&entry.key, &entry.node, schema);
                }
            }
            // Where values by name belong, the names and values of another shape are no less secret.
            _ if is_secret(by_name(schema)) => {
                self.secret(key, node, Sort::Doubtful);
            }
            Value::List(list) => {
                let of = items(schema, self.root);
                for item in list {
                    self.value(key, item, of);
                }
            }
            Value::Text(text) if ADDRESSES.contains(&key) && holds_password(text) => {
                self.secret(key, node, Sort::Address);
            }
            Value::Null | Value::Bool(_) | Value::Number(..) | Value::Text(_) => {}
        }
    }

    fn entry(&mut self, key: &'a str, node: &'a Node, holder: &Json) {
        let named = holder["properties"].get(key).is_none();
        let schema = property(holder, key, self.root);
        if schema.is_null() && self.is_slip(key, holder) {
            self.secret(key, node, Sort::Doubtful);
        } else if named && is_secret(schema) {
            let is_one = NAMES.iter().any(|name| key.eq_ignore_ascii_case(name));
            self.secret(key, node, if is_one { Sort::Secret } else { Sort::Doubtful });
        } else {
            self.value(key, node, schema);
        }
    }

    /// Whether a key that nobody knows was most likely to be that of a secret.
    fn is_slip(&self, key: &str, holder: &Json) -> bool {
        let known = holder["properties"].as_object().into_iter().flatten();
        let secrets = known.filter(|(_, schema)| is_secret(resolved(schema, self.root)));
        is_secret(holder) || near::nearest(key, secrets.map(|(key, _)| key.as_str())).is_some()
    }

    /// Takes a value, whatever its type, with all that it holds.
    fn secret(&mut self, key: &'a str, node: &'a Node, sort: Sort) {
        if node.text().is_some_and(|text| text.contains("${") || is_harmless(text)) {
            return;
        }
        self.found.push(Found { key, node, sort });
        for item in node.items() {
            self.secret(key, item, Sort::Doubtful);
        }
        for entry in node.entries() {
            self.secret(&entry.key, &entry.node, Sort::Doubtful);
        }
    }
}

/// A secret, or a map that is nothing without one; lists are only written, too, where nothing shows them.
fn is_secret(schema: &Json) -> bool {
    schema["writeOnly"] == true && schema["type"] != "array"
}

/// An address is a secret only where it holds one.
fn is_harmless(text: &str) -> bool {
    let is_address = text.contains("://") || text.starts_with("sqlite:");
    is_address && !text.contains('?') && Url::parse(text).is_ok_and(|url| url.password().is_none())
}

fn holds_password(text: &str) -> bool {
    text.contains("://") && Url::parse(text).is_ok_and(|url| url.password().is_some())
}
