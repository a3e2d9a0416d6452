//! Secrets: values that cannot be printed.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A value that says nothing of itself when it is shown.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes a value that must not be printed.
    pub fn new(value: impl Into<String>) -> Self {
        Self(SecretString::from(value.into()))
    }

    /// Returns the value, for the one call that needs it.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}
