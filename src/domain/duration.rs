//! Times as people write them, always with a unit.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A length of time, written like `500ms`, `30s`, `2m`, `1h30m` or `7d`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Span(Duration);

/// Why a text is no length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSpan {
    /// A number stands alone.
    #[error("`{0}` has no unit; write a unit, such as `{0}s`")]
    NoUnit(String),
    /// It does not read as numbers with units.
    #[error("`{0}` is no length of time; write it like `500ms`, `30s`, `2m`, `1h30m` or `7d`")]
    Unreadable(String),
    /// The units stand in the wrong order, or one stands twice.
    #[error("`{0}` does not go from the greatest unit to the smallest; write it like `1h30m`")]
    Order(String),
    /// It is longer than can be counted.
    #[error("`{0}` is too long a time; the longest is `{days}d`", days = LONGEST_DAYS)]
    TooLong(String),
}

/// The units, greatest first, each in milliseconds.
const UNITS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// A century: a longer time is a slip of the hand, and sums of it must not overflow.
const LONGEST_DAYS: u64 = 36_500;

const PATTERN: &str = r"^(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$";

impl Span {
    /// Returns so many milliseconds.
    pub const fn millis(count: u64) -> Self {
        Self(Duration::from_millis(count))
    }

    /// Returns so many seconds.
    pub const fn secs(count: u64) -> Self {
        Self(Duration::from_secs(count))
    }

    /// Returns so many minutes.
    pub const fn mins(count: u64) -> Self {
        Self::secs(count * 60)
    }

    /// Returns so many hours.
    pub const fn hours(count: u64) -> Self {
        Self::mins(count * 60)
    }

    /// Returns the time as the standard library counts it.
    pub const fn get(self) -> Duration {
        self.0
    }
}

impl FromStr for Span {
    type Err = BadSpan;

    fn from_str(text: &str) -> Result<Self, BadSpan> {
        let shown = || super::text::clean(text, 40);
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(BadSpan::NoUnit(shown()));
        }
        let mut millis: u64 = 0;
        let mut rest = text;
        let mut allowed = &UNITS[..];
        while !rest.is_empty() || text.is_empty() {
            let (digits, unit, tail) = part(rest).ok_or_else(|| BadSpan::Unreadable(shown()))?;
            let at = allowed.iter().position(|(name, _)| *name == unit);
            let at = at.ok_or_else(|| misplaced(unit, shown()))?;
            let count: u64 = digits.parse().map_err(|_| BadSpan::TooLong(shown()))?;
            let more = count.checked_mul(allowed[at].1).and_then(|more| millis.checked_add(more));
            millis = more.ok_or_else(|| BadSpan::TooLong(shown()))?;
            allowed = &allowed[at + 1..];
            rest = tail;
        }
        let longest = LONGEST_DAYS * UNITS[0].1;
        if millis > longest { Err(BadSpan::TooLong(shown())) } else { Ok(Self::millis(millis)) }
    }
}

fn part(text: &str) -> Option<(&str, &str, &str)> {
    let (digits, rest) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
    let (unit, tail) = rest.split_at(end);
    (!digits.is_empty()).then_some((digits, unit, tail))
}

fn misplaced(unit: &str, text: String) -> BadSpan {
    if UNITS.iter().any(|(name, _)| *name == unit) {
        BadSpan::Order(text)
    } else {
        BadSpan::Unreadable(text)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut millis = self.0.as_millis();
        if millis == 0 {
            return out.write_str("0s");
        }
        for (unit, size) in UNITS {
            let count = millis / u128::from(size);
            if count > 0 {
                write!(out, "{count}{unit}")?;
            }
            millis %= u128::from(size);
        }
        Ok(())
    }
}

impl TryFrom<String> for Span {
    type Error = BadSpan;
    fn try_from(text: String) -> Result<Self, BadSpan> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}

impl From<Duration> for Span {
    fn from(time: Duration) -> Self {
        Self(time)
    }
}

impl From<Span> for Duration {
    fn from(span: Span) -> Self {
        span.0
    }
}

