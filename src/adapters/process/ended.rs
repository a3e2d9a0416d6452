//! How runs end, and why they do not.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use super::Captured;
use crate::domain::duration::Span;

/// A program that ran and ended by itself or by another's signal.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub ended: Ended,
    /// What it wrote to its standard output.
    pub stdout: Captured,
    /// What it wrote to its standard error.
    pub stderr: Captured,
    /// How long it ran.
    pub took: Duration,
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It left with this code.
    Code(i32),
    /// This signal killed it.
    Signal(i32),
}

/// Why a program did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// There is no such program.
    #[error("no program `{0}` was found")]
    NotFound(String),
    /// The folder it was to run in is not there.
    #[error("there is no folder `{0}` to run it in")]
    NoFolder(PathBuf),
    /// It is there and could not be started.
    #[error("`{0}` could not be started")]
    NotStarted(String, #[source] io::Error),
    /// It was killed, with all it had started, when its time was over.
    #[error("`{program}` did not end within {} and was killed", Span::from(*after))]
    TimedOut {
        /// What ran.
        program: String,
        /// The time it had.
        after: Duration,
        /// What it had written to its standard output.
        stdout: Captured,
        /// What it had written to its standard error.
        stderr: Captured,
    },
    /// The system would not tell how it ended.
    #[error("`{0}` was lost sight of")]
    Lost(String, #[source] io::Error),
}

impl Finished {
    /// Returns whether it left with code 0.
    pub fn succeeded(&self) -> bool {
        self.ended == Ended::Code(0)
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(out, "exit code {code}"),
            Self::Signal(signal) => write!(out, "killed by signal {signal}"),
        }
    }
}

impl From<ExitStatus> for Ended {
    fn from(status: ExitStatus) -> Self {
        #[cfg(unix)]
        if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
            return Self::Signal(signal);
        }
        Self::Code(status.code().unwrap_or(-1))
    }
}
