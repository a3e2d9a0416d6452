//! What is wrong in a configuration, where, and what was meant.

use std::fmt;
use std::ops::Range;

use serde::Serialize;

use super::veil;
use crate::domain::text::clean;
use crate::error::Error;

/// The longest message: long enough for every key of a check.
const LONGEST: usize = 600;

/// One thing that is wrong in a configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mistake {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to write instead, where that is known.
    pub hint: Option<String>,
}

/// All that is wrong in a configuration file; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes(pub(super) Vec<Mistake>);

impl fmt::Display for Mistakes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.0.first().map_or("", |mistake| mistake.file.as_str());
        match self.0.len() {
            1 => write!(out, "1 mistake in `{file}`"),
            count => write!(out, "{count} mistakes in `{file}`"),
        }
    }
}

impl std::error::Error for Mistakes {}

/// Returns the mistakes that an error of this module tells; none where it is another error.
pub fn mistakes(error: &Error) -> &[Mistake] {
    let cause = std::error::Error::source(error);
    let mistakes = cause.and_then(|cause| cause.downcast_ref::<Mistakes>());
    mistakes.map_or(&[], |mistakes| &mistakes.0)
}

/// A mistake before its place has been turned into line and column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// The bytes of the file that are wrong.
    pub place: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
}

impl Finding {
    /// Tells what is wrong at a place.
    pub fn new(place: Range<usize>, message: impl Into<String>) -> Self {
        let message = veil::address(&message.into());
        Self { place, message: clean(&message, LONGEST), hint: None }
    }

    /// Tells that a value from outside the file is wrong, without a word of it.
    pub fn hidden(place: Range<usize>) -> Self {
        Self::new(place, "the value that is put in here does not fit")
            .hint("it is not shown, since it may be a secret; look at the variable")
    }

    /// Adds what to write instead.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(clean(&veil::address(&hint.into()), LONGEST)), ..self }
    }
}
