//! Where a WebSocket is opened, shown without its secrets.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use url::{Host, Url};

use super::super::http;
use super::super::tcp::Place;
use crate::adapters::http::shown;

/// An address to open; shown without what may be secret in it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Target {
    url: Url,
}

impl Target {
    /// Returns the whole address.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Returns whether TLS is spoken there.
    pub fn is_secure(&self) -> bool {
        self.url.scheme() == "wss"
    }

    /// Returns the host without brackets.
    pub fn host(&self) -> String {
        match self.url.host() {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            None => String::new(),
        }
    }

    /// Returns where it is.
    pub fn place(&self) -> Place {
        Place::Net(self.host(), self.url.port_or_known_default().unwrap_or_default())
    }
}

impl TryFrom<String> for Target {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let whole = if text.contains("://") { text } else { format!("ws://{text}") };
        let url = Url::parse(&whole).map_err(|cause| format!("this is no address: {cause}"))?;
        if !["ws", "wss"].contains(&url.scheme()) {
            let other = url.scheme();
            return Err(format!("`{other}` is no scheme of a WebSocket; write `wss://…`"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("a name or password in the address is not sent; write `basic`".to_owned());
        }
        let scheme = if url.scheme() == "wss" { "https" } else { "http" };
        let over_http = format!("{scheme}{}", &url.as_str()[url.scheme().len()..]);
        // What no request over HTTP could be sent to, no handshake could be either.
        http::Target::try_from(over_http)?;
        Ok(Self { url })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&shown(&self.url))
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl JsonSchema for Target {
    fn schema_name() -> Cow<'static, str> {
        "WebsocketUrl".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "examples": ["wss://shop.example/live"] })
    }
}
