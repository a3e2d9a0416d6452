//! Connects to a port, and talks to what listens there.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::pattern::Pattern;
use super::question::{Around, Question, Subject};
use crate::domain::check::{Measurement, Reach};
use crate::domain::duration::Span;
use crate::domain::text;
use crate::domain::version::Version;
use crate::ports::Probe;

/// The most that is kept of what the other side says.
const HEARD: usize = 64 * 1024;

/// Connects to a port; without a dialogue, being let in is enough.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TcpCheck")]
pub struct Settings {
    /// The host and port: `db.example:5432`, `[::1]:5432`.
    pub address: Address,
    /// What is sent and expected, in this order.
    #[serde(default)]
    pub dialogue: Vec<Line>,
}

/// One line of a dialogue.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// Sent as it is written; a line end is written as `"\r\n"`.
    Send(String),
    /// A regular expression that must match what comes after the last match.
    Expect(Pattern),
}

/// A host and port.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, extend("examples" = ["db.example:5432"]))]
pub struct Address(String);

impl std::fmt::Display for Address {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

impl TryFrom<String> for Address {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parts = text.rsplit_once(':');
        let whole = parts.is_some_and(|(host, port)| {
            let bare = host.contains(':') && !host.starts_with('[');
            !host.is_empty() && !bare && port.parse::<u16>().is_ok_and(|port| port > 0)
        });
        if whole { Ok(Self(text)) } else { Err(wrong(&text)) }
    }
}

fn wrong(address: &str) -> String {
    let address = text::clean(address, 80);
    format!("`{address}` is no host and port; write it like `db.example:5432`")
}

/// Connects to a port.
#[derive(Debug)]
pub struct TcpProbe {
    settings: Settings,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "tcp"
    }

    fn subject(&self) -> Subject {
        Subject::written("address")
    }

    fn connect(&self, _: &Around<'_>) -> crate::error::Result<Arc<dyn Probe>> {
        Ok(Arc::new(connect(self.clone())))
    }
}

/// Makes the probe.
pub fn connect(settings: Settings) -> TcpProbe {
    TcpProbe { settings }
}

#[async_trait]
impl Probe for TcpProbe {
    fn kind(&self) -> &'static str {
        "tcp"
    }

    fn reach(&self) -> Reach {
        Reach::Direct
    }

    async fn measure(&self, _: Option<&Version>, timeout: Duration) -> Measurement {
        let began = Instant::now();
        let Address(address) = &self.settings.address;
        let connecting = tokio::time::timeout(timeout, TcpStream::connect(address));
        let mut stream = match connecting.await {
            Ok(Ok(stream)) => stream,
            Ok(Err(cause)) => {
                return unreached(&format!("`{address}` could not be reached: {cause}"));
            }
            Err(_) => return unreached(&late(address, timeout)),
        };
        let left = timeout.saturating_sub(began.elapsed());
        match tokio::time::timeout(left, talk(&mut stream, &self.settings.dialogue)).await {
            Ok(Ok(())) => Measurement::pass(self.summary(began.elapsed())),
            Ok(Err(complaint)) => Measurement::fail(format!("`{address}` {complaint}")),
            Err(_) => unreached(&late(address, timeout)),
        }
    }
}

impl TcpProbe {
    fn summary(&self, took: Duration) -> String {
        let took = Span::millis(took.as_millis().max(1).try_into().unwrap_or(u64::MAX));
        let did = if self.settings.dialogue.is_empty() { "connected" } else { "answered" };
        format!("{did} in {took}")
    }
}

fn unreached(message: &str) -> Measurement {
    Measurement::unreached(Reach::Direct, message)
}

fn late(address: &str, timeout: Duration) -> String {
    format!("`{address}` gave no answer within `{}`", Span::from(timeout))
}

async fn talk(stream: &mut TcpStream, dialogue: &[Line]) -> Result<(), String> {
    let mut heard = Vec::new();
    for line in dialogue {
        match line {
            Line::Send(text) => stream
                .write_all(text.as_bytes())
                .await
                .map_err(|cause| format!("took no more: {cause}"))?,
            Line::Expect(pattern) => hear(stream, &mut heard, pattern).await?,
        }
    }
    Ok(())
}

async fn hear(
    stream: &mut TcpStream,
    heard: &mut Vec<u8>,
    pattern: &Pattern,
) -> Result<(), String> {
    loop {
        if let Some(end) = pattern.end_of_match(heard) {
            heard.drain(..end);
            return Ok(());
        }
        let mut piece = [0; 4096];
        let missing = || format!("did not say `{}`", pattern.as_str());
        match stream.read(&mut piece).await {
            Ok(0) => return Err(format!("closed and {}", missing())),
            Ok(read) if heard.len() + read > HEARD => {
                return Err(format!("said more than {HEARD} bytes and {}", missing()));
            }
            Ok(read) => heard.extend_from_slice(&piece[..read]),
            Err(cause) => return Err(format!("broke off ({cause}) and {}", missing())),
        }
    }
}

#[cfg(test)]
mod tests;
