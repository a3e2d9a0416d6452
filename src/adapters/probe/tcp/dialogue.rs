//! Holds a dialogue, turn by turn.

use std::time::Duration;

use regex::bytes::Regex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::super::pattern::Pattern;
use super::dial::Stream;
use super::template::Template;
use super::turn::Turn;
use crate::adapters::tls;
use crate::domain::text;

/// The most that is heard while one turn waits.
pub(crate) const HEARD: usize = 64 * 1024;

/// A line without its end counts when nothing more comes for so long: a prompt.
const QUIET: Duration = Duration::from_millis(50);

/// The longest that what was heard is shown.
const SHOWN: usize = 60;

/// What speaks against the subject.
#[derive(Debug)]
pub(crate) enum Sick {
    /// It could not be reached.
    Unreached(String),
    /// It said what it should not.
    Wrong(String),
}

/// A connection and what was heard on it.
pub(crate) struct Dialogue<'a> {
    stream: Box<dyn Stream>,
    tls: &'a tls::Client,
    host: String,
    heard: Vec<u8>,
    matched: Option<(Regex, Vec<u8>)>,
}

impl<'a> Dialogue<'a> {
    /// Begins with nothing heard.
    pub(crate) fn new(stream: Box<dyn Stream>, tls: &'a tls::Client, host: String) -> Self {
        Self { stream, tls, host, heard: Vec::new(), matched: None }
    }

    /// Takes every turn; an error says what went wrong in which.
    pub(crate) async fn hold(&mut self, turns: &[Turn]) -> Result<(), Sick> {
        for turn in turns {
            self.take(turn).await?;
        }
        Ok(())
    }

    /// Speaks TLS from now on.
    pub(crate) async fn secure(&mut self) -> Result<(), Sick> {
        let plain = std::mem::replace(&mut self.stream, Box::new(tokio::io::empty()));
        let session = self.tls.shake(plain, &self.host, &[]).await;
        let session =
            session.map_err(|why| Sick::Unreached(format!("could not be reached: {why}")))?;
        self.stream = Box::new(session.stream);
        Ok(())
    }

    /// Sends bytes and hears as many as are expected.
    pub(crate) async fn exchange(&mut self, send: &[u8], expect: &[u8]) -> Result<(), Sick> {
        self.send(send).await.map_err(Sick::Wrong)?;
        self.hear_bytes(expect).await.map_err(Sick::Wrong)
    }

    /// Returns the connection for TLS; what was said in the clear must not count as said in it.
    pub(crate) fn done(self) -> Result<Box<dyn Stream>, Sick> {
        match self.heard.as_slice() {
            [] => Ok(self.stream),
            said => Err(Sick::Wrong(format!("said more before TLS began{}", but(said)))),
        }
    }

    async fn take(&mut self, turn: &Turn) -> Result<(), Sick> {
        self.speak(turn).await.map_err(Sick::Wrong)?;
        match (turn.starttls, self.heard.as_slice()) {
            (false, _) => Ok(()),
            (true, []) => self.secure().await,
            (true, said) => Err(Sick::Wrong(format!("said more before TLS began{}", but(said)))),
        }
    }

    async fn speak(&mut self, turn: &Turn) -> Result<(), String> {
        if let Some(pattern) = &turn.expect {
            self.hear(pattern, turn.reject.as_ref()).await?;
        }
        if let Some(bytes) = &turn.expect_bytes {
            self.hear_bytes(bytes.get()).await?;
        }
        if let Some(line) = &turn.send {
            self.send(&self.filled(line)).await?;
        }
        if let Some(bytes) = &turn.send_bytes {
            self.send(bytes.get()).await?;
        }
        Ok(())
    }

    fn filled(&self, line: &str) -> Vec<u8> {
        let found = self.matched.as_ref().and_then(|(regex, line)| regex.captures(line));
        let mut line = Template::of(line).filled(found.as_ref());
        if !line.ends_with(b"\n") {
            line.push(b'\n');
        }
        line
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<(), String> {
        let sending = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        sending.await.map_err(|cause| format!("took no more: {cause}"))
    }

    async fn hear(&mut self, wanted: &Pattern, reject: Option<&Pattern>) -> Result<(), String> {
        let missing = || format!("did not say `{}`", wanted.as_str());
        let mut last = Vec::new();
        let mut heard = self.heard.len();
        loop {
            while let Some(line) = self.line() {
                if wanted.matches(&line) {
                    return self.matched(wanted, line);
                }
                if reject.is_some_and(|reject| reject.matches(&line)) {
                    return Err(missing() + &but(&line));
                }
                last = line;
            }
            let prompt = !self.heard.is_empty() && wanted.matches(&self.heard);
            let patience = if prompt { QUIET } else { Duration::MAX };
            let read = tokio::time::timeout(patience, self.listen()).await.unwrap_or(Ok(0));
            let read = read.map_err(|why| format!("{why} and {}", missing()))?;
            heard += read;
            if read == 0 && prompt {
                let line = std::mem::take(&mut self.heard);
                return self.matched(wanted, line);
            } else if read == 0 {
                let said = if self.heard.is_empty() { &last } else { &self.heard };
                return Err(format!("closed and {}{}", missing(), but(said)));
            } else if heard > HEARD {
                return Err(format!("said more than {HEARD} bytes and {}", missing()));
            }
        }
    }

    fn matched(&mut self, wanted: &Pattern, line: Vec<u8>) -> Result<(), String> {
        let regex = Regex::new(wanted.as_str()).map_err(|cause| cause.to_string())?;
        self.matched = Some((regex, line));
        Ok(())
    }

    async fn hear_bytes(&mut self, bytes: &[u8]) -> Result<(), String> {
        let wanted =
            || format!("did not say `{}`", text::clean(&String::from_utf8_lossy(bytes), SHOWN));
        while self.heard.len() < bytes.len() && bytes.starts_with(&self.heard) {
            match self.listen().await {
                Ok(0) => return Err(format!("closed and {}{}", wanted(), but(&self.heard))),
                Ok(_) => {}
                Err(why) => return Err(format!("{why} and {}", wanted())),
            }
        }
        if !self.heard.starts_with(bytes) {
            return Err(format!("{}{}", wanted(), but(&self.heard)));
        }
        self.heard.drain(..bytes.len());
        Ok(())
    }

    /// Takes the next whole line of what was heard, without its end.
    fn line(&mut self) -> Option<Vec<u8>> {
        let end = self.heard.iter().position(|byte| *byte == b'\n')?;
        let mut line: Vec<u8> = self.heard.drain(..=end).collect();
        line.pop();
        if line.ends_with(b"\r") {
            line.pop();
        }
        Some(line)
    }

    async fn listen(&mut self) -> Result<usize, String> {
        let mut piece = [0; 4096];
        let read = self.stream.read(&mut piece).await;
        let read = read.map_err(|cause| format!("broke off ({cause})"))?;
        self.heard.extend_from_slice(&piece[..read]);
        Ok(read)
    }
}

/// Returns what was said in its place, where anything was.
pub(crate) fn but(said: &[u8]) -> String {
    let said = text::clean(&String::from_utf8_lossy(said), SHOWN);
    if said.is_empty() { String::new() } else { format!(", but `{said}`") }
}
