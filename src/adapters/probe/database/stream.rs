//! A connection that brings no more than can be held.

use std::io::{Error, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::answer::{LONGEST, NoAnswer};
use super::target::Place;

/// Reads until too much came, and breaks off then.
#[derive(Debug)]
pub(super) struct Bounded<S> {
    stream: S,
    left: usize,
    spilt: Spilt,
}

/// Tells whether a connection brought too much, and in answer to what.
#[derive(Debug, Clone, Default)]
pub(super) struct Spilt {
    spilt: Arc<AtomicBool>,
    asked: Arc<AtomicBool>,
}

impl Spilt {
    /// Says that from now on a query of the user's own is answered, and may be at length.
    pub(super) fn asks(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    /// Returns the reason that counts: too much, where it was, else the one at hand.
    pub(super) fn or(&self, reason: NoAnswer) -> NoAnswer {
        match [&self.spilt, &self.asked].map(|flag| flag.load(Ordering::Relaxed)) {
            [false, _] => reason,
            [true, false] => NoAnswer::nonsense(LONGEST),
            [true, true] => NoAnswer::too_much(LONGEST),
        }
    }
}

/// Connects to a server.
pub(super) async fn connect(place: &Place) -> std::result::Result<TcpStream, NoAnswer> {
    let host = place.host.trim_start_matches('[').trim_end_matches(']');
    TcpStream::connect((host, place.port)).await.map_err(NoAnswer::unreached)
}

impl<S> Bounded<S> {
    /// Bounds a connection.
    pub(super) fn new(stream: S) -> (Self, Spilt) {
        let spilt = Spilt::default();
        (Self { stream, left: LONGEST, spilt: spilt.clone() }, spilt)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let before = into.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, into))?;
        let Some(left) = self.left.checked_sub(into.filled().len() - before) else {
            self.spilt.spilt.store(true, Ordering::Relaxed);
            return Poll::Ready(Err(Error::other("more than can be held")));
        };
        self.left = left;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
