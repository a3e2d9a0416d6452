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
    // A runner obeys this old form of a workflow command anywhere in a line.
    out.replace("##[", "#\u{fffd}[")
}

/// Returns how many there are of a thing: `1 row`, `2 rows`.
pub fn count(many: u64, thing: &str) -> String {
    let plural = if many == 1 { "" } else { "s" };
    format!("{many} {thing}{plural}")
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
    fn a_workflow_command_in_the_middle_of_a_line_does_not_pass() {
        assert_eq!(clean("ok ##[add-mask]a", 100), "ok #\u{fffd}[add-mask]a");
        assert_eq!(clean("###[group]", 100), "##\u{fffd}[group]");
        assert_eq!(clean("##\u{1b}[group]", 100), "##\u{fffd}[group]");
    }

    #[test]
    fn one_is_counted_as_one() {
        assert_eq!([0, 1, 2].map(|many| count(many, "row")), ["0 rows", "1 row", "2 rows"]);
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        assert_eq!(clean("abcdef", 3), "abc…");
        assert_eq!(clean("abc", 3), "abc");
    }
}
