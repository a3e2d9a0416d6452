//! Holds the pages of `docs/` to the code.

mod endings;
mod ledger;

use std::path::PathBuf;

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
