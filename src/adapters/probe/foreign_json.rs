//! Reads JSON of others, and holds only so much of it.

use serde::de::DeserializeOwned;

/// The most values that an answer may have.
pub const MOST: usize = 200_000;

/// What an object counts for: held, a small one takes the room of so many numbers.
const OBJECT: usize = 10;

/// Why an answer could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// It has more values than are held.
    TooMany,
    /// It is no JSON, or not of the shape that is looked for.
    Other,
}

/// Reads an answer, unless what is held of it would be many times what came.
pub fn read<T: DeserializeOwned>(answer: &[u8]) -> Result<T, Unread> {
    if weight(answer) > MOST {
        return Err(Unread::TooMany);
    }
    serde_json::from_slice(answer).map_err(|_| Unread::Other)
}

/// Returns how many values there can be at most; what is no list and no object is one.
fn weight(answer: &[u8]) -> usize {
    let answer = answer.trim_ascii_start();
    if !answer.starts_with(b"[") && !answer.starts_with(b"{") {
        return 1;
    }
    let (mut weight, mut quoted, mut escaped) = (0, false, false);
    for byte in answer {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = quoted,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'[' | b',' => weight += 1,
            b'{' => weight += OBJECT,
            _ => {}
        }
    }
    weight
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn values_are_counted_and_text_is_not() {
        for (answer, expected) in [
            ("[1, 2, [3]]", 4),
            (r#"{"a": 1, "b": {}}"#, 2 * OBJECT + 1),
            (r#"["a,[{", "\",{", "\\"]"#, 3),
            (r#""a, b, c""#, 1),
            ("a 1\nb{c=\"d\",e=\"f\"} 2\n", 1),
        ] {
            assert_eq!(weight(answer.as_bytes()), expected, "{answer}");
        }
    }

    #[test]
    fn an_answer_of_more_values_than_are_held_is_not_read() {
        let list = |many: usize| format!("[{}]", vec!["1"; many].join(","));
        assert!(read::<Vec<u8>>(list(MOST).as_bytes()).is_ok());
        assert_eq!(read::<Value>(list(MOST + 1).as_bytes()), Err(Unread::TooMany));
        let objects = format!("[{}]", vec!["{\"a\":1}"; MOST / OBJECT].join(","));
        assert_eq!(read::<Value>(objects.as_bytes()), Err(Unread::TooMany));
        assert_eq!(read::<Value>(b"[1,"), Err(Unread::Other));
    }
}
