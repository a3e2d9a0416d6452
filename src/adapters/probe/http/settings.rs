//! What an HTTP check asks and holds its answer against.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::super::access::with_credentials;
use super::super::json_path::JsonPath;
use super::super::tcp::{Fallback, Ip};
use crate::adapters::tls;
use crate::domain::duration::Span;

mod authority;
mod body_json;
mod compression;
mod header;
mod method;
mod mistakes;
mod patterns;
mod rule;
mod status;
mod target;
mod version;

pub use authority::{Basic, ExpectVersion};
pub use body_json::{BodyJson, Over, Said};
pub use compression::Compression;
pub use header::HeaderKey;
pub use method::{Method, Redirects};
pub use patterns::Patterns;
pub use rule::{Rule, Rules};
pub use status::Status;
pub use target::Target;
pub use version::HttpVersion;

with_credentials! {
    headers: "Headers to send; their values are never shown.";
    /// Asks a service over HTTP; each question goes over a connection of its own.
    #[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[schemars(rename = "HttpCheck")]
    pub struct Settings {
        /// The address; without a scheme, `http://` is meant.
        pub url: Target,
        /// The method; `GET` unless it is given.
        #[serde(default)]
        pub method: Method,
        /// A body to send.
        #[serde(default)]
        pub body: Option<String>,
        /// The file that holds the body to send.
        #[serde(default)]
        pub body_file: Option<PathBuf>,
        /// The statuses that are healthy: codes such as `200`, or classes such as `2xx`; `[2xx]` unless given.
        #[serde(default = "any_success")]
        #[schemars(length(min = 1))]
        pub status: Vec<Status>,
        /// Whether redirects are followed (at most 10), or how many; the last answer is judged.
        #[serde(default)]
        pub follow_redirects: Redirects,
        /// The versions of HTTP that the answer may have: `HTTP/1.1`, `HTTP/2`; any unless given.
        #[serde(default)]
        pub http_versions: Vec<HttpVersion>,
        /// Whether the last answer must come over TLS (`true`), or must not (`false`).
        #[serde(default)]
        pub require_tls: Option<bool>,
        /// How the body is compressed: `gzip`, `deflate`, `br` or `identity`; it is asked for so and read so.
        #[serde(default)]
        pub compression: Option<Compression>,
        /// Regular expressions that must all match the body; with `{any: […]}` one is enough.
        #[serde(default)]
        pub body_matches: Patterns,
        /// Regular expressions of which none may match the body; with `{all: […]}` only all together are wrong.
        #[serde(default)]
        pub body_lacks: Patterns,
        /// Regular expressions by header; a header that is missing, or of whose values none matches, is wrong. One may be missing with `{regexp: …, allow_missing: true}`.
        #[serde(default)]
        pub header_matches: BTreeMap<HeaderKey, Rules>,
        /// Regular expressions by header; a header of whose values one matches is wrong. One may not be missing with `{regexp: …, allow_missing: false}`.
        #[serde(default)]
        pub header_lacks: BTreeMap<HeaderKey, Rules>,
        /// Values by path into the JSON body, such as `{.status: ok, .queues[0].depth: 0}`.
        #[serde(default)]
        pub json: BTreeMap<JsonPath, Value>,
        /// Conditions in CEL over the JSON body, such as `{success: "body.status == 'ok'"}`.
        #[serde(default)]
        pub body_json: Option<BodyJson>,
        /// The longest that the whole answer may take.
        #[serde(default)]
        pub max_duration: Option<Span>,
        /// The most bytes that the body may have; without it 1 MiB is looked at, and more is wrong only where the body is judged.
        #[serde(default)]
        pub max_bytes: Option<u64>,
        /// Where the answer names the version that gave it; it must be the one under test, or its commit.
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
        /// The proxy that is asked through, also for this machine: `http://proxy.example:3128`.
        #[serde(default)]
        pub proxy: Option<Target>,
        /// Whether `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` hold, except for this machine; `true` unless given.
        #[serde(default = "yes")]
        pub proxy_from_environment: bool,
    }
}

impl Settings {
    /// Returns the settings of a check that just asks an address.
    pub fn new(url: Target) -> Self {
        Self {
            url,
            method: Method::default(),
            headers: BTreeMap::new(),
            body: None,
            body_file: None,
            bearer: None,
            bearer_file: None,
            basic: None,
            status: any_success(),
            follow_redirects: Redirects::default(),
            http_versions: Vec::new(),
            require_tls: None,
            compression: None,
            body_matches: Patterns::default(),
            body_lacks: Patterns::default(),
            header_matches: BTreeMap::new(),
            header_lacks: BTreeMap::new(),
            json: BTreeMap::new(),
            body_json: None,
            max_duration: None,
            max_bytes: None,
            expect_version: None,
            tls: tls::Settings::default(),
            ip: Ip::default(),
            ip_fallback: Fallback::default(),
            proxy: None,
            proxy_from_environment: true,
        }
    }
}

fn any_success() -> Vec<Status> {
    vec![Status::Class(2)]
}

fn yes() -> bool {
    true
}
