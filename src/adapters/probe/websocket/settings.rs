//! What a WebSocket check asks, and who it says it is.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::access::with_credentials;
use super::super::http::HeaderKey;
use super::super::tcp::{Fallback, Ip};
use super::{Target, Turn, turn};
use crate::adapters::tls;

with_credentials! {
    headers: "Headers to send with the handshake; their values are never shown.";
    /// Opens a WebSocket; without a dialogue, being upgraded is enough.
    #[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[schemars(rename = "WebsocketCheck")]
    pub struct Settings {
        /// The address: `wss://shop.example/live`; without a scheme, `ws://` is meant.
        pub url: Target,
        /// The messages that are sent and expected, in this order.
        #[serde(default)]
        pub dialogue: Vec<Turn>,
        /// The subprotocols that are offered, the dearest first; the server must take one of them.
        #[serde(default)]
        pub subprotocols: Vec<Subprotocol>,
        /// Where the answer to the handshake names the version that gave it; it must be the one under test, or its commit.
        #[serde(default)]
        pub expect_version: Option<ExpectVersion>,
        /// Whom TLS trusts, and what it says of itself.
        #[serde(default)]
        pub tls: tls::Settings,
        /// Which addresses of the host are used: `any`, `ip4` or `ip6`.
        #[serde(default)]
        pub ip: Ip,
        /// Whether the other family is used where the host has no address of the one wanted; `true` unless given.
        #[serde(default)]
        pub ip_fallback: Fallback,
    }
}

/// Where the answer to a handshake names the version that gave it.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ExpectVersionInHandshake")]
pub enum ExpectVersion {
    /// In a header: `{header: X-Version}`.
    Header(HeaderKey),
}

/// The name of a subprotocol.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, extend("examples" = ["graphql-transport-ws"]))]
pub struct Subprotocol(String);

impl Subprotocol {
    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Subprotocol {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if !text.is_empty() && text.chars().all(is_token) {
            return Ok(Self(text));
        }
        let shown = crate::domain::text::clean(&text, 80);
        Err(format!("`{shown}` is no name of a subprotocol"))
    }
}

/// The headers that make a request a handshake.
const OWN: [&str; 6] = [
    "connection",
    "upgrade",
    "sec-websocket-key",
    "sec-websocket-version",
    "sec-websocket-extensions",
    "sec-websocket-protocol",
];

impl Settings {
    pub(super) fn mistakes(&self) -> Vec<String> {
        let own = self.headers.keys().map(|name| name.get().as_str());
        let own = own.filter(|name| OWN.contains(name)).map(|name| match name {
            "sec-websocket-protocol" => {
                format!("the header `{name}` is the handshake's own; write `subprotocols`")
            }
            _ => format!("the header `{name}` is the handshake's own"),
        });
        let twice = self.subprotocols.iter().enumerate().find_map(|(at, name)| {
            let name = self.subprotocols[..at].contains(name).then_some(name.as_str())?;
            Some(format!("the subprotocol `{name}` is given twice"))
        });
        let tls = self.tls.mistakes().into_iter().map(|mistake| format!("in `tls`: {mistake}"));
        let access = self.credentials().mistakes();
        access
            .into_iter()
            .chain(tls)
            .chain(own)
            .chain(twice)
            .chain(turn::mistakes(&self.dialogue))
            .collect()
    }
}
