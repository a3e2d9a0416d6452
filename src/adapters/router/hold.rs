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
