//! Where a server listens.

use std::fmt;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::text;

/// Begins the path of a socket of this machine.
const UNIX: &str = "unix:";

/// A host and port, or `unix:` and the path of a socket.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, extend("examples" = ["db.example:5432"]))]
pub struct Address(String);

/// What an address means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A host, without brackets, and a port.
    Net(String, u16),
    /// A socket of this machine.
    Unix(PathBuf),
}

impl Address {
    /// Returns what it means.
    pub fn place(&self) -> Place {
        match self.0.strip_prefix(UNIX) {
            Some(path) => Place::Unix(path.into()),
            None => net(&self.0).unwrap_or_else(|| Place::Net(self.0.clone(), 0)),
        }
    }

    /// Returns the host, as a certificate may name it.
    pub fn host(&self) -> String {
        match self.place() {
            Place::Net(host, _) => host,
            Place::Unix(_) => "localhost".to_owned(),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl TryFrom<String> for Address {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let whole = match text.strip_prefix(UNIX) {
            Some(path) => path.starts_with('/'),
            None => net(&text).is_some(),
        };
        if whole { Ok(Self(text)) } else { Err(wrong(&text)) }
    }
}

fn net(text: &str) -> Option<Place> {
    if text.contains('@') {
        return None;
    }
    let (host, port) = text.rsplit_once(':')?;
    let port = port.parse().ok().filter(|port| *port > 0)?;
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let bare = inner.is_none() && host.contains(':');
    let host = inner.unwrap_or(host);
    (!host.is_empty() && !bare).then(|| Place::Net(host.to_owned(), port))
}

/// Says what is wrong, without a name and password.
fn wrong(address: &str) -> String {
    if let Some((_, address)) = address.rsplit_once('@') {
        let address = text::clean(address, 80);
        return format!("nobody logs in here; leave out what stands before the `@` of `{address}`");
    }
    let address = text::clean(address, 80);
    format!("`{address}` is no host and port; write it like `db.example:5432`")
}
