//! The one gate for foreign text before a person sees it.

/// Returns whether a character would steer a terminal, hide, or turn the reading direction.
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Returns the text on one line, cut at `most` characters, with what could mislead replaced.
pub fn clean(text: &str, most: usize) -> String {
    let mut out = String::new();
    for (taken, c) in text.trim().chars().enumerate() {
        if taken == most {
            out.push('…');
            break;
        }
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            c if is_unprintable(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// The longest message an event holds, in characters.
pub const MESSAGE: usize = 200;

/// Returns a message as events and reports may hold it.
pub fn message(text: &str) -> String {
    clean(text, MESSAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_direction_marks_do_not_pass() {
        assert_eq!(clean("a\u{1b}[31mb\u{202e}c\nd", 100), "a\u{fffd}[31mb\u{fffd}c d");
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        assert_eq!(clean("abcdef", 3), "abc…");
        assert_eq!(clean("abc", 3), "abc");
    }
}
