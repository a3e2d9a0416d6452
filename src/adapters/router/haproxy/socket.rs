//! Asks HAProxy over its runtime socket.

use std::fmt;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::super::hold;
use crate::domain::duration::Span;
use crate::domain::text;
use crate::error::{Error, Result};

/// The longest answer that is read.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Where HAProxy takes commands.
#[derive(Debug, Clone)]
pub(super) struct Socket {
    place: Place,
    timeout: Duration,
}

#[derive(Debug, Clone)]
enum Place {
    File(PathBuf),
    Port(String),
}

impl Socket {
    /// Reads a path, relative to the configuration's folder, or `host:port`.
    pub(super) fn new(text: &str, folder: &Path, timeout: Duration) -> Result<Self> {
        let port = |(_, port): (&str, &str)| port.parse::<u16>().is_ok();
        let place = match text {
            "" => return Err(Error::invalid("`socket` is empty")),
            text if !text.contains('/') && text.rsplit_once(':').is_some_and(port) => {
                Place::Port(text.to_owned())
            }
            text => Place::File(folder.join(text)),
        };
        Ok(Self { place, timeout })
    }

    /// Returns what is wrong with the place, as far as it can be seen without asking.
    pub(super) fn is_there(&self) -> Result<()> {
        match &self.place {
            Place::File(file) if !file.exists() => Err(self.failed("there is no such file")),
            Place::File(_) | Place::Port(_) => Ok(()),
        }
    }

    /// Waits until no other process of this machine changes weights; at a port nobody can tell.
    pub(super) async fn hold(&self) -> Result<Option<File>> {
        let Place::File(file) = &self.place else { return Ok(None) };
        let folder = file.parent().unwrap_or(Path::new("/"));
        match hold::folder(folder, self.timeout).await {
            Ok(held) => Ok(Some(held)),
            Err(cause) if cause.kind() == ErrorKind::TimedOut => {
                Err(self.failed(cause.to_string()))
            }
            // Who may open the socket need not be allowed to read its folder.
            Err(_) => Ok(None),
        }
    }

    /// Sends one line, and returns all that is answered.
    pub(super) async fn ask(&self, line: &str) -> Result<String> {
        let asked = tokio::time::timeout(self.timeout, self.exchange(line)).await;
        let answered = asked.map_err(|_| {
            let limit = Span::from(self.timeout);
            self.failed(format!("there was no answer within {limit}"))
        })?;
        let answer = answered.map_err(|cause| self.failed(cause.to_string()))?;
        if answer.is_empty() {
            return Err(self.failed("it closed the connection without an answer"));
        }
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    async fn exchange(&self, line: &str) -> std::io::Result<Vec<u8>> {
        match &self.place {
            Place::Port(at) => talk(TcpStream::connect(at.as_str()).await?, line).await,
            #[cfg(unix)]
            Place::File(file) => talk(tokio::net::UnixStream::connect(file).await?, line).await,
            #[cfg(not(unix))]
            Place::File(_) => Err(std::io::Error::other("a path is a socket on Unix alone")),
        }
    }

    fn failed(&self, why: impl Into<String>) -> Error {
        Error::failed(format!("could not ask HAProxy at `{self}`")).because(why.into()).hint(
            "see that HAProxy runs with `stats socket … level admin`, and that lastgood may open it",
        )
    }
}

impl fmt::Display for Socket {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::File(file) => out.write_str(&text::clean(&file.to_string_lossy(), 200)),
            Place::Port(at) => out.write_str(&text::clean(at, 200)),
        }
    }
}

async fn talk(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    line: &str,
) -> std::io::Result<Vec<u8>> {
    stream.write_all(format!("{line}\n").as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(LONGEST).read_to_end(&mut answer).await?;
    Ok(answer)
}
