//! The body of an answer, up to a limit.

use std::io::Read;

use http_body_util::BodyExt;
use hyper::body::Incoming;

use super::exchange::NoAnswer;
use super::settings::Compression;
use crate::adapters::http::deepest;

/// How much of a body is looked at when nobody says.
const LOOKED_AT: u64 = 1024 * 1024;

/// A compressed body may be longer than what is in it, by its frame.
const FRAME: u64 = 64 * 1024;

/// A body, never more of it than may be looked at.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// All of it, decompressed where that was declared.
    Whole(Vec<u8>),
    /// It has more bytes than this.
    Above(u64),
    /// It is not compressed as was declared.
    Odd(String),
}

/// Reads a body up to a limit, which holds after decompression.
pub(super) async fn read(
    body: Incoming,
    compression: Option<Compression>,
    most: Option<u64>,
) -> Result<Body, NoAnswer> {
    let most = most.unwrap_or(LOOKED_AT);
    let packed = compression.filter(|one| *one != Compression::Identity);
    let room = if packed.is_some() { most.saturating_add(FRAME) } else { most };
    let raw = take(body, room).await?;
    Ok(match (raw, packed) {
        (None, _) => Body::Above(most),
        (Some(raw), None) => Body::Whole(raw),
        (Some(raw), Some(compression)) => unpack(&raw, compression, most),
    })
}

/// Returns the bytes of a body; none where there are more than there is room for.
async fn take(mut body: Incoming, room: u64) -> Result<Option<Vec<u8>>, NoAnswer> {
    let mut taken = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            NoAnswer::broken(format!("the answer broke off: {}", deepest(&error)))
        })?;
        let Ok(data) = frame.into_data() else { continue };
        if (taken.len() + data.len()) as u64 > room {
            return Ok(None);
        }
        taken.extend_from_slice(&data);
    }
    Ok(Some(taken))
}

fn unpack(raw: &[u8], compression: Compression, most: u64) -> Body {
    // An answer that may have no body, such as one to `HEAD`, is not compressed either.
    if raw.is_empty() {
        return Body::Whole(Vec::new());
    }
    let mut whole = Vec::new();
    let limit = most.saturating_add(1);
    let read = match compression {
        Compression::Gzip => {
            flate2::read::MultiGzDecoder::new(raw).take(limit).read_to_end(&mut whole)
        }
        Compression::Deflate if has_frame(raw) => {
            flate2::read::ZlibDecoder::new(raw).take(limit).read_to_end(&mut whole)
        }
        Compression::Deflate => {
            flate2::read::DeflateDecoder::new(raw).take(limit).read_to_end(&mut whole)
        }
        Compression::Br => {
            brotli_decompressor::Decompressor::new(raw, 4096).take(limit).read_to_end(&mut whole)
        }
        Compression::Identity => return Body::Whole(raw.to_vec()),
    };
    match read {
        _ if whole.len() as u64 > most => Body::Above(most),
        Ok(_) => Body::Whole(whole),
        Err(cause) => Body::Odd(format!("the body is not compressed as `{compression}`: {cause}")),
    }
}

/// Returns whether deflate comes in zlib's frame, as the standard has it, or bare, as some send it.
fn has_frame(raw: &[u8]) -> bool {
    let Some([first, second]) = raw.first_chunk() else { return false };
    first & 0x0f == 8 && u16::from_be_bytes([*first, *second]) % 31 == 0
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression as Level;

    use super::*;

    fn packed(kind: &str, text: &[u8]) -> Vec<u8> {
        macro_rules! by {
            ($encoder:ident) => {{
                let mut encoder = flate2::write::$encoder::new(Vec::new(), Level::best());
                encoder.write_all(text).unwrap();
                encoder.finish().unwrap()
            }};
        }
        match kind {
            "gzip" => by!(GzEncoder),
            "zlib" => by!(ZlibEncoder),
            _ => by!(DeflateEncoder),
        }
    }

    #[test]
    fn a_body_is_decompressed_as_declared() {
        let text = b"hello world hello world".to_vec();
        for (kind, compression) in [
            ("gzip", Compression::Gzip),
            ("zlib", Compression::Deflate),
            ("bare", Compression::Deflate),
        ] {
            let raw = packed(kind, &text);
            assert_eq!(unpack(&raw, compression, 23), Body::Whole(text.clone()), "{kind}");
            assert_eq!(unpack(&raw, compression, 22), Body::Above(22), "{kind}");
            let cut = unpack(&raw[..raw.len() - 3], compression, 100);
            assert!(matches!(cut, Body::Odd(_)), "{kind}: {cut:?}");
        }
        assert!(matches!(unpack(&text, Compression::Gzip, 100), Body::Odd(_)));
        assert!(matches!(unpack(&text, Compression::Br, 100), Body::Odd(_)));
        assert_eq!(unpack(b"", Compression::Gzip, 100), Body::Whole(vec![]));
    }

    #[test]
    fn a_bomb_is_no_larger_than_the_limit() {
        let bomb = packed("gzip", &vec![0; 8 * 1024 * 1024]);
        assert!(bomb.len() < 128 * 1024);
        assert_eq!(unpack(&bomb, Compression::Gzip, 1024), Body::Above(1024));
    }
}
