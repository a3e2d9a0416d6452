//! A ledger's text lines, read as events or kept as foreign.

use super::event::{Event, FORMAT};
use super::names::Environment;
use super::text;

/// The longest line that is read as an event, in bytes.
const LONGEST: usize = 256 * 1024;

/// The greatest number that is believed: beyond it no further one could be given for long.
pub const GREATEST_NUMBER: u64 = 1_000_000_000;

/// A line that is no event of this ledger: kept, named, without effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// The line's beginning, cleaned.
    pub excerpt: String,
    /// Why it is no event.
    pub why: String,
}

/// Reads one line of an environment's ledger.
pub fn read(line: &str, env: &Environment) -> Result<Event, Foreign> {
    parse(line, env).map_err(|why| Foreign { excerpt: text::clean(line, 60), why })
}

fn parse(line: &str, env: &Environment) -> Result<Event, String> {
    if line.len() > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes"));
    }
    let event: Event = serde_json::from_str(line).map_err(|cause| why_no_event(line, &cause))?;
    if event.v != FORMAT {
        return Err(format!("its format is {}, and this program reads {FORMAT}", event.v));
    }
    if event.env != *env {
        return Err(format!("it is about environment `{}`", event.env));
    }
    if !event.id.is_plausible() {
        return Err("its id is from the far future".to_owned());
    }
    if event.n > GREATEST_NUMBER {
        return Err(format!("its number is beyond {GREATEST_NUMBER}"));
    }
    Ok(event)
}

fn why_no_event(line: &str, cause: &serde_json::Error) -> String {
    let kind = serde_json::from_str::<serde_json::Value>(line)
        .ok()
        .and_then(|value| value.get("type")?.as_str().map(|kind| text::clean(kind, 30)));
    match kind {
        Some(kind) => {
            text::message(&format!("as an event of type `{kind}` it cannot be read: {cause}"))
        }
        None => "it is not a JSON object with a `type`".to_owned(),
    }
}

/// Writes an event as one line, `id` first.
pub fn write(event: &Event) -> String {
    // A tree of strings, numbers and maps with string keys always serializes.
    serde_json::to_string(event).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env() -> Environment {
        Environment::new("production").unwrap()
    }

    const GOOD: &str = r#"{"id":"01JD0000000000000000000000","at":"2026-01-02T03:04:05Z","env":"production","n":4,"actor":"ann","type":"point","name":"before-sale","v":1,"ev":"01JD0000000000000000000001","op":"01JD0000000000000000000002","run":"01JD0000000000000000000003"}"#;

    #[test]
    fn an_event_is_written_as_it_was_read_with_its_id_first() {
        let event = read(GOOD, &env()).unwrap();
        assert_eq!(write(&event), GOOD);
    }

    #[test]
    fn fields_nobody_knows_do_not_make_a_line_foreign() {
        assert!(read(&GOOD.replace("\"v\":1", "\"v\":1,\"later\":[1]"), &env()).is_ok());
    }

    #[test]
    fn a_line_as_long_and_a_number_as_great_as_may_be_are_believed() {
        let filled = GOOD.replace("ann", &"x".repeat(LONGEST - GOOD.len() + "ann".len()));
        assert_eq!(filled.len(), LONGEST);
        assert!(read(&filled, &env()).is_ok());
        let greatest = GOOD.replace("\"n\":4", &format!("\"n\":{GREATEST_NUMBER}"));
        assert_eq!(read(&greatest, &env()).unwrap().n, GREATEST_NUMBER);
    }

    #[test]
    fn hostile_lines_are_foreign_and_say_why() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let long = GOOD.replace("ann", &"x".repeat(300_000));
        let cases = [
            ("hello", "it is not a JSON object with a `type`"),
            (deep.as_str(), "it is not a JSON object with a `type`"),
            (long.as_str(), "it is longer than 262144 bytes"),
            (
                &GOOD.replace("01JD0000000000000000000000", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"),
                "its id is from the far future",
            ),
            (
                &GOOD.replace("\"n\":4", "\"n\":18446744073709551615"),
                "its number is beyond 1000000000",
            ),
            (&GOOD.replace("\"v\":1", "\"v\":2"), "its format is 2, and this program reads 1"),
            (&GOOD.replace("\"production\"", "\"staging\""), "it is about environment `staging`"),
        ];
        for (line, why) in cases {
            assert_eq!(read(line, &env()).unwrap_err().why, why);
        }
    }
}
