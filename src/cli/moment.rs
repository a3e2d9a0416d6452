//! A moment as people write it.

use std::str::FromStr;

use jiff::civil::Time;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan as _};

/// A moment as people write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// This very moment.
    At(Timestamp),
    /// The next time that clocks there show this.
    Next(Time, TimeZone),
}

/// How a moment is written.
const HOW: &str =
    "write it like `2026-03-02T03:00:00Z`, or `03:00Z`, `03:00+01:00`, `03:00 Europe/Berlin`";

impl When {
    /// Returns the moment that is meant, seen from now.
    pub fn after(&self, now: Timestamp) -> Result<Timestamp, jiff::Error> {
        match self {
            Self::At(moment) => Ok(*moment),
            Self::Next(time, zone) => {
                let there = now.to_zoned(zone.clone());
                let today = there.date().to_datetime(*time).to_zoned(zone.clone())?.timestamp();
                if today > now {
                    return Ok(today);
                }
                let tomorrow = there.date().checked_add(1.day())?;
                Ok(tomorrow.to_datetime(*time).to_zoned(zone.clone())?.timestamp())
            }
        }
    }
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Ok(moment) = text.parse() {
            return Ok(Self::At(moment));
        }
        let split = text.find(|c: char| !c.is_ascii_digit() && c != ':');
        let (time, zone) = text.split_at(split.unwrap_or(text.len()));
        let is_time = matches!(time.len(), 5 | 8);
        let time = time.parse().ok().filter(|_| is_time);
        time.zip(zone_of(zone.trim()))
            .map(|(time, zone)| Self::Next(time, zone))
            .ok_or_else(|| HOW.to_owned())
    }
}

/// A time of day means nothing without its zone: runners and people live in different ones.
fn zone_of(text: &str) -> Option<TimeZone> {
    match text.as_bytes() {
        [] => None,
        [b'Z' | b'z'] => Some(TimeZone::UTC),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let digit =
                |byte: &u8| char::from(*byte).to_digit(10).and_then(|d| i32::try_from(d).ok());
            let hours = digit(h1)? * 10 + digit(h2)?;
            let minutes = digit(m1)? * 10 + digit(m2)?;
            let seconds = (hours * 60 + minutes) * 60;
            let seconds = if *sign == b'-' { -seconds } else { seconds };
            Offset::from_seconds(seconds).ok().map(TimeZone::fixed)
        }
        [_, ..] => TimeZone::get(text).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str, now: &str) -> String {
        let when: When = text.parse().unwrap();
        when.after(now.parse().unwrap()).unwrap().to_string()
    }

    #[test]
    fn a_time_of_day_is_the_next_one_there() {
        for (text, now, expected) in [
            ("2026-03-02T03:00:00Z", "2026-03-02T08:00:00Z", "2026-03-02T03:00:00Z"),
            ("2026-03-02T03:00:00+01:00", "2026-03-01T08:00:00Z", "2026-03-02T02:00:00Z"),
            ("03:00Z", "2026-03-02T02:59:59Z", "2026-03-02T03:00:00Z"),
            ("03:00Z", "2026-03-02T03:00:00Z", "2026-03-03T03:00:00Z"),
            ("03:00+01:00", "2026-03-02T08:00:00Z", "2026-03-03T02:00:00Z"),
            ("22:30-03:30", "2026-03-02T08:00:00Z", "2026-03-03T02:00:00Z"),
            ("03:00 UTC", "2026-03-02T08:00:00Z", "2026-03-03T03:00:00Z"),
        ] {
            assert_eq!(seen(text, now), expected, "{text}");
        }
    }

    #[test]
    fn what_leaves_a_doubt_is_no_moment() {
        for text in [
            "",
            "03:00",
            "3",
            "tomorrow",
            "2026-03-02",
            "2026-03-02T03:00:00",
            "25:00Z",
            "03:00+1",
            "03:00+99:00",
            "03:00 Nowhere/Atall",
            "30",
        ] {
            assert_eq!(text.parse::<When>().unwrap_err(), HOW, "{text}");
        }
    }
}
