//! Reads a file that may be anything, and comes to an end.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest as _, Sha256};

/// How much content is looked at.
pub(super) const LOOKED_AT: u64 = 4 * 1024 * 1024;

/// The largest file whose digest is taken.
pub(super) const DIGESTED: u64 = 4 * 1024 * 1024 * 1024;

/// Why a file gives no content.
#[derive(Debug)]
pub(super) enum NoContent {
    /// It has more bytes than these.
    Above(u64),
    /// It is a folder, a device, a pipe or a socket.
    NoFile,
    /// It cannot be read.
    Io(io::Error),
}

impl From<io::Error> for NoContent {
    fn from(cause: io::Error) -> Self {
        Self::Io(cause)
    }
}

/// Opens what is a file, also when it turns into a pipe in this very moment.
fn open(path: &Path) -> Result<File, NoContent> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, NO_WAITING);
    let file = options.open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(NoContent::NoFile) }
}

/// `O_NONBLOCK`: a pipe that nobody writes to opens at once.
#[cfg(any(target_os = "linux", target_os = "android"))]
const NO_WAITING: i32 = 0o4000;
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
const NO_WAITING: i32 = 0x4;

/// Returns the content, where it is not too long.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, NoContent> {
    let mut content = Vec::new();
    open(path)?.take(LOOKED_AT + 1).read_to_end(&mut content)?;
    if content.len() as u64 > LOOKED_AT { Err(NoContent::Above(LOOKED_AT)) } else { Ok(content) }
}

/// Returns the sha256 of the content, in hexadecimal.
pub(super) fn digest(path: &Path) -> Result<String, NoContent> {
    let mut file = open(path)?.take(DIGESTED + 1);
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut total = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(hex::encode(hasher.finalize()));
        }
        total += read as u64;
        if total > DIGESTED {
            return Err(NoContent::Above(DIGESTED));
        }
        hasher.update(&buffer[..read]);
    }
}
