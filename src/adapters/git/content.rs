//! The bytes of one note, line by line.

/// What is to become of one note.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// Lines to append, in order.
    pub(super) add: Vec<String>,
    /// Lines to take away, as they were shown.
    pub(super) remove: Vec<String>,
}

/// Returns a note's lines without their ends; blank ones are none.
pub(super) fn lines(note: &[u8]) -> impl Iterator<Item = &[u8]> {
    note.split(|&byte| byte == b'\n').map(bare).filter(|line| !line.trim_ascii().is_empty())
}

/// Returns a line as it is shown; what is no UTF-8 is replaced, in the ledger it stays.
pub(super) fn shown(line: &[u8]) -> String {
    String::from_utf8_lossy(line).into_owned()
}

/// Returns the note with the change made; empty where nothing is left.
///
/// A line that is there already is not added again, so a repeated change changes nothing.
pub(super) fn changed(note: &[u8], change: &Change) -> Vec<u8> {
    let mut out = Vec::with_capacity(note.len());
    for line in note.split_inclusive(|&byte| byte == b'\n') {
        let seen = shown(bare(line.strip_suffix(b"\n").unwrap_or(line)));
        if !change.remove.contains(&seen) {
            out.extend_from_slice(line);
        }
    }
    for line in &change.add {
        if !lines(&out).any(|there| there == line.as_bytes()) {
            end_line(&mut out);
            out.extend_from_slice(line.as_bytes());
            out.push(b'\n');
        }
    }
    if lines(&out).next().is_none() { Vec::new() } else { out }
}

/// Returns several notes as one, in order, each line once and byte for byte.
pub(super) fn joined(notes: &[Vec<u8>]) -> Vec<u8> {
    let [first, rest @ ..] = notes else { return Vec::new() };
    let mut out = first.clone();
    for line in rest.iter().flat_map(|note| note.split(|&byte| byte == b'\n')) {
        let blank = lines(line).next().is_none();
        if !blank && !lines(&out).any(|there| there == bare(line)) {
            end_line(&mut out);
            out.extend_from_slice(line);
            out.push(b'\n');
        }
    }
    out
}

fn end_line(note: &mut Vec<u8>) {
    if note.last().is_some_and(|&byte| byte != b'\n') {
        note.push(b'\n');
    }
}

fn bare(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(add: &[&str], remove: &[&str]) -> Change {
        let owned = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
        Change { add: owned(add), remove: owned(remove) }
    }

    #[test]
    fn what_is_not_asked_for_stays_byte_for_byte() {
        let note = b"a\r\n\n\xff\xfe broken\nb";
        assert_eq!(changed(note, &change(&["c"], &[])), b"a\r\n\n\xff\xfe broken\nb\nc\n");
        assert_eq!(changed(note, &change(&[], &["b"])), b"a\r\n\n\xff\xfe broken\n");
        assert_eq!(changed(note, &change(&[], &["a"])), b"\n\xff\xfe broken\nb");
    }

    #[test]
    fn a_line_is_removed_as_it_was_shown_even_when_it_is_no_text() {
        let note = b"\xff\nb\n";
        let line = shown(lines(note).next().unwrap());
        assert_eq!(changed(note, &change(&[], &[&line])), b"b\n");
    }

    #[test]
    fn a_repeated_change_changes_nothing_and_an_emptied_note_is_none() {
        let once = changed(b"", &change(&["a", "b"], &[]));
        assert_eq!(changed(&once, &change(&["a", "b"], &[])), once);
        assert_eq!(changed(b"a\n\n", &change(&[], &["a"])), b"");
    }

    #[test]
    fn joined_notes_hold_every_line_once() {
        let notes = [b"a\nb".to_vec(), b"b\nc\r\n\n".to_vec()];
        assert_eq!(joined(&notes), b"a\nb\nc\r\n");
    }
}
