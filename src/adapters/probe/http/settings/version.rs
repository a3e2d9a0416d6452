//! The versions of HTTP that an answer may have.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

/// A version of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum HttpVersion {
    /// 1.0
    #[serde(rename = "HTTP/1.0")]
    Http1_0,
    /// 1.1
    #[serde(rename = "HTTP/1.1")]
    Http1_1,
    /// 2
    #[serde(rename = "HTTP/2", alias = "HTTP/2.0")]
    Http2,
}

impl HttpVersion {
    /// Returns the version of an answer.
    pub fn of(version: http::Version) -> Self {
        match version {
            http::Version::HTTP_2 => Self::Http2,
            http::Version::HTTP_11 => Self::Http1_1,
            _ => Self::Http1_0,
        }
    }
}

impl fmt::Display for HttpVersion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Http1_0 => "HTTP/1.0",
            Self::Http1_1 => "HTTP/1.1",
            Self::Http2 => "HTTP/2",
        })
    }
}
