//! Keeps two processes of one machine from changing a router at once.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::domain::duration::Span;

/// How long nothing is tried while another process holds it.
const PAUSE: Duration = Duration::from_millis(10);

/// Waits until no other process holds a folder; it is let go of with what is returned.
pub(super) async fn folder(folder: &Path, limit: Duration) -> io::Result<File> {
    let held = File::open(folder)?;
    let until = Instant::now() + limit;
    loop {
        match held.try_lock() {
            Ok(()) => return Ok(held),
            Err(TryLockError::Error(cause)) => return Err(cause),
            Err(TryLockError::WouldBlock) if Instant::now() >= until => {
                let limit = Span::from(limit);
                let why = format!("another process has been changing it for {limit}");
                return Err(io::Error::new(io::ErrorKind::TimedOut, why));
            }
            Err(TryLockError::WouldBlock) => tokio::time::sleep(PAUSE).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_comes_second_waits_and_says_so_when_it_takes_too_long() {
        let place = tempfile::tempdir().unwrap();
        let held = folder(place.path(), Duration::ZERO).await.unwrap();
        let short = Duration::from_millis(50);
        let error = folder(place.path(), short).await.unwrap_err();
        assert_eq!(error.to_string(), "another process has been changing it for 50ms");
        drop(held);
        folder(place.path(), Duration::ZERO).await.unwrap();
        let missing = folder(&place.path().join("none"), short).await.unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }
}
