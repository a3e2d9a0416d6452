//! How TLS is spoken where it is not HTTP's own affair.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

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
