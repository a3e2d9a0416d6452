//! Secrets: values that cannot be printed.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt;
use std::path::Path;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};

use crate::error::{Error, Result};

/// A shorter text is no secret, and would be found in the values of innocent variables.
const SHORTEST: usize = 8;

/// A value that says nothing of itself when it is shown.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes a value that must not be printed.
    pub fn new(value: impl Into<String>) -> Self {
        Self(SecretString::from(value.into()))
    }

    /// Reads a value from a file, without the line end that editors leave.
    pub fn from_file(file: &Path) -> Result<Self> {
        let name = file.display();
        let text = std::fs::read_to_string(file).map_err(|cause| {
            Error::invalid(format!("could not read the secret in `{name}`")).because(cause)
        })?;
        Ok(Self::new(text.trim_end_matches(['\r', '\n'])))
    }

    /// Returns the value, for the one call that needs it.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Returns the names of our environment variables whose values hold one of the secrets.
pub fn variables_holding(secrets: &[Secret]) -> Vec<OsString> {
    let secrets = || secrets.iter().map(Secret::reveal).filter(|secret| secret.len() >= SHORTEST);
    let held = |value: &OsString| {
        let value = value.to_string_lossy();
        secrets().any(|secret| value.contains(secret))
    };
    std::env::vars_os().filter(|(_, value)| held(value)).map(|(name, _)| name).collect()
}

/// Returns a text with every secret in it replaced.
pub fn masked<'a>(text: &str, secrets: impl IntoIterator<Item = &'a Secret>) -> String {
    let secrets = secrets.into_iter().map(Secret::reveal);
    let secrets = secrets.filter(|secret| secret.len() >= SHORTEST);
    secrets.fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
}

/// Takes user names and passwords out of every URL in a text.
pub fn without_credentials(text: &str) -> String {
    let mut told = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        told.push_str(before);
        let ends = |c: char| c == '/' || c == '\'' || c == '"' || c.is_whitespace();
        let authority = &after[..after.find(ends).unwrap_or(after.len())];
        rest = authority.rfind('@').map_or(after, |user| &after[user + 1..]);
    }
    told + rest
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.reveal() == other.reveal()
    }
}

impl Eq for Secret {}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(Self::new)
    }
}

impl JsonSchema for Secret {
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "writeOnly": true, "examples": ["${env:NAME}"] })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_says_nothing_of_itself() {
        let secret: Secret = serde_json::from_str("\"hunter2hunter2\"").unwrap();
        assert_eq!(format!("{secret} {secret:?}"), "*** ***");
        assert_eq!(secret.reveal(), "hunter2hunter2");
    }

    #[test]
    fn credentials_are_taken_out_of_every_url() {
        let cases = [
            ("https://u:p@host/x.git", "https://host/x.git"),
            ("at 'https://tok@h:8443/a' and ssh://git@h/b", "at 'https://h:8443/a' and ssh://h/b"),
            ("https://a:p@ss@host/x", "https://host/x"),
            ("https://host/a@b", "https://host/a@b"),
            ("git@host:a/b", "git@host:a/b"),
        ];
        for (text, told) in cases {
            assert_eq!(without_credentials(text), told);
        }
    }

    #[test]
    fn a_secret_in_a_text_is_masked() {
        let secrets = ["hunter2hunter2", "o"].map(Secret::new);
        assert_eq!(masked("token=hunter2hunter2 or", &secrets), "token=*** or");
    }

    #[test]
    fn the_variables_that_hold_a_secret_are_found_by_value() {
        let (name, value) = std::env::vars().max_by_key(|(_, value)| value.len()).unwrap();
        let found = variables_holding(&[Secret::new(value)]);
        assert!(found.contains(&OsString::from(name)));
        assert_eq!(variables_holding(&[Secret::new(""), Secret::new("a")]), [""; 0]);
    }
}
