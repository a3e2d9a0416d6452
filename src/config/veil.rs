//! Veils the secrets of a file where its lines are shown.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::mistake::{Finding, Sight};
use super::place;

/// The value of a key that is called like a secret, and what stands before the host in an address.
static SECRETS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let named =
        r#"(?:passw[a-z]*|secret|token|bearer|authorization|api[-_]?key)["']?[ \t]*:[ \t]*"#;
    let value = r#"("[^"\n]*"|'[^'\n]*'|[^\s,}{\["'][^,}\n]*)"#;
    Regex::new(&format!(r#"(?i){named}{value}|://([^\s"'/@]*(?:@[^\s"'/@]*)*)@"#)).ok()
});

/// Returns the text with stars for what is secret, byte for byte, so that marks stay where they are.
///
/// A mistake may hide which key a value belongs to, so what only looks like a secret is veiled, too; a reference to a
/// variable is none.
pub(super) fn over(text: &str, findings: &[Finding]) -> String {
    let told = findings.iter().filter(|finding| finding.sight == Sight::Veiled);
    let told = told.map(|finding| place::within(text, finding.place.clone()));
    let looks = SECRETS.iter().flat_map(|secrets| secrets.captures_iter(text));
    let looks = looks.filter_map(|found| found.get(1).or(found.get(2)).map(|part| part.range()));
    let looks = looks.filter(|part| !text[part.clone()].contains("${"));
    told.chain(looks).fold(text.to_owned(), |text, part| starred(&text, part))
}

fn starred(text: &str, part: Range<usize>) -> String {
    let star = |c: char| if c == '\n' { "\n".to_owned() } else { "*".repeat(c.len_utf8()) };
    let stars: String = text[part.clone()].chars().map(star).collect();
    format!("{}{stars}{}", &text[..part.start], &text[part.end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_veiled_and_all_else_stays_where_it_is() {
        for (text, seen) in [
            ("{bearer: \"a, b\", url: x}", "{bearer: ******, url: x}"),
            ("{password: öl, a: 1}", "{password: ***, a: 1}"),
            ("X-Api-Key: 'k'\nurl: y", "X-Api-Key: ***\nurl: y"),
            ("url: http://me:p@ss@host:99999/", "url: http://*******@host:99999/"),
            ("bearer: ${env:TOKEN}", "bearer: ${env:TOKEN}"),
            ("url: pg://me:${env:PW}@host/", "url: pg://me:${env:PW}@host/"),
            ("bearer_file: t\npassword:\n  a: b", "bearer_file: t\npassword:\n  a: b"),
        ] {
            assert_eq!(over(text, &[]), seen);
        }
    }

    #[test]
    fn what_was_found_to_be_a_secret_is_veiled_in_every_mistake() {
        let text = "url: sqlite?key=1";
        let found = Finding::new(5..text.len(), "secret").veiled();
        assert_eq!(over(text, &[found]), "url: ************");
    }
}
