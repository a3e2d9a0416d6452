//! How TLS is spoken, and whom it trusts.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;

use crate::error::Result;

mod certificate;
mod client;
mod expiry;
mod trust;

pub use certificate::{Certificate, day};
pub use client::{Client, Session, refusal, why};
pub use expiry::verified_until;
pub use trust::Trust;

/// Whom TLS trusts, and what it says of itself.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Tls")]
pub struct Settings {
    /// Certificates, in PEM, that are trusted in place of the machine's.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// The name that the certificate must be for, where it is not the address's.
    #[serde(default)]
    pub server_name: Option<String>,
    /// Whether any certificate is taken; then nothing proves who answered.
    #[serde(default)]
    pub insecure: bool,
    /// Our own certificate, in PEM, for servers that ask for one.
    #[serde(default)]
    pub certificate_file: Option<PathBuf>,
    /// The key of that certificate, in PEM.
    #[serde(default)]
    pub key_file: Option<PathBuf>,
    /// The oldest version that is spoken: `1.2` unless given.
    #[serde(default)]
    pub min_version: Version,
}

impl Settings {
    /// Returns every mistake that only the whole shows.
    pub fn mistakes(&self) -> Vec<String> {
        let pair = self.certificate_file.is_some() == self.key_file.is_some();
        [
            (!pair, "`certificate_file` and `key_file` belong together"),
            (
                self.insecure && self.ca_file.is_some(),
                "`insecure` and `ca_file` exclude each other",
            ),
        ]
        .into_iter()
        .filter(|(wrong, _)| *wrong)
        .map(|(_, message)| message.to_owned())
        .collect()
    }

    /// Reads the files, which lie in the folder unless their paths are absolute.
    pub fn client(&self, folder: &Path) -> Result<Client> {
        Client::new(self, folder)
    }
}

/// A version of TLS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Version {
    /// 1.2
    #[default]
    #[serde(rename = "1.2")]
    V1_2,
    /// 1.3
    #[serde(rename = "1.3")]
    V1_3,
}

impl std::fmt::Display for Version {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::V1_2 => "1.2",
            Self::V1_3 => "1.3",
        })
    }
}

#[cfg(test)]
pub(crate) mod tests;
