//! Measures functions.

use super::source::{Source, closed};
use super::tokens::Token;

const MOST: usize = 50;

/// Complains of each function body that is too long and no flat match.
pub(super) fn too_long(source: &Source) -> Vec<String> {
    let all = &source.tokens;
    let mut found = Vec::new();
    for at in 0..all.len() {
        let Some((open, end)) = body(all, at) else { continue };
        let lines = (all[end - 1].line - all[open].line).saturating_sub(1);
        if lines > MOST && !is_one_match(&all[open + 1..end - 1]) {
            let told = format!("`{}` has {lines} lines", all[at + 1].text);
            found.push(source.complain(all[at].line, &told));
        }
    }
    found
}

/// Where the body of the function declared here begins and ends.
fn body(all: &[Token], at: usize) -> Option<(usize, usize)> {
    if !all[at].is("fn") || !all.get(at + 1)?.is_word() {
        return None;
    }
    let mut next = at + 2;
    loop {
        match all.get(next)?.text.as_str() {
            "{" => return Some((next, closed(all, next))),
            ";" => return None,
            "(" | "[" => next = closed(all, next),
            _ => next += 1,
        }
    }
}

fn is_one_match(inner: &[Token]) -> bool {
    let opens = inner.iter().position(|token| token.is("{"));
    inner.first().is_some_and(|token| token.is("match"))
        && opens.is_some_and(|open| closed(inner, open) == inner.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(text: &str) -> usize {
        too_long(&Source::new("src/flow/a.rs", text)).len()
    }

    #[test]
    fn a_body_of_51_lines_is_too_long() {
        let of = |count: usize| format!("fn f() -> [u8; 2] {{\n{}}}\n", "g();\n".repeat(count));
        assert_eq!(complaints(&of(MOST)), 0);
        assert_eq!(complaints(&of(MOST + 1)), 1);
    }

    #[test]
    fn one_flat_match_may_be_as_long_as_it_needs() {
        let arms = "A => 1,\n".repeat(MOST + 1);
        assert_eq!(complaints(&format!("fn f(a: A) -> u8 {{\nmatch a {{\n{arms}}}\n}}\n")), 0);
        assert_eq!(
            complaints(&format!("fn f(a: A) -> u8 {{\nlet b = match a {{\n{arms}}};\nb\n}}\n")),
            1
        );
    }
}
