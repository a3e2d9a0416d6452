//! How a body is compressed.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Compression {
    /// gzip
    Gzip,
    /// deflate, with or without the frame of zlib
    Deflate,
    /// Brotli
    Br,
    /// Not at all.
    Identity,
}

impl Compression {
    /// Returns its name in `Accept-Encoding`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Br => "br",
            Self::Identity => "identity",
        }
    }

    /// Returns whether an `Accept-Encoding` asks for it; what is named counts before `*`.
    pub fn is_accepted_by(self, header: &str) -> bool {
        let offers: Vec<_> = header.split(',').map(offer).collect();
        let of = |name: &str| offers.iter().find(|(one, _)| one.eq_ignore_ascii_case(name));
        let offer = of(self.name()).or_else(|| of("*"));
        offer.map_or(header.trim().is_empty(), |(_, weight)| *weight > 0.0)
    }
}

/// Returns a coding and its weight; a weight that cannot be read is none.
fn offer(text: &str) -> (&str, f32) {
    let (name, weight) = text.split_once(';').unwrap_or((text, "q=1"));
    let (key, weight) = weight.trim().split_once('=').unwrap_or_default();
    let weight = weight.trim().parse().unwrap_or(0.0);
    (name.trim(), if key.trim().eq_ignore_ascii_case("q") { weight } else { 0.0 })
}

impl fmt::Display for Compression {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accept_encoding_must_ask_for_what_is_declared() {
        for (compression, header, expected) in [
            (Compression::Gzip, "", true),
            (Compression::Gzip, "gzip", true),
            (Compression::Gzip, "GZIP ; q=0.5, br", true),
            (Compression::Gzip, "br, gzip", true),
            (Compression::Gzip, "deflate", false),
            (Compression::Gzip, "*", true),
            (Compression::Gzip, "*;q=0.0", false),
            (Compression::Gzip, "gzip;q=0, *", false),
            (Compression::Gzip, "gzip;q=0.001, *;q=0", true),
            (Compression::Br, "identity;q=0, *;q=0.5", true),
            (Compression::Br, "br;q=odd", false),
            (Compression::Identity, "identity", true),
            (Compression::Identity, "gzip", false),
        ] {
            assert_eq!(compression.is_accepted_by(header), expected, "{compression} {header}");
        }
    }
}
