//! No bytes make the reader panic.

use proptest::prelude::*;

use super::*;

/// Checks what holds of every answer.
fn answered(bytes: &[u8]) {
    let Err(error) = loaded(bytes) else { return };
    let lines = String::from_utf8_lossy(bytes).split('\n').count().max(1);
    assert!(!mistakes(&error).is_empty(), "{error}");
    for mistake in mistakes(&error) {
        assert!((1..=lines).contains(&mistake.line) && mistake.column >= 1, "{mistake:?}");
        assert!(!mistake.message.is_empty());
        assert!(!mistake.message.contains(char::is_control), "{mistake:?}");
    }
    let escapes = |c: char| c != '\n' && crate::domain::text::is_unprintable(c);
    assert!(!error.message().contains(escapes), "{:?}", error.message());
}

/// Words and marks that a configuration is made of, and some that trouble readers of it.
const PIECES: [&str; 36] = [
    ": ",
    "- ",
    "\n",
    "\n  ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    "'",
    "\"",
    "#",
    "&a ",
    "*a",
    "<<: ",
    "!!str ",
    "|\n",
    ">\n",
    "? ",
    "---\n",
    "\t",
    "\r\n",
    "${env:",
    "${env:TOKEN}",
    "$$",
    "null",
    "~",
    "1",
    "-1",
    "1e400",
    "30s",
    "http",
    "checks",
    "\u{feff}",
    "\u{2028}",
    "é",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        answered(&bytes);
    }

    #[test]
    fn no_pieces_of_yaml_make_the_reader_panic(
        pieces in proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..60),
    ) {
        answered(pieces.concat().as_bytes());
    }

    #[test]
    fn no_change_to_the_example_makes_the_reader_panic(
        changes in proptest::collection::vec(
            (any::<prop::sample::Index>(), 0..12usize, proptest::sample::select(&PIECES[..])),
            1..6,
        ),
    ) {
        let mut text: Vec<char> = EXAMPLE.chars().collect();
        for (at, gone, new) in changes {
            let at = at.index(text.len());
            let end = (at + gone).min(text.len());
            text.splice(at..end, new.chars());
        }
        answered(text.into_iter().collect::<String>().as_bytes());
    }

    #[test]
    fn no_text_in_a_value_makes_the_reader_panic(text in "\\PC{0,40}") {
        let text = serde_json::Value::from(text).to_string();
        answered(format!("version: 1\nenvironments: {{{text}: {{url: {text}, services: {{{text}: {{depends_on: [{text}]}}}}, verify: {{checks: [{{name: {text}, tcp: {{address: {text}}}}}]}}}}}}\n").as_bytes());
    }
}

#[test]
fn nesting_just_below_what_the_parser_bears_is_refused_with_a_place() {
    for depth in [10, 40, 60, 100, 200, 250, 300, 5_000] {
        answered(format!("version: {}1{}\n", "[".repeat(depth), "]".repeat(depth)).as_bytes());
        answered(format!("version: {}1{}\n", "{a: ".repeat(depth), "}".repeat(depth)).as_bytes());
        let lines: Vec<String> = (0..depth).map(|at| " ".repeat(at) + "a:\n").collect();
        answered(lines.concat().as_bytes());
    }
}
