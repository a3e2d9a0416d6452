//! A record as a zone file shows it.

use std::fmt;

use hickory_proto::rr::rdata::TXT;
use hickory_proto::rr::{RData, Record};

use super::super::pattern::Pattern;

/// The longest piece of a record that is shown.
const SHOWN: usize = 120;

/// A record in its presentation form, once with tabs between its fields and once with spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    tabbed: String,
    spaced: String,
}

impl Line {
    /// Writes a record down.
    pub(super) fn of(record: &Record) -> Self {
        let (name, ttl, class) = (&record.name, record.ttl, record.dns_class);
        let (kind, data) = (record.record_type(), data(&record.data));
        Self {
            tabbed: format!("{name}\t{ttl}\t{class}\t{kind}\t{data}"),
            spaced: format!("{name} {ttl} {class} {kind} {data}"),
        }
    }

    /// Returns whether an expression matches it, written with tabs or with spaces.
    pub(super) fn matches(&self, pattern: &Pattern) -> bool {
        [&self.tabbed, &self.spaced].iter().any(|text| pattern.matches(text.as_bytes()))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&crate::domain::text::clean(&self.spaced, SHOWN))
    }
}

fn data(data: &RData) -> String {
    match data {
        RData::TXT(text) => quoted(text),
        RData::Unknown { rdata, .. } => unknown(&rdata.anything),
        RData::NULL(null) => unknown(&null.anything),
        known => known.to_string(),
    }
}

/// Texts stand in quotes, with what is no plain character as its number in three digits.
fn quoted(text: &TXT) -> String {
    let parts = text.txt_data.iter().map(|part| {
        let escaped: String = part.iter().map(|byte| escaped(*byte)).collect();
        format!("\"{escaped}\"")
    });
    parts.collect::<Vec<_>>().join(" ")
}

fn escaped(byte: u8) -> String {
    match byte {
        b'"' | b'\\' => format!("\\{}", char::from(byte)),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("\\{byte:03}"),
    }
}

/// The form of RFC 3597 for data that nobody here can read.
fn unknown(bytes: &[u8]) -> String {
    format!("\\# {} {}", bytes.len(), hex::encode(bytes))
}
