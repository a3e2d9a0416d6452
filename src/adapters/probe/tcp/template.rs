//! A text with places for the groups of a match.

use regex::bytes::{Captures, Regex};

/// A text with places such as `${1}`, `$1` and `${name}`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Template<'a>(Vec<Piece<'a>>);

#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Group(&'a str),
}

impl<'a> Template<'a> {
    /// Reads a text; a `$` that begins no group's name stays as it is.
    pub(crate) fn of(text: &'a str) -> Self {
        let mut pieces = Vec::new();
        let (mut rest, mut from) = (text, 0);
        while let Some(at) = rest[from..].find('$').map(|at| at + from) {
            match group(&rest[at + 1..]) {
                Some((name, length)) => {
                    pieces.extend([Piece::Text(&rest[..at]), Piece::Group(name)]);
                    (rest, from) = (&rest[at + 1 + length..], 0);
                }
                None => from = at + 1,
            }
        }
        pieces.push(Piece::Text(rest));
        Self(pieces)
    }

    /// Returns the names that are no group of an expression.
    pub(super) fn missing(&self, of: Option<&Regex>) -> Vec<String> {
        let known = |name: &str| of.is_some_and(|regex| has(regex, name));
        let names = self.0.iter().filter_map(|piece| match piece {
            Piece::Group(name) if !known(name) => Some((*name).to_owned()),
            Piece::Group(_) | Piece::Text(_) => None,
        });
        names.collect()
    }

    /// Puts a match's groups in their places; one that took no part is empty.
    pub(crate) fn filled(&self, with: Option<&Captures<'_>>) -> Vec<u8> {
        let group = |name: &str| {
            let with = with?;
            let found = name.parse().map_or_else(|_| with.name(name), |index| with.get(index));
            found.map(|found| found.as_bytes())
        };
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Text(text) => text.as_bytes(),
            Piece::Group(name) => group(name).unwrap_or_default(),
        });
        pieces.collect::<Vec<_>>().concat()
    }
}

/// Returns the name that begins after a `$`, and how long it is as written.
fn group(text: &str) -> Option<(&str, usize)> {
    let of = |text: &str, is: fn(char) -> bool| text.find(|c| !is(c)).unwrap_or(text.len());
    if let Some(inner) = text.strip_prefix('{') {
        let length = of(inner, |c| c == '_' || c.is_ascii_alphanumeric());
        let closed = length > 0 && inner[length..].starts_with('}');
        return closed.then(|| (&inner[..length], length + 2));
    }
    let length = of(text, |c| c.is_ascii_digit());
    (length > 0).then(|| (&text[..length], length))
}

fn has(regex: &Regex, name: &str) -> bool {
    match name.parse::<usize>() {
        Ok(index) => index < regex.captures_len(),
        Err(_) => regex.capture_names().flatten().any(|one| one == name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_come_where_they_are_named() {
        let regex = Regex::new("(a)(?P<rest>.*)(z)?").unwrap();
        let found = regex.captures(b"abc");
        for (text, expected) in [
            ("PONG ${1}", "PONG a"),
            ("$1-$1", "a-a"),
            ("${rest}!", "bc!"),
            ("${3}", ""),
            ("$ $x ${ ${}", "$ $x ${ ${}"),
        ] {
            assert_eq!(Template::of(text).filled(found.as_ref()), expected.as_bytes(), "{text}");
        }
        let odd = Template::of("$4 ${rest} ${nobody}");
        assert_eq!(odd.missing(Some(&regex)), ["4", "nobody"]);
        assert_eq!(odd.missing(None), ["4", "rest", "nobody"]);
    }
}
