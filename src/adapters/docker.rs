//! How Docker is reached, and what it knows by name.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::text;

/// How Docker can be spoken to.
const SCHEMES: [&str; 4] = ["unix://", "tcp://", "ssh://", "npipe://"];

/// The name of a container, a project or a service.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, extend("examples" = ["shop"]))]
pub struct Name(String);

/// Where Docker listens: `unix:///run/docker.sock`, `tcp://10.0.0.5:2376`, `ssh://me@shop.example`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, extend("examples" = ["unix:///run/docker.sock"]))]
pub struct Host(String);

impl Name {
    /// Returns it as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Host {
    /// Returns it as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl TryFrom<String> for Name {
    type Error = String;

    /// A name begins with a letter or digit, so it is never taken for a flag.
    fn try_from(written: String) -> Result<Self, String> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric();
        let whole = written.bytes().next().is_some_and(plain)
            && written.bytes().all(|byte| plain(byte) || b"_.-".contains(&byte));
        if whole {
            return Ok(Self(written));
        }
        let shown = text::clean(&written, 80);
        let rule = "names are letters, digits, `_`, `.` and `-`, and begin with a letter or digit";
        Err(format!("`{shown}` is no name in Docker; {rule}"))
    }
}

impl TryFrom<String> for Host {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let address = SCHEMES.iter().find_map(|scheme| written.strip_prefix(scheme));
        if address.is_some_and(|address| !address.is_empty()) {
            return Ok(Self(written));
        }
        let shown = text::clean(&written, 80);
        Err(format!("`{shown}` is no address of Docker; write it like `unix:///run/docker.sock`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_become_a_flag_or_two_words_is_refused() {
        for name in ["--help", "-a", "a b", "", ".a", "_a", "a/b", "a=b", "a\nb", "ä", "{{.}}"] {
            let refused = Name::try_from(name.to_owned()).unwrap_err();
            assert!(refused.contains("is no name in Docker"), "{refused}");
        }
        for name in ["shop", "shop-web-1", "Shop_2.0", "0a"] {
            assert_eq!(Name::try_from(name.to_owned()).unwrap().as_str(), name);
        }
    }

    #[test]
    fn a_host_is_an_address_with_its_scheme() {
        for host in ["unix:///run/docker.sock", "tcp://10.0.0.5:2376", "ssh://me@shop.example"] {
            assert_eq!(Host::try_from(host.to_owned()).unwrap().as_str(), host);
        }
        for host in ["", "/run/docker.sock", "--help", "unix://", "http://docker"] {
            assert!(Host::try_from(host.to_owned()).is_err(), "{host}");
        }
    }
}
