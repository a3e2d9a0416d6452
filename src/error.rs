//! What went wrong, to what, why, and the next thing to type.

use std::fmt;

/// Whose move it is after a failure; it alone picks the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Usage or configuration: exit 2, nothing was touched.
    Invalid,
    /// It could not be done: exit 1.
    Failed,
    /// A rule stands against it: exit 6.
    Refused,
    /// The remote could not be read or written: exit 8.
    Unreachable,
    /// Another run owns the operation, or a newer one exists: exit 5.
    Overtaken,
}

/// An error as data; only the report layer knows how it is printed.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    reason: &'static str,
    message: String,
    hints: Vec<String>,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The result of everything that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Makes an error of a kind with its stable reason code and a message fragment.
    pub fn new(kind: Kind, reason: &'static str, message: impl Into<String>) -> Self {
        Self { kind, reason, message: message.into(), hints: Vec::new(), cause: None }
    }

    /// Usage or configuration is wrong; nothing was touched.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, "invalid", message)
    }

    /// It could not be done.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(Kind::Failed, "failed", message)
    }

    /// The remote could not be read or written.
    pub fn unreachable(message: impl Into<String>) -> Self {
        Self::new(Kind::Unreachable, "unreachable", message)
    }

    /// A rule stands against it.
    pub fn refused(reason: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Refused, reason, message)
    }

    /// Adds one thing that a tired person can type next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds why it failed.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Returns whose move it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the stable reason code.
    pub fn reason(&self) -> &'static str {
        self.reason
    }

    /// Returns what was being done, and to what.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the hints in the order they were given.
    pub fn hints(&self) -> &[String] {
        &self.hints
    }

    /// Returns the causes, nearest first.
    pub fn causes(&self) -> Vec<String> {
        let mut causes = Vec::new();
        let mut next = std::error::Error::source(self);
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        causes
    }

    /// Returns what went wrong with its causes, on one line.
    pub fn whole(&self) -> String {
        [vec![self.message.clone()], self.causes()].concat().join(": ")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn std::error::Error + 'static))
    }
}
