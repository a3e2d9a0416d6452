//! Foreign text in Markdown that GitHub renders.

use super::super::words;
use crate::domain::text;

/// Returns a foreign text as prose: it links to nothing, mentions nobody, formats nothing.
pub(super) fn prose(text: &str) -> String {
    escaped(&words::shown(text))
}

/// Returns an identifier in a code span, or as prose where a code span could be broken out of.
pub(super) fn code(text: &str) -> String {
    span(&words::shown(text))
}

/// Returns a link; what is no plain address of the web is not linked to.
pub(super) fn link(text: &str, address: &str) -> String {
    let plain = |c: char| c.is_ascii_graphic() && !"()<>[]\\`\"|".contains(c);
    let of_the_web = address.starts_with("https://") || address.starts_with("http://");
    if of_the_web && address.chars().all(plain) {
        format!("[{}]({address})", prose(text))
    } else {
        prose(text)
    }
}

/// Returns a command that is shown whole.
pub(super) fn command(text: &str) -> String {
    span(&text::clean(text, words::LONGEST_COMMAND))
}

/// Returns lines whose columns matter: nothing in them is Markdown.
pub(super) fn verbatim(text: &str) -> String {
    let line = |line: &str| {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let text = words::shown(line).replace('&', "&amp;");
        format!("{}{}\n", " ".repeat(indent), text.replace('<', "&lt;").replace('>', "&gt;"))
    };
    format!("<pre>\n{}</pre>", text.lines().map(line).collect::<String>())
}

/// Returns a sentence of ours, in which backticks set off identifiers.
pub(super) fn sentence(text: &str) -> String {
    let text = words::shown(text);
    let parts: Vec<&str> = text.split('`').collect();
    // An odd backtick has no partner, and what can be no span must not join its neighbours to an
    // address: everything is prose then.
    if parts.len().is_multiple_of(2) || parts.iter().skip(1).step_by(2).any(|it| breaks_out(it)) {
        return escaped(&text);
    }
    let told = |(at, part): (usize, &&str)| {
        if at % 2 == 1 { span(part) } else { escaped(part) }
    };
    parts.iter().enumerate().map(told).collect()
}

fn span(text: &str) -> String {
    if breaks_out(text) { escaped(text) } else { format!("`{text}`") }
}

fn breaks_out(text: &str) -> bool {
    text.trim().is_empty() || text.contains(['`', '|', '\\'])
}

/// Mentions, issues and addresses are found after escapes are undone, so they are cut in two.
const CUT: &str = "&#8203;";

fn escaped(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '|' => out.push_str("&#124;"),
            '@' | '#' => out.extend(['\\', c].into_iter().chain(CUT.chars())),
            '-' if ends_with_issue_prefix(&out) => out.extend(["\\-", CUT]),
            ':' if chars.peek() == Some(&'/') => out.extend(["\\:", CUT]),
            ',' | ';' | '\'' | '"' | '?' | '%' | '/' => out.push(c),
            c if c.is_ascii_punctuation() => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

fn ends_with_issue_prefix(out: &str) -> bool {
    let tail: String = out.chars().rev().take(2).collect();
    tail.eq_ignore_ascii_case("hg")
}

/// One row of a table from cells that are already escaped.
pub(super) fn row<const N: usize>(cells: [String; N]) -> String {
    let told = |cell: String| format!(" {cell} |");
    format!("|{}\n", cells.into_iter().map(told).collect::<String>())
}

/// The heading of a table and the line below it.
pub(super) fn heading<const N: usize>(names: [&str; N]) -> String {
    format!("{}{}", row(names.map(ToOwned::to_owned)), row([(); N].map(|()| "---".to_owned())))
}
