//! Reads Rust text as tokens, without comments and texts.

use std::iter::Peekable;
use std::str::Chars;

/// One token and the line it begins on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) line: usize,
}

impl Token {
    pub(super) fn is(&self, text: &str) -> bool {
        self.text == text
    }

    pub(super) fn is_word(&self) -> bool {
        self.text.starts_with(|c: char| c.is_alphabetic() || c == '_')
    }
}

/// Stands for every text, character and byte literal.
pub(super) const LITERAL: &str = "\"";

/// Returns the tokens of a text; `::` is one, and a literal says nothing of what is in it.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut reader = Reader { rest: text.chars().peekable(), line: 1, found: Vec::new() };
    while reader.step() {}
    reader.found
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    line: usize,
    found: Vec<Token>,
}

impl Reader<'_> {
    fn step(&mut self) -> bool {
        let line = self.line;
        let Some(c) = self.next() else { return false };
        match c {
            '/' if self.peek() == Some('/') => while !matches!(self.next(), None | Some('\n')) {},
            '/' if self.peek() == Some('*') => self.block_comment(),
            '"' => self.literal('"', line),
            '\'' => self.quote(line),
            ':' if self.peek() == Some(':') => {
                self.next();
                self.push("::", line);
            }
            c if c.is_whitespace() => {}
            c if c.is_alphanumeric() || c == '_' => self.word(c, line),
            c => self.push(c.to_string(), line),
        }
        true
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest.next();
        self.line += usize::from(next == Some('\n'));
        next
    }

    fn peek(&mut self) -> Option<char> {
        self.rest.peek().copied()
    }

    fn push(&mut self, text: impl Into<String>, line: usize) {
        self.found.push(Token { text: text.into(), line });
    }

    fn block_comment(&mut self) {
        let mut depth = 0_u32;
        let mut before = '/';
        while let Some(c) = self.next() {
            match (before, c) {
                ('/', '*') => depth += 1,
                ('*', '/') => depth -= 1,
                _ => {
                    before = c;
                    continue;
                }
            }
            before = ' ';
            if depth == 0 {
                return;
            }
        }
    }

    fn literal(&mut self, end: char, line: usize) {
        while let Some(c) = self.next() {
            match c {
                '\\' => {
                    self.next();
                }
                c if c == end => break,
                _ => {}
            }
        }
        self.push(LITERAL, line);
    }

    /// A lifetime has no second quote right after its first character.
    fn quote(&mut self, line: usize) {
        let mut ahead = self.rest.clone();
        let (first, second) = (ahead.next(), ahead.next());
        if first == Some('\\') || second == Some('\'') {
            self.literal('\'', line);
        }
    }

    fn word(&mut self, first: char, line: usize) {
        let mut word = first.to_string();
        while let Some(c) = self.peek().filter(|c| c.is_alphanumeric() || *c == '_') {
            word.push(c);
            self.next();
        }
        let raw = matches!(word.as_str(), "r" | "br" | "cr");
        let plain = matches!(word.as_str(), "b" | "c");
        match self.peek() {
            Some('"' | '#') if raw && self.opens_raw() => self.raw_literal(line),
            Some(quote @ ('"' | '\'')) if plain => {
                self.next();
                self.literal(quote, line);
            }
            _ => self.push(word, line),
        }
    }

    fn opens_raw(&self) -> bool {
        self.rest.clone().find(|c| *c != '#') == Some('"')
    }

    fn raw_literal(&mut self, line: usize) {
        let mut hashes = 0;
        while self.next() == Some('#') {
            hashes += 1;
        }
        let mut seen = None;
        while let Some(c) = self.next() {
            seen = match (c, seen) {
                ('"', _) => Some(0),
                ('#', Some(count)) => Some(count + 1),
                _ => None,
            };
            if seen == Some(hashes) {
                break;
            }
        }
        self.push(LITERAL, line);
    }
}

#[test]
fn comments_and_texts_hide_nothing_and_show_nothing() {
    let text = r##"a // crate::b
/* crate::c /* */ crate::d */ "crate::\"e" 'f' '\'' 'g: r#"crate::"h"# b'i' x::y"##;
    let found: Vec<_> = tokens(text).into_iter().map(|token| token.text).collect();
    let quote = LITERAL;
    assert_eq!(found, ["a", quote, quote, quote, "g", ":", quote, quote, "x", "::", "y"]);
}

#[test]
fn tokens_know_their_lines() {
    let lines: Vec<_> = tokens("a\n\"b\nc\" d\n").into_iter().map(|token| token.line).collect();
    assert_eq!(lines, [1, 2, 3]);
}