impl JsonSchema for Span {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "minLength": 2,
            "pattern": PATTERN,
            "examples": ["500ms", "30s", "2m", "1h30m", "7d"],
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_time_is_numbers_with_units_from_the_greatest_to_the_smallest() {
        let cases = [
            ("0s", 0),
            ("500ms", 500),
            ("30s", 30_000),
            ("2m", 120_000),
            ("1h30m", 5_400_000),
            ("7d", 604_800_000),
            ("1d2h3m4s5ms", 93_784_005),
            ("90m", 5_400_000),
        ];
        for (text, millis) in cases {
            assert_eq!(text.parse(), Ok(Span::millis(millis)), "{text}");
        }
    }

    #[test]
    fn a_bare_number_is_told_to_take_a_unit() {
        for bare in ["30", "0"] {
            let message = bare.parse::<Span>().unwrap_err().to_string();
            assert_eq!(message, format!("`{bare}` has no unit; write a unit, such as `{bare}s`"));
        }
    }

    #[test]
    fn what_is_no_time_is_refused_with_its_reason() {
        for text in ["", "s", "-1s", "1.5h", "1 s", "1x", "1s ", "soon", "5M", "1ſ"] {
            let refusal = text.parse::<Span>();
            assert_eq!(refusal, Err(BadSpan::Unreadable(text.trim().into())), "{text:?}");
        }
        for text in ["30s2m", "1s1s", "5ms1s"] {
            assert_eq!(text.parse::<Span>(), Err(BadSpan::Order(text.into())), "{text}");
        }
        for text in ["99999999999999999999s", "18446744073709551615d", "36501d", "36500d1ms"] {
            assert_eq!(text.parse::<Span>(), Err(BadSpan::TooLong(text.into())), "{text}");
        }
        assert!("36500d".parse::<Span>().is_ok());
    }

    #[test]
    fn a_time_is_shown_in_the_shortest_exact_form() {
        assert_eq!(Span::secs(90).to_string(), "1m30s");
        assert_eq!(Span::millis(0).to_string(), "0s");
        assert_eq!(Span::hours(48).to_string(), "2d");
        assert_eq!(Span::millis(1_500).to_string(), "1s500ms");
        assert_eq!(Span::mins(10).to_string(), "10m");
        assert_eq!(Duration::from(Span::mins(10)), Duration::from_secs(600));
    }

    #[test]
    fn serde_writes_and_reads_the_text() {
        assert_eq!(serde_json::to_string(&Span::secs(30)).unwrap(), "\"30s\"");
        assert_eq!(serde_json::from_str::<Span>("\"1h\"").unwrap(), Span::hours(1));
        assert!(serde_json::from_str::<Span>("30").is_err());
        let error = serde_json::from_str::<Span>("\"30\"").unwrap_err().to_string();
        assert!(error.contains("write a unit, such as `30s`"), "{error}");
    }

    #[test]
    fn the_schema_takes_what_the_reader_takes() {
        let pattern = regex::Regex::new(PATTERN).unwrap();
        for text in ["500ms", "1h30m", "1d2h3m4s5ms", "30", "30s2m", "1.5h", "1s ", "-1s"] {
            assert_eq!(pattern.is_match(text), text.parse::<Span>().is_ok(), "{text}");
        }
        let schema = serde_json::to_value(schemars::schema_for!(Span)).unwrap();
        assert_eq!((&schema["title"], &schema["pattern"]), (&"Duration".into(), &PATTERN.into()));
        let list = serde_json::to_value(schemars::schema_for!(Vec<Span>)).unwrap();
        assert_eq!(list["items"]["pattern"], schema["pattern"]);
    }

    proptest! {
        #[test]
        fn every_time_reads_back_as_it_is_shown(millis in 0..=LONGEST_DAYS * UNITS[0].1) {
            let span = Span::millis(millis);
            prop_assert_eq!(span.to_string().parse(), Ok(span));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,20}") {
            let _ = text.parse::<Span>();
        }
    }
}
