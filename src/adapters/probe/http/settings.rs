//! What an HTTP check asks and holds its answer against.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::super::json_path::JsonPath;
use super::super::pattern::Pattern;
use crate::adapters::secret::Secret;
use crate::domain::duration::Span;

mod header;
mod status;
mod target;

pub use header::HeaderKey;
pub use status::Status;
pub use target::Target;

/// How often a redirect is followed when nobody says.
pub const REDIRECTS: u32 = 10;

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
    /// Headers to send; their values are never shown.
    #[serde(default)]
    pub headers: BTreeMap<HeaderKey, Secret>,
    /// A body to send.
    #[serde(default)]
    pub body: Option<String>,
    /// A token to send as `Authorization: Bearer`.
    #[serde(default)]
    pub bearer: Option<Secret>,
    /// The file that holds that token.
    #[serde(default)]
    pub bearer_file: Option<PathBuf>,
    /// A name and password to send as `Authorization: Basic`.
    #[serde(default)]
    pub basic: Option<Basic>,
    /// The statuses that are healthy: codes such as `200`, or classes such as `2xx`; `[2xx]` unless given.
    #[serde(default = "any_success")]
    #[schemars(length(min = 1))]
    pub status: Vec<Status>,
    /// Whether redirects are followed (at most 10), or how many; the last answer is judged.
    #[serde(default)]
    pub follow_redirects: Redirects,
    /// Regular expressions that must all match the body.
    #[serde(default)]
    pub body_matches: Vec<Pattern>,
    /// Regular expressions of which none may match the body.
    #[serde(default)]
    pub body_lacks: Vec<Pattern>,
    /// Regular expressions by header; a header that is missing, or of whose values none matches, is wrong.
    #[serde(default)]
    pub header_matches: BTreeMap<HeaderKey, Pattern>,
    /// Regular expressions by header; a header of whose values one matches is wrong.
    #[serde(default)]
    pub header_lacks: BTreeMap<HeaderKey, Pattern>,
    /// Values by path into the JSON body, such as `{.status: ok, .queues[0].depth: 0}`.
    #[serde(default)]
    pub json: BTreeMap<JsonPath, Value>,
    /// The longest that the whole answer may take.
    #[serde(default)]
    pub max_duration: Option<Span>,
    /// The most bytes that the body may have; without it 1 MiB is looked at, and more is wrong only where the body is judged.
    #[serde(default)]
    pub max_bytes: Option<u64>,
    /// Where the answer names the version that gave it; it must be the one under test, or its commit.
    #[serde(default)]
    pub expect_version: Option<ExpectVersion>,
}

impl Settings {
    /// Returns the settings of a check that just asks an address.
    pub fn new(url: Target) -> Self {
        Self {
            url,
            method: Method::default(),
            headers: BTreeMap::new(),
            body: None,
            bearer: None,
            bearer_file: None,
            basic: None,
            status: any_success(),
            follow_redirects: Redirects::default(),
            body_matches: Vec::new(),
            body_lacks: Vec::new(),
            header_matches: BTreeMap::new(),
            header_lacks: BTreeMap::new(),
            json: BTreeMap::new(),
            max_duration: None,
            max_bytes: None,
            expect_version: None,
        }
    }
}

impl Settings {
    /// Returns every mistake that only the whole shows.
    pub fn mistakes(&self) -> Vec<String> {
        let basic = self.basic.as_ref();
        let twice =
            basic.is_some_and(|basic| basic.password.is_some() && basic.password_file.is_some());
        let bearer = self.bearer.is_some() || self.bearer_file.is_some();
        [
            (self.status.is_empty(), "`status` is empty, so the check could never pass"),
            (self.bearer.is_some() && self.bearer_file.is_some(), "`bearer` is given twice"),
            (bearer && basic.is_some(), "`bearer` and `basic` exclude each other"),
            (twice, "`basic.password` is given twice"),
        ]
        .into_iter()
        .filter(|(wrong, _)| *wrong)
        .map(|(_, message)| message.to_owned())
        .collect()
    }
}

fn any_success() -> Vec<Status> {
    vec![Status::Class(2)]
}

/// A name and password.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "BasicAuthorization")]
pub struct Basic {
    /// The name.
    pub user: String,
    /// The password.
    #[serde(default)]
    pub password: Option<Secret>,
    /// The file that holds the password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
}

/// Where an answer names the version that gave it.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExpectVersion {
    /// At a path into the JSON body: `{json: .version}`.
    Json(JsonPath),
    /// In a header: `{header: X-Version}`.
    Header(HeaderKey),
    /// Where a regular expression matches the body, its first group: `{regexp: 'version (\S+)'}`.
    Regexp(Pattern),
}

/// A request's method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(inline)]
pub enum Method {
    /// Asks.
    #[default]
    Get,
    /// Asks for the headers alone.
    Head,
    /// Posts.
    Post,
    /// Puts.
    Put,
    /// Patches.
    Patch,
    /// Deletes.
    Delete,
    /// Asks what may be done.
    Options,
}

/// Whether redirects are followed, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "this is `true`, `false` or a whole number")]
#[schemars(inline)]
pub enum Redirects {
    /// None, or the usual number.
    Switch(bool),
    /// So many.
    Most(u32),
}

impl Default for Redirects {
    fn default() -> Self {
        Self::Switch(true)
    }
}

impl Redirects {
    /// Returns how many redirects are followed; none where the redirect itself is the answer.
    pub fn most(self) -> Option<u32> {
        match self {
            Self::Switch(false) | Self::Most(0) => None,
            Self::Switch(true) => Some(REDIRECTS),
            Self::Most(most) => Some(most),
        }
    }
}
