//! Holds a dialogue in messages, turn by turn.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use regex::bytes::Regex;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::super::pattern::Pattern;
use super::super::tcp::dialogue::{HEARD, but};
use super::super::tcp::template::Template;
use super::Turn;
use super::handshake::Socket;
use crate::domain::text;

/// How long a server is waited for that takes no farewell.
const FAREWELL: Duration = Duration::from_millis(100);

/// The longest that a server's reason to close is shown.
const SHOWN: usize = 60;

/// An open connection, and the last message that was expected.
pub(super) struct Dialogue {
    socket: Socket,
    matched: Option<(Regex, Vec<u8>)>,
}

impl Dialogue {
    /// Begins with nothing heard.
    pub(super) fn new(socket: Socket) -> Self {
        Self { socket, matched: None }
    }

    /// Takes every turn; an error says what went wrong in which.
    pub(super) async fn hold(&mut self, turns: &[Turn]) -> Result<(), String> {
        for turn in turns {
            if let Some(pattern) = &turn.expect {
                self.hear(pattern, turn.reject.as_ref()).await?;
            }
            if let Some(text) = &turn.send {
                self.send(Message::text(self.filled(text))).await?;
            }
            if let Some(bytes) = &turn.send_bytes {
                self.send(Message::binary(bytes.get().to_vec())).await?;
            }
        }
        Ok(())
    }

    /// Says goodbye; whether it is heard is no matter.
    pub(super) async fn leave(&mut self) {
        let _ = tokio::time::timeout(FAREWELL, self.socket.close(None)).await;
    }

    fn filled(&self, text: &str) -> String {
        let found = self.matched.as_ref().and_then(|(regex, said)| regex.captures(said));
        let filled = Template::of(text).filled(found.as_ref());
        String::from_utf8_lossy(&filled).into_owned()
    }

    async fn send(&mut self, message: Message) -> Result<(), String> {
        self.socket.send(message).await.map_err(|cause| format!("took no more: {cause}"))
    }

    async fn hear(&mut self, wanted: &Pattern, reject: Option<&Pattern>) -> Result<(), String> {
        let missing = || format!("did not say `{}`", wanted.as_str());
        let (mut last, mut heard) = (Vec::new(), 0);
        loop {
            let message = self.message().await;
            let said = message.map_err(|why| format!("{why} and {}{}", missing(), but(&last)))?;
            heard += said.len();
            if wanted.matches(&said) {
                let regex = Regex::new(wanted.as_str()).map_err(|cause| cause.to_string())?;
                self.matched = Some((regex, said));
                return Ok(());
            } else if reject.is_some_and(|reject| reject.matches(&said)) {
                return Err(missing() + &but(&said));
            } else if heard > HEARD {
                return Err(format!("said more than {HEARD} bytes and {}", missing()));
            }
            last = said;
        }
    }

    /// Returns the next message of text or bytes; pings are answered on the way.
    async fn message(&mut self) -> Result<Vec<u8>, String> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text.as_bytes().to_vec()),
                Some(Ok(Message::Binary(bytes))) => return Ok(bytes.to_vec()),
                Some(Ok(Message::Close(frame))) => return Err(closed(frame.as_ref())),
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Err(Error::Capacity(_))) => {
                    return Err(format!("said more than {HEARD} bytes at once"));
                }
                Some(Err(Error::ConnectionClosed)) | None => return Err(closed(None)),
                Some(Err(cause)) => return Err(format!("broke off ({cause})")),
            }
        }
    }
}

/// Returns that it closed, with the code and the words that it gave.
fn closed(frame: Option<&CloseFrame>) -> String {
    let Some(frame) = frame else { return "closed".to_owned() };
    let reason = text::clean(frame.reason.as_str(), SHOWN);
    let reason = if reason.is_empty() { reason } else { format!(": {reason}") };
    format!("closed ({}{reason})", u16::from(frame.code))
}
