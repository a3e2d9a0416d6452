//! One turn of a dialogue in messages, and its mistakes.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::pattern::Pattern;
use super::super::tcp::{self, Bytes};

/// One turn of a dialogue; of several keys, what is expected comes before what is sent.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "WebsocketTurn")]
pub struct Turn {
    /// A regular expression that one of the next messages must match.
    #[serde(default)]
    pub expect: Option<Pattern>,
    /// A regular expression; a message that matches it in the meantime is a fail at once.
    #[serde(default)]
    pub reject: Option<Pattern>,
    /// A message of text to send; `${1}` is a group of the last `expect`.
    #[serde(default)]
    pub send: Option<String>,
    /// A binary message to send; each character is one byte.
    #[serde(default)]
    pub send_bytes: Option<Bytes>,
}

/// Returns every mistake that only the whole dialogue shows; they are those of one in lines.
pub(super) fn mistakes(dialogue: &[Turn]) -> Vec<String> {
    let lines: Vec<tcp::Turn> = dialogue.iter().map(in_lines).collect();
    tcp::turn::mistakes(&lines)
}

fn in_lines(turn: &Turn) -> tcp::Turn {
    let Turn { expect, reject, send, send_bytes } = turn.clone();
    tcp::Turn { expect, reject, send, send_bytes, ..tcp::Turn::default() }
}
