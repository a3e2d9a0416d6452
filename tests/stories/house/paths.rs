//! Finds every path that a file names, resolved from the crate's root.

use super::source::Source;
use super::tokens::Token;

/// A path that a file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) root: Root,
    pub(super) path: Vec<String>,
    pub(super) line: usize,
    /// The name that a `use` gives it in this file.
    pub(super) called: Option<String>,
}

/// Where a path begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    /// In this crate.
    House,
    /// In another crate, or in the standard library.
    Outside,
}

impl Named {
    pub(super) fn is_in(&self, prefix: &str) -> bool {
        self.path.iter().map(String::as_str).zip(prefix.split("::")).all(|(a, b)| a == b)
            && self.path.len() >= prefix.split("::").count()
    }

    /// Whether it takes in so much that what is below it cannot be told.
    pub(super) fn may_hide(&self, prefix: &str) -> bool {
        let star = self.path.last().is_some_and(|last| last == "*");
        let stem = &self.path[..self.path.len() - usize::from(star)];
        let parts: Vec<&str> = prefix.split("::").collect();
        stem.len() < parts.len() && stem.iter().zip(&parts).all(|(a, b)| a == b)
    }
}

/// Returns every path that a file names by `use`, `crate::`, `super::`, `self::` or another crate's name.
pub(super) fn named(source: &Source) -> Vec<Named> {
    let mut reader = Reader {
        all: &source.tokens,
        at: 0,
        module: source.module.clone(),
        inner: Vec::new(),
        depth: 0,
        found: Vec::new(),
    };
    while reader.at < reader.all.len() {
        reader.step();
    }
    reader.found
}

struct Reader<'a> {
    all: &'a [Token],
    at: usize,
    module: Vec<String>,
    inner: Vec<usize>,
    depth: usize,
    found: Vec<Named>,
}

impl Reader<'_> {
    fn step(&mut self) {
        let token = &self.all[self.at];
        match token.text.as_str() {
            "{" => self.depth += 1,
            "}" => self.leave(),
            "mod" if self.follows(2, "{") => {
                self.module.push(self.all[self.at + 1].text.clone());
                self.inner.push(self.depth);
            }
            "use" if !self.follows(1, "<") => {
                self.at += 1;
                return self.tree(&[]);
            }
            _ if token.is_word() && !self.is_continued() && self.follows(1, "::") => {
                return self.path();
            }
            _ => {}
        }
        self.at += 1;
    }

    fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if self.inner.last() == Some(&self.depth) {
            self.inner.pop();
            self.module.pop();
        }
    }

    fn follows(&self, after: usize, text: &str) -> bool {
        self.all.get(self.at + after).is_some_and(|token| token.is(text))
    }

    fn is_continued(&self) -> bool {
        self.at > 0 && self.all[self.at - 1].is("::")
    }

    /// A path in code, up to where it stops being names.
    fn path(&mut self) {
        let line = self.all[self.at].line;
        let mut parts = vec![self.all[self.at].text.clone()];
        self.at += 1;
        while self.follows(0, "::") && self.all.get(self.at + 1).is_some_and(Token::is_word) {
            parts.push(self.all[self.at + 1].text.clone());
            self.at += 2;
        }
        self.keep(&parts, line, None);
    }

    /// One branch of a `use`, and the branches in its braces.
    fn tree(&mut self, stem: &[String]) {
        let mut parts = stem.to_vec();
        let mut line = 0;
        let mut alias = None;
        while let Some(token) = self.all.get(self.at) {
            line = line.max(token.line);
            match token.text.as_str() {
                "{" => return self.group(&parts),
                ";" | "," | "}" => break,
                "as" => {
                    self.at += 1;
                    alias = self.all.get(self.at).map(|token| token.text.clone());
                }
                "::" => {}
                "self" if !parts.is_empty() => {}
                _ => parts.push(token.text.clone()),
            }
            self.at += 1;
        }
        let called = alias.or_else(|| parts.last().cloned());
        self.keep(&parts, line, called);
    }

    fn group(&mut self, stem: &[String]) {
        self.at += 1;
        while let Some(token) = self.all.get(self.at) {
            match token.text.as_str() {
                "}" => break,
                "," => self.at += 1,
                _ => self.tree(stem),
            }
        }
        self.at += 1;
    }

    fn keep(&mut self, parts: &[String], line: usize, called: Option<String>) {
        let Some(first) = parts.first() else { return };
        let up = parts.iter().take_while(|part| *part == "super").count();
        let (root, path) = match first.as_str() {
            "crate" | "lastgood" => (Root::House, parts[1..].to_vec()),
            "self" => {
                let up = parts[1..].iter().take_while(|part| *part == "super").count();
                (Root::House, self.above(up, &parts[1 + up..]))
            }
            "super" => (Root::House, self.above(up, &parts[up..])),
            _ => (Root::Outside, parts.to_vec()),
        };
        self.found.push(Named { root, path, line, called });
    }

    fn above(&self, up: usize, rest: &[String]) -> Vec<String> {
        let stays = self.module.len().saturating_sub(up);
        [&self.module[..stays], rest].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(path: &str, text: &str) -> Vec<String> {
        let all = named(&Source::new(path, text));
        all.into_iter().map(|named| named.path.join("::")).collect()
    }

    #[test]
    fn every_branch_of_a_use_is_a_path() {
        let text = "pub use crate::{a::{self, B as C}, d::*};\nuse std::fs;";
        let expected = ["a", "a::B", "d::*", "std::fs"];
        assert_eq!(paths("src/flow/x.rs", text), expected);
    }

    #[test]
    fn super_is_counted_from_the_innermost_module() {
        let text = "use super::a; mod inner { use super::super::b; fn f() { super::c::d() } } fn g() { self::e::h() }";
        let expected = ["flow::a", "flow::b", "flow::x::c::d", "flow::x::e::h"];
        assert_eq!(paths("src/flow/x.rs", text), expected);
    }

    #[test]
    fn a_path_in_the_middle_of_code_counts() {
        let text = "fn f(a: &crate::adapters::git::Store) -> Vec<lastgood::cli::X> { a.b::<u8>() }";
        let expected = ["adapters::git::Store", "cli::X", "b"];
        assert_eq!(paths("src/flow/x.rs", text)[..2], expected[..2]);
    }

    #[test]
    fn a_star_or_a_bare_crate_may_hide_what_is_below() {
        let of = |text: &str| named(&Source::new("src/flow/x.rs", text)).remove(0);
        assert!(of("use std::*;").may_hide("std::fs"));
        assert!(of("use std as s;").may_hide("std::fs"));
        assert!(of("use std::fs;").is_in("std::fs"));
        assert!(!of("use std::fmt;").is_in("std::fs"));
        assert!(!of("use std::fmt::*;").may_hide("std::fs"));
    }
}
