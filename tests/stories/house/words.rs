//! Looks for words that have no place in the product.

use super::source::Source;
use super::tokens::Token;

const MACROS: [&str; 10] = [
    "print",
    "println",
    "eprint",
    "eprintln",
    "dbg",
    "panic",
    "todo",
    "unimplemented",
    "unreachable",
    "assert",
];

const LEFTOVERS: [&str; 8] =
    ["common", "helper", "helpers", "manager", "misc", "util", "utilities", "utils"];

/// Returns each place that prints, exits or panics outside of the command line.
pub(super) fn loud(source: &Source) -> Vec<String> {
    if matches!(source.room(), "cli" | "main") {
        return Vec::new();
    }
    let all = &source.tokens;
    let loud = (0..all.len()).filter(|at| is_loud(all, *at));
    loud.map(|at| source.complain(all[at].line, &all[at].text)).collect()
}

fn is_loud(all: &[Token], at: usize) -> bool {
    let word = all[at].text.as_str();
    let before = at.checked_sub(1).map_or("", |before| all[before].text.as_str());
    let after = all.get(at + 1).map_or("", |after| after.text.as_str());
    let stdio =
        matches!(word, "stdout" | "stderr") && after == "(" && before != "fn" && before != ".";
    let calls = matches!(word, "unwrap" | "expect" | "unwrap_err" | "expect_err") && before == ".";
    let ends = matches!(word, "exit" | "abort") && matches!(before, "::");
    let says = MACROS.contains(&word) && after == "!";
    says || (calls && after == "(") || (ends && after == "(") || stdio
}

/// Returns each `unsafe`.
pub(super) fn not_safe(source: &Source) -> Vec<String> {
    let found = source.tokens.iter().filter(|token| token.is("unsafe"));
    found.map(|token| source.complain(token.line, "it is unsafe")).collect()
}

/// Complains of a file or folder that is named for what nobody found a home for.
pub(super) fn leftovers(source: &Source) -> Vec<String> {
    let path = source.path.trim_end_matches(".rs");
    let bad = path.split('/').find(|part| LEFTOVERS.contains(part));
    bad.map(|part| source.complain(1, &format!("`{part}` says nothing"))).into_iter().collect()
}

/// Returns each remark that work is left.
pub(super) fn remarks(source: &Source) -> Vec<String> {
    // Put together here, so that this file does not hold what it looks for.
    let marks =
        [["TO", "DO"], ["FIX", "ME"], ["XX", "X"], ["HA", "CK"]].map(|parts| parts.concat());
    let lines = source.text.lines().enumerate();
    let says = |line: &str| {
        line.split(|c: char| !c.is_alphanumeric()).any(|word| marks.iter().any(|mark| word == mark))
    };
    let left = lines.filter(|(_, line)| says(line));
    left.map(|(at, line)| source.complain(at + 1, line.trim())).collect()
}

/// Returns each `#[path]` and `include!`, by which a module could come from anywhere.
pub(super) fn side_doors(source: &Source) -> Vec<String> {
    let found = source.tokens.windows(3).filter(|seen| {
        let path = seen[0].is("[") && seen[1].is("path") && seen[2].is("=");
        path || (seen[0].is("include") && seen[1].is("!"))
    });
    found.map(|seen| source.complain(seen[0].line, "a module by another way")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(text: &str) -> Source {
        Source::new("src/flow/a.rs", text)
    }

    #[test]
    fn whatever_prints_exits_or_panics_is_named() {
        for bad in [
            "println!(\"x\")",
            "a.unwrap()",
            "a.expect(\"x\")",
            "panic!()",
            "std::process::exit(1)",
            "std::io::stdout()",
        ] {
            let text = format!("fn f() {{ {bad}; }}");
            assert_eq!(loud(&flow(&text)).len(), 1, "{bad}");
            assert_eq!(loud(&Source::new("src/cli/a.rs", &text)).len(), 0, "{bad}");
        }
    }

    #[test]
    fn what_only_looks_loud_is_left_in_peace() {
        for good in [
            "#[expect(dead_code, reason = \"x\")] fn f() {}",
            "fn f() { a.unwrap_or(1); desk.panic(); } // println!(\"x\")",
            "fn f() { command.stdout(pipe); } fn stderr() {}",
            "#[cfg(test)] mod tests { fn f() { a.unwrap(); } }",
        ] {
            assert_eq!(loud(&flow(good)), [""; 0], "{good}");
        }
    }

    #[test]
    fn unsafe_code_remarks_and_side_doors_are_named() {
        let remark = ["// TO", "DO: later"].concat();
        assert_eq!(not_safe(&flow("fn f() { unsafe { g() } }")).len(), 1);
        assert_eq!(remarks(&flow(&remark)).len(), 1);
        assert_eq!(side_doors(&flow("#[path = \"x.rs\"] mod a; include!(\"y.rs\");")).len(), 2);
        assert_eq!(side_doors(&flow("const A: &str = include_str!(\"y\");")).len(), 0);
    }

    #[test]
    fn a_file_named_for_leftovers_is_named() {
        assert_eq!(leftovers(&Source::new("src/flow/utils.rs", "")).len(), 1);
        assert_eq!(leftovers(&Source::new("src/helpers/a.rs", "")).len(), 1);
        assert_eq!(leftovers(&Source::new("src/flow/settle.rs", "")).len(), 0);
    }
}
