//! The runner's own commands, which foreign text must not speak.

use crate::domain::text;
use crate::error::{Error, Result};

/// The longest line of foreign text in a log.
const LONGEST_LINE: usize = 4_000;

/// Returns lines that a runner shows and does not obey.
pub fn guard<'a>(lines: impl IntoIterator<Item = &'a str>, token: &str) -> Result<String> {
    let text: Vec<String> = lines.into_iter().map(|line| text::clean(line, LONGEST_LINE)).collect();
    let is_drawn = !token.is_empty() && token.chars().all(|c| c.is_ascii_alphanumeric());
    if !is_drawn || text.iter().any(|line| line.contains(token)) {
        return Err(spoken("token that lets workflow commands in again"));
    }
    let (stop, again) = (format!("::stop-commands::{token}"), format!("::{token}::"));
    let lines = [stop].into_iter().chain(text).chain([again]);
    Ok(lines.map(|line| line + "\n").collect())
}

/// Returns the error of a drawn text that would not hold foreign text in.
pub(super) fn spoken(what: &str) -> Error {
    Error::failed(format!("could not use the {what} that was drawn"))
        .because("it is no random word, or the text holds it")
        .hint("run it again")
}

/// Returns a text as the message of a workflow command.
pub(super) fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Returns a text as a property of a workflow command.
pub(super) fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
