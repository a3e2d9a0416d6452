//! Why a flow stops before its end: a rule, or something broken.

use crate::domain::ending::Ending;
use crate::error::Error;

/// Why a flow stops before its end.
#[derive(Debug)]
pub enum Halt {
    /// A rule says so; this is an ending like any other.
    Ended(Ending),
    /// Something broke.
    Broke(Error),
}

/// The result of a step of a flow.
pub type Step<T> = Result<T, Halt>;

impl Halt {
    /// Returns the ending, where a rule is why.
    pub(super) fn ending(self) -> Option<Ending> {
        match self {
            Self::Ended(ending) => Some(ending),
            Self::Broke(_) => None,
        }
    }
}

impl std::fmt::Display for Halt {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ended(ending) => out.write_str(&ending.message),
            Self::Broke(error) => error.fmt(out),
        }
    }
}

impl From<Ending> for Halt {
    fn from(ending: Ending) -> Self {
        Self::Ended(ending)
    }
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Broke(error)
    }
}
