//! Gathers what is wrong while the meaning is made out.

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::mistake::Finding;
use super::super::node::Node;
use super::super::place;
use crate::domain::check::Check;
use crate::domain::text::clean;

/// All that was found so far in a file.
pub(in super::super) struct Findings<'a> {
    /// The file's text.
    pub text: &'a str,
    /// What is wrong in it.
    pub list: Vec<Finding>,
    /// The checks of the environment that is being read, and where they stand.
    pub asked: Vec<(Check, &'a Node)>,
    /// Whether one of them could not be made sense of.
    pub dropped: Lost,
}

/// Whether a check may have been lost by a mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Lost {
    /// All were read.
    None,
    /// One may be missing.
    Some,
}

impl<'a> Findings<'a> {
    /// Begins with what was found before.
    pub fn new(text: &'a str, list: Vec<Finding>) -> Self {
        Self { text, list, asked: Vec::new(), dropped: Lost::None }
    }

    /// Returns whether a check of an environment may have been lost.
    pub fn lost_checks(&mut self, environment: &Node) -> Lost {
        let dropped = std::mem::replace(&mut self.dropped, Lost::None);
        let services = environment.at("services");
        let each = services.entries().iter().map(|entry| &entry.node);
        let holders = each.chain([environment.at("verify")]);
        let lists = holders.clone().map(|holder| holder.at("checks"));
        let above = [environment, services].into_iter();
        let lost = above.chain(holders).chain(lists).any(|node| !node.lost.is_empty());
        if lost { Lost::Some } else { dropped }
    }

    /// Returns whether a check of a list may have been lost.
    pub fn lost_in(&mut self, list: &Node) -> Lost {
        let dropped = std::mem::replace(&mut self.dropped, Lost::None);
        if list.lost.is_empty() { dropped } else { Lost::Some }
    }

    /// Adds a mistake at a place.
    pub fn add(&mut self, finding: Finding) {
        self.list.push(finding);
    }

    /// Adds a mistake about a key's value; what came from outside the file is not shown.
    pub fn about(&mut self, node: &Node, message: impl Into<String>) {
        let finding = if node.foreign.is_empty() {
            Finding::new(node.place.clone(), message)
        } else {
            Finding::hidden(node.place.clone())
        };
        self.add(finding);
    }

    /// Returns the number of the line of a place.
    pub fn line(&self, place: &Range<usize>) -> usize {
        place::line_column(self.text, place.start).0
    }

    /// Returns the keys of a map as names; what is none, or differs from another only by case, is told.
    pub fn names<N, E: std::fmt::Display>(
        &mut self,
        map: &Node,
        what: &str,
        new: impl Fn(String) -> Result<N, E>,
    ) -> BTreeMap<String, N> {
        let mut names = BTreeMap::new();
        let mut folded: BTreeMap<String, (String, usize)> = BTreeMap::new();
        for entry in map.entries() {
            let key = entry.key.clone();
            let line = self.line(&entry.place);
            if let Some((other, line)) = folded.get(&key.to_lowercase()) {
                let [key, other] = [&key, other].map(|name| clean(name, 100));
                let message = format!("{what} `{key}` differs from `{other}` only by case");
                let hint =
                    format!("`{other}` stands on line {line}; give one of them another name");
                self.add(Finding::new(entry.place.clone(), message).hint(hint));
            }
            folded.entry(key.to_lowercase()).or_insert((key.clone(), line));
            match new(key.clone()) {
                Ok(name) => drop(names.insert(key, name)),
                Err(why) => self.add(Finding::new(entry.place.clone(), why.to_string())),
            }
        }
        names
    }
}
