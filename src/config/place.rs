//! Between places in bytes and lines with columns.

use std::ops::Range;

/// Returns line and column, in characters from 1, of a byte of the text.
pub(super) fn line_column(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..floor(text, at)];
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// Returns the byte at a line and column, in characters from 1.
pub(super) fn offset(text: &str, line: usize, column: usize) -> usize {
    let mut start = 0;
    for _ in 1..line {
        match text[start..].find('\n') {
            Some(end) => start += end + 1,
            None => return text.len(),
        }
    }
    let line = &text[start..];
    let mut characters = line.char_indices().map(|(at, _)| start + at);
    characters.nth(column.saturating_sub(1)).unwrap_or(text.len())
}

/// Returns the range cut to what the text holds, on borders of characters.
pub(super) fn within(text: &str, range: Range<usize>) -> Range<usize> {
    let start = floor(text, range.start);
    start..floor(text, range.end).max(start)
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let text = "a: 1\nü: é\n";
        assert_eq!(line_column(text, 0), (1, 1));
        assert_eq!(line_column(text, text.find('é').unwrap()), (2, 4));
        assert_eq!(line_column(text, 999), (3, 1));
        assert_eq!(offset(text, 2, 4), text.find('é').unwrap());
        assert_eq!(offset(text, 9, 1), text.len());
    }

    #[test]
    fn a_range_never_cuts_a_character() {
        assert_eq!(within("ü", 1..1), 0..0);
        assert_eq!(within("aü", 0..2), 0..1);
        assert_eq!(within("a", 5..9), 1..1);
    }
}
