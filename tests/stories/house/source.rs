//! Finds the source files, and leaves their tests aside.

use std::path::Path;

use super::tokens::{Token, tokens};

/// One file of `src/` or `tests/`.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// The path from the root of the repository, with `/`.
    pub(super) path: String,
    /// The modules it is in; empty for a crate's root.
    pub(super) module: Vec<String>,
    /// The whole text.
    pub(super) text: String,
    /// The tokens outside of tests; none in a file that is one.
    pub(super) tokens: Vec<Token>,
    /// How many lines are not tests.
    pub(super) lines: usize,
}

impl Source {
    /// Reads a text as the file of that path.
    pub(super) fn new(path: &str, text: &str) -> Self {
        let (tokens, tested) = without_tests(tokens(text));
        let lines = text.lines().count() - tested;
        Self { path: path.to_owned(), module: module(path), text: text.to_owned(), tokens, lines }
    }

    /// Returns the first folder or file below `src/`; the root of a crate is `lib` or `main`.
    pub(super) fn room(&self) -> &str {
        match self.module.first() {
            Some(room) => room,
            None => self.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs"),
        }
    }

    pub(super) fn is_product(&self) -> bool {
        self.path.starts_with("src/")
    }

    /// Returns a complaint that a terminal can jump to.
    pub(super) fn complain(&self, line: usize, about: &str) -> String {
        format!("{}:{line}: {about}", self.path)
    }
}

/// Returns every Rust file of the repository; files that are tests keep their text and no tokens.
pub(super) fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["src", "tests"] {
        walk(root, folder, &mut found);
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    let tests = test_modules(&found);
    for source in &mut found {
        let is_below = |test: &Vec<String>| source.module.starts_with(test);
        if !source.is_product() || tests.iter().any(is_below) {
            source.tokens.clear();
            source.lines = 0;
        }
    }
    found
}

fn walk(root: &Path, folder: &str, found: &mut Vec<Source>) {
    for entry in std::fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            walk(root, &path, found);
        } else if entry.path().extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            found.push(Source::new(&path, &text));
        }
    }
}

fn module(path: &str) -> Vec<String> {
    let inner = path.split_once('/').map_or(path, |(_, inner)| inner).trim_end_matches(".rs");
    let mut parts: Vec<String> = inner.split('/').map(ToOwned::to_owned).collect();
    let is_root = parts.len() == 1 && matches!(parts[0].as_str(), "lib" | "main");
    if is_root || parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}

/// The modules that are declared for tests alone, each in a file of its own.
fn test_modules(sources: &[Source]) -> Vec<Vec<String>> {
    let of = |source: &Source| {
        let all = tokens(&source.text);
        let names = test_items(&all).into_iter().filter_map(|(start, end)| {
            let item = &all[start..end];
            let at = item.iter().rposition(|token| token.is("mod"))?;
            let ends = item.get(at + 2).is_some_and(|token| token.is(";"));
            ends.then(|| [source.module.clone(), vec![item[at + 1].text.clone()]].concat())
        });
        names.collect::<Vec<_>>()
    };
    sources.iter().filter(|source| source.is_product()).flat_map(of).collect()
}

fn without_tests(mut all: Vec<Token>) -> (Vec<Token>, usize) {
    let mut lines = 0;
    for (start, end) in test_items(&all).into_iter().rev() {
        lines += all[end - 1].line - all[start].line + 1;
        all.drain(start..end);
    }
    (all, lines)
}

/// Where the items marked `#[cfg(test)]` begin and end.
fn test_items(all: &[Token]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < all.len() {
        let opens = all[at].is("#") && all.get(at + 1).is_some_and(|token| token.is("["));
        if !opens {
            at += 1;
            continue;
        }
        let after = closed(all, at + 1);
        let says = |word: &str| all[at..after].iter().any(|token| token.is(word));
        if says("cfg") && says("test") && !says("not") {
            let end = item_end(all, after);
            found.push((at, end));
            at = end;
        } else {
            at = after;
        }
    }
    found
}

/// The end of the item that begins here: its `;`, or the brace that closes it.
fn item_end(all: &[Token], start: usize) -> usize {
    let mut at = start;
    let is_use = all.get(start).is_some_and(|token| token.is("use"));
    while let Some(token) = all.get(at) {
        match token.text.as_str() {
            ";" => return at + 1,
            "{" if !is_use => return closed(all, at),
            "(" | "[" | "{" => at = closed(all, at),
            _ => at += 1,
        }
    }
    all.len()
}

/// The place after the bracket that closes the one here.
pub(super) fn closed(all: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in all.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return at + 1;
        }
    }
    all.len()
}

#[test]
fn tests_at_the_bottom_are_not_counted() {
    let text = "//! A.\nfn a() {}\n\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n";
    let source = Source::new("src/flow/a.rs", text);
    assert_eq!(source.lines, 3);
    assert!(source.tokens.iter().any(|token| token.is("a")));
    assert!(!source.tokens.iter().any(|token| token.is("b")));
}

#[test]
fn a_module_for_tests_alone_is_known_by_its_declaration() {
    let declared = Source::new("src/flow/a.rs", "#[cfg(test)]\nmod fake;\nmod real;\n");
    assert_eq!(test_modules(&[declared]), [["flow", "a", "fake"]]);
}

#[test]
fn a_file_knows_its_module_and_its_room() {
    let named = |path: &str| Source::new(path, "").module.join("::");
    assert_eq!(named("src/flow/observe/crew.rs"), "flow::observe::crew");
    assert_eq!(named("src/flow/mod.rs"), "flow");
    assert_eq!(named("src/lib.rs"), "");
    assert_eq!(Source::new("src/main.rs", "").room(), "main");
    assert_eq!(Source::new("src/ports.rs", "").room(), "ports");
}
