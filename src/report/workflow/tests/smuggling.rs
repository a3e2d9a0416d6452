//! Tries to smuggle commands, outputs and markup through foreign text.

use proptest::prelude::*;

use super::super::super::samples;
use super::super::*;
use super::{DRAWN, of, value};
use crate::domain::text::is_unprintable;

#[test]
fn a_delimiter_that_a_value_holds_is_refused() {
    let named = [("version".to_owned(), format!("1.0\n{DRAWN}\nresult<<x\nok\nx"))];
    assert!(write_outputs(&named, DRAWN).is_err());
    assert!(write_outputs(&[], "").is_err());
    assert!(write_outputs(&[], "a\nb").is_err());
}

#[test]
fn a_title_cannot_end_early() {
    let mut outcome = samples::sick();
    outcome.gate.as_mut().unwrap().checks[0].name = "a,file=x::b\n%".to_owned();
    let told = annotations(&samples::context("verify"), Ok(&outcome));
    assert!(told[1].starts_with("::warning title=a%2Cfile=x%3A%3Ab %25%3A fail::"), "{}", told[1]);
}

#[test]
fn foreign_text_is_no_markdown() {
    for (foreign, told) in [
        ("a|b", "a&#124;b"),
        ("`x`", "\\`x\\`"),
        ("<img src=x>", "&lt;img src\\=x&gt;"),
        ("&lt;", "&amp;lt;"),
        ("@octocat", "\\@&#8203;octocat"),
        ("see #1", "see \\#&#8203;1"),
        ("GH-1", "GH\\-&#8203;1"),
        ("[a](b)", "\\[a\\]\\(b\\)"),
        ("https://evil.example", "https\\:&#8203;//evil\\.example"),
        ("www.evil.example", "www\\.evil\\.example"),
        ("a@b.example", "a\\@&#8203;b\\.example"),
        ("**bold** _x_ ~y~", "\\*\\*bold\\*\\* \\_x\\_ \\~y\\~"),
        ("a\n# b", "a \\#&#8203; b"),
        ("\\|", "\\\\&#124;"),
        ("$x$", "\\$x\\$"),
        ("\u{1b}[31m", "\u{fffd}\\[31m"),
    ] {
        assert_eq!(markdown::prose(foreign), told, "{foreign}");
    }
}

#[test]
fn a_code_span_cannot_be_left() {
    for (foreign, told) in [
        ("1.0", "`1.0`"),
        ("a`b", "a\\`b"),
        ("a\\|@b", "a\\\\&#124;\\@&#8203;b"),
        ("a|b", "a&#124;b"),
        ("@octocat", "`@octocat`"),
    ] {
        assert_eq!(markdown::code(foreign), told, "{foreign}");
    }
    assert_eq!(markdown::sentence("ran `a` and `b`"), "ran `a` and `b`");
    for (foreign, told) in [
        ("https:``//evil.example", "https\\:\\`\\`//evil\\.example"),
        ("`| https:`//evil.example", "\\`&#124; https\\:\\`//evil\\.example"),
        ("GH``-1", "GH\\`\\`\\-1"),
    ] {
        assert_eq!(
            markdown::sentence(foreign),
            told,
            "what is no code span joins what it stood between"
        );
    }
    assert_eq!(markdown::sentence("ran `a and @b"), "ran \\`a and \\@&#8203;b");
}

/// Reads an output file as the runner does.
fn read(file: &str) -> Vec<(String, String)> {
    let mut lines = file.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        let (name, delimiter) = line.split_once("<<").unwrap();
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != delimiter).collect();
        found.push((name.to_owned(), value.join("\n")));
    }
    found
}

fn evil() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("::set-output name=result::ok".to_owned()),
        Just("\n::error::x".to_owned()),
        Just("\r\nresult<<x\r\nok\r\nx".to_owned()),
        Just("##[add-mask]a".to_owned()),
        Just("%0A::error::".to_owned()),
        Just("\u{2028}LASTGOOD_RESULT=ok".to_owned()),
        "\\PC{0,12}",
        "[|`@#<>\\\\\\[\\]\n]{0,6}",
    ];
    proptest::collection::vec(part, 1..5).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_output_becomes_another(foreign in evil()) {
        for outcome in samples::poisoned(&foreign) {
            let told = of("verify", &outcome);
            let names: Vec<String> = told.iter().map(|(name, _)| name.clone()).collect();
            let found = read(&write_outputs(&told, DRAWN).unwrap());
            prop_assert_eq!(found.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), names);
            prop_assert_eq!(value(&found, "result"), value(&told, "result"));
            let lines = dotenv(&told);
            prop_assert_eq!(lines.lines().count(), told.len());
            prop_assert!(lines.lines().all(|line| line.starts_with("LASTGOOD_")));
        }
    }

    #[test]
    fn no_annotation_becomes_another_command(foreign in evil()) {
        for outcome in samples::poisoned(&foreign) {
            for line in annotations(&samples::context("verify"), Ok(&outcome)) {
                prop_assert!(!line.contains(['\n', '\r', '\u{2028}']), "{:?}", line);
                prop_assert!(!line.contains("##["), "{:?}", line);
                let title = line.split("::").nth(1).unwrap();
                prop_assert_eq!(title.matches(',').count(), 0, "{:?}", line);
            }
        }
    }

    #[test]
    fn no_table_of_a_summary_has_a_cell_too_many(foreign in evil()) {
        for outcome in samples::poisoned(&foreign) {
            let page = summary(&samples::context("verify"), Ok(&outcome), &Besides::default());
            prop_assert!(!page.chars().any(|c| c != '\n' && is_unprintable(c)));
            let mut cells = None;
            for line in page.lines() {
                let count = line.matches('|').count();
                match (line.starts_with("| "), cells) {
                    (true, Some(expected)) => prop_assert_eq!(count, expected, "{:?}", line),
                    (true, None) => cells = Some(count),
                    (false, _) => { prop_assert_eq!(count, 0, "{:?}", line); cells = None; }
                }
            }
        }
    }

    #[test]
    fn a_guard_holds_whatever_is_in_it(foreign in evil()) {
        let text = guard(foreign.lines(), DRAWN).unwrap();
        prop_assert_eq!(text.matches(DRAWN).count(), 2);
        let ends = format!("::{DRAWN}::\n");
        prop_assert!(text.ends_with(&ends));
    }
}
