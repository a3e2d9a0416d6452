//! What was meant by a word that is not known.

/// What was meant, as far as it can be guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Near {
    /// Most likely this one.
    One(String),
    /// One of these, as they are listed for people.
    Any(String),
    /// There is nothing to choose from.
    None,
}

/// A slip is one letter in so many, and at least one.
const LETTERS_PER_SLIP: usize = 3;
/// In shorter words, any other is one slip away.
const SHORTEST: usize = 3;

/// Returns what was most likely meant, or all there is.
pub(super) fn find<'a>(word: &str, known: impl Iterator<Item = &'a str> + Clone) -> Near {
    if let Some(meant) = nearest(word, known.clone()) {
        return Near::One(meant.to_owned());
    }
    let list: Vec<String> = known.map(|known| format!("`{known}`")).collect();
    if list.is_empty() { Near::None } else { Near::Any(list.join(", ")) }
}

/// Returns the known word that is most like the given one, if one is like it at all.
pub(super) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |word: &str| word.to_lowercase().replace('-', "_");
    let word = plain(word);
    let letters = word.chars().count();
    let most = if letters < SHORTEST { 0 } else { letters / LETTERS_PER_SLIP };
    let slips = |known: &str| strsim::damerau_levenshtein(&word, &plain(known));
    let near = known.map(|known| (slips(known), known)).filter(|(slips, _)| *slips <= most);
    near.min_by_key(|(slips, _)| *slips).map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_hand_finds_the_word_that_was_meant() {
        let known = ["timeout", "interval", "depends_on", "checks", "url"];
        for (slip, meant) in [
            ("timout", "timeout"),
            ("Interval", "interval"),
            ("depends-on", "depends_on"),
            ("chekcs", "checks"),
            ("ulr", "url"),
        ] {
            assert_eq!(nearest(slip, known.into_iter()), Some(meant), "{slip}");
        }
    }

    #[test]
    fn a_word_like_none_is_answered_with_all() {
        let near = find("banana", ["fail", "hold"].into_iter());
        assert_eq!(near, Near::Any("`fail`, `hold`".to_owned()));
        assert_eq!(find("banana", [].into_iter()), Near::None);
    }
}
