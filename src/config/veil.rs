//! Veils the secrets of a file where its lines are shown.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::place;

/// What stands before the host in an address, with a scheme or with a password.
const BEFORE_HOST: &str = r#"://([^\s"'`/@]*(?:@[^\s"'`/@]*)*)@|([^\s"'`/:@,{\[]+:[^\s"'`/@]+)@"#;
/// A text is cut where it is long, and then a password may have lost its end.
const CUT: &str = r#"://([^\s"'`/@]*:[^\s"'`/@]*)…"#;

static ADDRESSES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(&format!("{BEFORE_HOST}|{CUT}")).ok());

/// The value of a key that is called like a secret, and what stands before the host in an address.
static SECRETS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let names = "passw[a-z]*|secret|token|bearer|basic|authorization|api[-_]?key";
    let value = r#"("[^"\n]*"|'[^'\n]*'|\[[^\]\n]*\]?|[^\s,}{\["'][^,}\n]*)"#;
    let address = r#"address["']?[ \t]*:[ \t]*["']?([^\s"'/@,{\[]+)@"#;
    let named = format!(r#"(?:{names})["']?[ \t]*:[ \t]*{value}"#);
    Regex::new(&format!("(?i){named}|{address}|{BEFORE_HOST}")).ok()
});

/// Returns the text with stars for what is secret, byte for byte, so that marks stay where they are.
///
/// A mistake may hide which key a value belongs to, so what only looks like a secret is veiled, too; a reference to a
/// variable is none.
pub(super) fn over(text: &str, secrets: &[Range<usize>]) -> String {
    let known = secrets.iter().map(|secret| place::within(text, secret.clone()));
    let looks = parts(text, &SECRETS);
    let looks = looks.filter(|part| !text[part.clone()].contains("${"));
    known.chain(looks).fold(text.to_owned(), |text, part| starred(&text, part))
}

/// Returns words with stars for what stands before the host in every address.
pub(super) fn address(words: &str) -> String {
    parts(words, &ADDRESSES).fold(words.to_owned(), |words, part| starred(&words, part))
}

/// Returns every group of every match.
fn parts<'a>(
    text: &'a str,
    of: &'static LazyLock<Option<Regex>>,
) -> impl Iterator<Item = Range<usize>> + use<'a> {
    let found = of.iter().flat_map(|regex| regex.captures_iter(text));
    found.filter_map(|found| found.iter().skip(1).flatten().next().map(|part| part.range()))
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
            ("{bearer: [a, b]}", "{bearer: ******}"),
            ("address: me@host:1", "address: **@host:1"),
            ("tcp: {address: 'me:p@host:1'}", "tcp: {address: '****@host:1'}"),
            ("run: [mail, me@host]", "run: [mail, me@host]"),
            ("bearer_file: t\npassword:\n  a: b", "bearer_file: t\npassword:\n  a: b"),
        ] {
            assert_eq!(over(text, &[]), seen);
        }
    }

    #[test]
    fn what_was_found_to_be_a_secret_is_veiled_in_every_mistake() {
        let text = "url: sqlite?key=1";
        assert_eq!(over(text, std::slice::from_ref(&(5..text.len()))), "url: ************");
    }

    #[test]
    fn words_show_no_one_who_logs_in_at_an_address() {
        for (words, seen) in [
            ("the text `http://me:pw@host` is", "the text `http://*****@host` is"),
            ("`me:pw@host:1` is", "`*****@host:1` is"),
            ("the text `http://me:pw…` is", "the text `http://*****…` is"),
            ("`a: b@c` and `d@e`", "`a: b@c` and `d@e`"),
        ] {
            assert_eq!(address(words), seen);
        }
    }
}
