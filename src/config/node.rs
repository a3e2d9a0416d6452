//! A configuration as a tree that knows where each value stands.

use std::ops::Range;

/// A value and where it stands in the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    /// The bytes of the file that hold it.
    pub place: Range<usize>,
    /// What it is.
    pub value: Value,
    /// The texts from outside the file that were put into it.
    pub foreign: Vec<String>,
    /// The values of a slot that were put into it.
    pub slotted: Vec<String>,
    /// What stood in it and was taken out as a mistake, by key (empty for an item of a list).
    pub lost: Vec<String>,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, with its digits as they were written.
    Number(Number, String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A map of keys, in the order of the file.
    Map(Vec<Entry>),
}

/// A number as YAML reads it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    /// A whole number of 0 or more.
    Unsigned(u64),
    /// A whole number below 0.
    Signed(i64),
    /// Any other.
    Float(f64),
}

/// One key of a map with its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub place: Range<usize>,
    /// The value.
    pub node: Node,
}

impl Node {
    /// Makes a value that stands at a place.
    pub fn new(place: Range<usize>, value: Value) -> Self {
        Self { place, value, foreign: Vec::new(), slotted: Vec::new(), lost: Vec::new() }
    }

    /// Returns the keys with their values; none where it is no map.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            Value::Null | Value::Bool(_) | Value::Number(..) | Value::Text(_) | Value::List(_) => {
                &[]
            }
        }
    }

    /// Returns the items; none where it is no list.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            Value::Null | Value::Bool(_) | Value::Number(..) | Value::Text(_) | Value::Map(_) => {
                &[]
            }
        }
    }

    /// Returns the text; none where it is no text.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) | Value::Number(_, text) => Some(text),
            Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// Returns the entry of a key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// Returns the value of a key, or what should hold it where the key is not written.
    pub fn at(&self, key: &str) -> &Node {
        self.entry(key).map_or(self, |entry| &entry.node)
    }

    /// Returns where a key stands, or what should hold it where the key is not written.
    pub fn key_place(&self, key: &str) -> Range<usize> {
        self.entry(key).map_or_else(|| self.place.clone(), |entry| entry.place.clone())
    }

    /// Returns the value at the end of a path of positions.
    pub fn walk(&self, path: &[usize]) -> Option<&Node> {
        let Some((&first, rest)) = path.split_first() else { return Some(self) };
        self.child(first)?.walk(rest)
    }

    /// Returns the value at the end of a path of positions, to be changed.
    pub fn walk_mut(&mut self, path: &[usize]) -> Option<&mut Node> {
        let Some((&first, rest)) = path.split_first() else { return Some(self) };
        self.child_mut(first)?.walk_mut(rest)
    }

    /// Takes out what stands at the end of a path; `None` where nothing does.
    pub fn take_out(&mut self, path: &[usize]) -> Option<()> {
        let (&position, holder) = path.split_last()?;
        let holder = self.walk_mut(holder)?;
        holder.child_mut(position)?;
        let lost = match &mut holder.value {
            Value::List(items) => {
                items.remove(position);
                String::new()
            }
            Value::Map(entries) => entries.remove(position).key,
            Value::Null | Value::Bool(_) | Value::Number(..) | Value::Text(_) => return None,
        };
        holder.lost.push(lost);
        Some(())
    }

    /// Returns whether something was taken out of it or of what it holds.
    pub fn has_lost(&self) -> bool {
        !self.lost.is_empty() || self.children().any(Node::has_lost)
    }

    /// Returns the values of a slot that it or what it holds was made with.
    pub fn slotted_within(&self) -> Vec<&str> {
        let own = self.slotted.iter().map(String::as_str);
        own.chain(self.children().flat_map(Node::slotted_within)).collect()
    }

    /// Returns the texts from outside the file that it or what it holds was made with.
    pub fn foreign_within(&self) -> Vec<&str> {
        let own = self.foreign.iter().map(String::as_str);
        own.chain(self.children().flat_map(Node::foreign_within)).collect()
    }

    fn children(&self) -> impl Iterator<Item = &Node> {
        self.items().iter().chain(self.entries().iter().map(|entry| &entry.node))
    }

    fn child(&self, at: usize) -> Option<&Node> {
        self.children().nth(at)
    }

    /// Returns the child at a position.
    pub fn child_mut(&mut self, at: usize) -> Option<&mut Node> {
        match &mut self.value {
            Value::List(items) => items.get_mut(at),
            Value::Map(entries) => entries.get_mut(at).map(|entry| &mut entry.node),
            Value::Null | Value::Bool(_) | Value::Number(..) | Value::Text(_) => None,
        }
    }
}
