//! One turn of a dialogue, and what may be wrong with it.

use regex::bytes::Regex;
use schemars::JsonSchema;
use serde::Deserialize;

use super::super::pattern::Pattern;
use super::bytes::Bytes;
use super::template::Template;

/// One turn of a dialogue; of several keys, what is expected comes before what is sent.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TcpTurn")]
pub struct Turn {
    /// A regular expression that one of the next lines must match.
    #[serde(default)]
    pub expect: Option<Pattern>,
    /// A regular expression; a line that matches it in the meantime is a fail at once.
    #[serde(default)]
    pub reject: Option<Pattern>,
    /// What must come next, byte by byte; each character is one.
    #[serde(default)]
    pub expect_bytes: Option<Bytes>,
    /// A line to send, with a line end where it has none; `${1}` is a group of the last `expect`.
    #[serde(default)]
    pub send: Option<String>,
    /// What is sent as it is written; each character is one byte.
    #[serde(default)]
    pub send_bytes: Option<Bytes>,
    /// Begins to speak TLS.
    #[serde(default)]
    pub starttls: bool,
}

/// Returns every mistake that only the whole dialogue shows.
pub(crate) fn mistakes(dialogue: &[Turn]) -> Vec<String> {
    let mut mistakes = Vec::new();
    let mut last = None;
    for (at, turn) in dialogue.iter().enumerate() {
        let mut complain = |what: &str| mistakes.push(format!("in `dialogue[{at}]`: {what}"));
        if turn == &Turn::default() {
            complain("it neither sends nor expects");
        }
        if turn.expect.is_some() && turn.expect_bytes.is_some() {
            complain("`expect` and `expect_bytes` exclude each other");
        }
        if turn.reject.is_some() && turn.expect.is_none() {
            complain("`reject` needs an `expect` to wait for");
        }
        last = turn.expect.as_ref().or(last);
        let groups = last.and_then(|pattern| Regex::new(pattern.as_str()).ok());
        for name in missing(turn, groups.as_ref()) {
            complain(&format!("`${{{name}}}` is no group of the last `expect`"));
        }
    }
    if dialogue.iter().filter(|turn| turn.starttls).count() > 1 {
        mistakes.push("`dialogue` says `starttls` twice".to_owned());
    }
    mistakes
}

fn missing(turn: &Turn, groups: Option<&Regex>) -> Vec<String> {
    let template = turn.send.as_deref().map(Template::of).unwrap_or_default();
    template.missing(groups)
}
