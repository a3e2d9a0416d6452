//! How it is asked, and how far it is followed.

use http::Method as Verb;
use schemars::JsonSchema;
use serde::Deserialize;

/// How often a redirect is followed when nobody says.
pub const REDIRECTS: u32 = 10;

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

impl Method {
    /// Returns the method as it is sent.
    pub fn verb(self) -> Verb {
        match self {
            Self::Get => Verb::GET,
            Self::Head => Verb::HEAD,
            Self::Post => Verb::POST,
            Self::Put => Verb::PUT,
            Self::Patch => Verb::PATCH,
            Self::Delete => Verb::DELETE,
            Self::Options => Verb::OPTIONS,
        }
    }
}
