//! Reads the first line of each file.

use super::source::Source;

const MOST_WORDS: usize = 12;

/// Complains of a file that does not begin with one short sentence.
pub(super) fn broken(source: &Source) -> Vec<String> {
    let first = source.text.lines().next().unwrap_or_default();
    let why = match first.strip_prefix("//! ") {
        None => "begins with something else",
        Some(said) if !said.ends_with('.') => "has no full stop",
        Some(said) if said.split_whitespace().count() > MOST_WORDS => {
            "is longer than a dozen words"
        }
        Some(_) => return Vec::new(),
    };
    vec![source.complain(1, &format!("{why}: {first}"))]
}

#[test]
fn a_file_without_a_short_first_sentence_is_named() {
    let of = |text: &str| broken(&Source::new("src/flow/a.rs", text)).len();
    assert_eq!(of("//! Says why.\n"), 0);
    for bad in ["use std::fmt;\n", "//! Says why\n", "// Says why.\n", ""] {
        assert_eq!(of(bad), 1, "{bad}");
    }
    assert_eq!(of(&format!("//! {}word.\n", "word ".repeat(MOST_WORDS))), 1);
}
