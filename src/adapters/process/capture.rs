//! Keeps the newest of what a program writes.

use tokio::io::{AsyncRead, AsyncReadExt};

use super::Listener;

/// The longest piece that a listener is told at once.
const LINE: usize = 16 * 1024;

/// Where a line of output came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// What a program wrote to one channel, the newest bytes up to a cap.
#[derive(Debug, Default, Clone)]
pub struct Captured {
    bytes: Vec<u8>,
    cap: usize,
    dropped: u64,
}

impl Captured {
    pub(super) fn new(cap: usize) -> Self {
        Self { bytes: Vec::new(), cap, dropped: 0 }
    }

    /// Returns the newest bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[self.bytes.len().saturating_sub(self.cap)..]
    }

    /// Returns how many older bytes were let go.
    pub fn dropped(&self) -> u64 {
        self.dropped + self.bytes.len().saturating_sub(self.cap) as u64
    }

    /// Returns the newest bytes as text; what is no UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.bytes()).into_owned()
    }

    fn take(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        // Moving the tail only when twice the cap is there keeps a torrent linear.
        if self.bytes.len() > self.cap.saturating_mul(2) {
            let old = self.bytes.len() - self.cap;
            self.bytes.drain(..old);
            self.dropped += old as u64;
        }
    }
}

/// Reads a pipe to its end, keeping its newest bytes and telling its lines.
pub(super) async fn pump(
    mut pipe: impl AsyncRead + Unpin,
    channel: Channel,
    into: &mut Captured,
    listener: Option<&Listener>,
) {
    let mut buffer = vec![0; LINE];
    let mut lines = Lines { channel, listener, rest: Vec::new() };
    // A pipe that breaks ends like one that is closed; the exit status tells the rest.
    while let Ok(read @ 1..) = pipe.read(&mut buffer).await {
        into.take(&buffer[..read]);
        lines.tell(&buffer[..read]);
        // However much comes, a signal or a timeout gets its turn.
        tokio::task::yield_now().await;
    }
}

/// Cuts a stream into lines; the last one is told when the stream is let go.
struct Lines<'a> {
    channel: Channel,
    listener: Option<&'a Listener>,
    rest: Vec<u8>,
}

impl Lines<'_> {
    fn tell(&mut self, bytes: &[u8]) {
        let Some(listener) = self.listener else { return };
        self.rest.extend_from_slice(bytes);
        let mut told = 0;
        while let Some(length) = self.rest[told..].iter().position(|&byte| byte == b'\n') {
            listener(self.channel, text_of(&self.rest[told..told + length]).as_ref());
            told += length + 1;
        }
        self.rest.drain(..told);
        if self.rest.len() >= LINE {
            self.tell_rest();
        }
    }

    fn tell_rest(&mut self) {
        if let Some(listener) = self.listener.filter(|_| !self.rest.is_empty()) {
            listener(self.channel, text_of(&self.rest).as_ref());
            self.rest.clear();
        }
    }
}

impl Drop for Lines<'_> {
    fn drop(&mut self) {
        self.tell_rest();
    }
}

fn text_of(line: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line))
}
