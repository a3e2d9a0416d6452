//! Holds the pages of `docs/` to the code.

mod commands;
mod endings;
mod ledger;
mod own;
mod permissions;
mod settings;

use std::path::{Path, PathBuf};

/// Returns the text of a page.
fn page(name: &str) -> String {
    std::fs::read_to_string(place(name)).unwrap()
}

fn place(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

/// Holds the part of a page between two marks equal to what was generated, or brings it up to date.
fn holds_generated(name: &str, what: &str, generated: &str) {
    let (begin, end) = (format!("<!-- {what}: begin -->\n"), format!("<!-- {what}: end -->"));
    let text = page(name);
    let from = text.find(&begin).unwrap_or_else(|| panic!("docs/{name} has no {begin}"));
    let to = text.find(&end).unwrap_or_else(|| panic!("docs/{name} has no {end}"));
    let (before, after) = (&text[..from + begin.len()], &text[to..]);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(place(name), format!("{before}{generated}{after}")).unwrap();
    } else {
        let there = &text[from + begin.len()..to];
        assert_eq!(there, generated, "docs/{name} is behind: run the tests with UPDATE_DOCS=1");
    }
}

/// Every test that the page of the architecture calls a guard is there.
#[test]
fn every_guard_on_the_page_of_the_architecture_is_a_test() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let code = [text_of(&root.join("src")), text_of(&root.join("tests"))].concat();
    let text = page("architecture.md");
    let guards: Vec<&str> = text.split('`').filter(|word| is_guard(word)).collect();
    assert!(guards.len() > 20, "{guards:?}");
    for guard in guards {
        assert!(code.contains(&format!("fn {guard}(")), "no test is called `{guard}`");
    }
}

fn is_guard(word: &str) -> bool {
    let plain = word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    plain && word.matches('_').count() >= 2
}

fn text_of(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    // What an interpreter leaves beside its sources is no text.
    let read = |path: PathBuf| {
        let text = |path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
        if path.is_dir() { text_of(&path) } else { text(&path) }
    };
    entries.map(read).collect()
}

/// A link from one page to another leads somewhere.
#[test]
fn every_link_between_pages_leads_to_a_page() {
    for name in all() {
        let (text, folder) = (page(&name), place(&name).parent().unwrap().to_owned());
        for link in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            let is_here = link.is_empty() || folder.join(link).is_file();
            assert!(is_here || link.starts_with("https://"), "{name} links to {link}");
        }
    }
}

/// Returns all that is written for people, named from `docs/`.
fn all() -> Vec<String> {
    let files = std::fs::read_dir(place("")).unwrap().map(|entry| entry.unwrap().path());
    let pages = files.filter(|file| file.extension().is_some_and(|end| end == "md"));
    let names = pages.map(|file| file.file_name().unwrap().to_str().unwrap().to_owned());
    names.chain(["../README.md", "../CONTRIBUTING.md"].map(ToOwned::to_owned)).collect()
}
