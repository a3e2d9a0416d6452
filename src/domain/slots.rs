//! Two slots that take turns in serving, and the traffic between them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

const LONGEST: usize = 63;

/// One of the two places of an environment that can serve: `blue`, `green`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slot(String);

/// Why a text is not the name of a slot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no slot: write 1 to 63 of `a-z A-Z 0-9 . _ -`, beginning with a letter or digit")]
pub struct BadSlot(String);

impl Slot {
    /// Checks a text and makes it the name of a slot; it may stand in any router's own language.
    pub fn new(text: impl Into<String>) -> Result<Self, BadSlot> {
        let text = text.into();
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if begins && text.len() <= LONGEST && text.chars().all(allowed) {
            Ok(Self(text))
        } else {
            Err(BadSlot(super::text::clean(&text, LONGEST)))
        }
    }

    /// Returns the name as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Slot {
    type Error = BadSlot;
    fn try_from(text: String) -> Result<Self, BadSlot> {
        Self::new(text)
    }
}

impl From<Slot> for String {
    fn from(slot: Slot) -> Self {
        slot.0
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// The two slots of an environment, as its router calls them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The one that serves before anything was ever switched.
    pub stable: Slot,
    /// The other one.
    pub candidate: Slot,
}

impl Pair {
    /// Returns the slot that is not this one.
    pub fn other(&self, slot: &Slot) -> &Slot {
        if *slot == self.candidate { &self.stable } else { &self.candidate }
    }

    /// Returns both, the one that served first before the other.
    pub fn both(&self) -> [&Slot; 2] {
        [&self.stable, &self.candidate]
    }

    /// Returns whether this is one of them.
    pub fn has(&self, slot: &Slot) -> bool {
        self.both().contains(&slot)
    }
}

/// How much of the traffic goes to each slot, in percent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shares(BTreeMap<Slot, u8>);

/// The whole of the traffic, in percent.
pub const WHOLE: u8 = 100;

impl Shares {
    /// Gives so much of the traffic to one slot, and the rest to the other.
    pub fn of(pair: &Pair, slot: &Slot, percent: u8) -> Self {
        let percent = percent.min(WHOLE);
        let rest = WHOLE - percent;
        Self([(slot.clone(), percent), (pair.other(slot).clone(), rest)].into())
    }

    /// Gives all of the traffic to one slot.
    pub fn all(pair: &Pair, slot: &Slot) -> Self {
        Self::of(pair, slot, WHOLE)
    }

    /// Takes what a router says, whatever it adds up to.
    pub fn told(shares: impl IntoIterator<Item = (Slot, u8)>) -> Self {
        Self(shares.into_iter().collect())
    }

    /// Returns a slot's share, in percent.
    pub fn share(&self, slot: &Slot) -> u8 {
        self.0.get(slot).copied().unwrap_or(0)
    }

    /// Returns the one slot that has all of the traffic, where one has.
    pub fn sole(&self) -> Option<&Slot> {
        let mut served = self.0.iter().filter(|(_, share)| **share > 0);
        let (slot, _) = served.next()?;
        served.next().is_none().then_some(slot)
    }

    /// Returns each slot with its share.
    pub fn each(&self) -> impl Iterator<Item = (&Slot, u8)> {
        self.0.iter().map(|(slot, share)| (slot, *share))
    }

    /// Returns whether each share is within so many percent of the other's: weights are whole numbers.
    pub fn is_near(&self, other: &Self, percent: u8) -> bool {
        let slots = self.0.keys().chain(other.0.keys());
        let apart = |slot: &Slot| self.share(slot).abs_diff(other.share(slot));
        let ends = |slot: &Slot| {
            let [one, two] = [self.share(slot), other.share(slot)];
            (one == 0) == (two == 0) && (one == WHOLE) == (two == WHOLE)
        };
        slots.into_iter().all(|slot| apart(slot) <= percent && ends(slot))
    }
}

impl fmt::Display for Shares {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each: Vec<String> =
            self.0.iter().map(|(slot, share)| format!("{slot} {share} %")).collect();
        out.write_str(&each.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(name: &str) -> Slot {
        Slot::new(name).unwrap()
    }

    fn pair() -> Pair {
        Pair { stable: slot("blue"), candidate: slot("green") }
    }

    #[test]
    fn what_could_end_a_routers_command_is_no_slot() {
        for bad in ["", "a b", "a;b", "a\nb", "-x", ".x", "a/b", &"x".repeat(64)] {
            assert!(Slot::new(bad).is_err(), "{bad:?}");
        }
        assert!(Slot::new("web-1.example_2").is_ok());
    }

    #[test]
    fn what_one_slot_does_not_get_the_other_gets() {
        let shares = Shares::of(&pair(), &slot("green"), 25);
        assert_eq!(shares.to_string(), "blue 75 %, green 25 %");
        assert_eq!(Shares::of(&pair(), &slot("blue"), 250).to_string(), "blue 100 %, green 0 %");
    }

    #[test]
    fn a_slot_is_the_sole_one_when_no_other_has_any_traffic() {
        assert_eq!(Shares::all(&pair(), &slot("green")).sole(), Some(&slot("green")));
        assert_eq!(Shares::of(&pair(), &slot("green"), 99).sole(), None);
        assert_eq!(Shares::default().sole(), None);
    }

    #[test]
    fn weights_may_be_a_little_off_but_none_and_all_are_meant() {
        let third = Shares::of(&pair(), &slot("green"), 33);
        assert!(third.is_near(&Shares::of(&pair(), &slot("green"), 34), 1));
        assert!(!third.is_near(&Shares::of(&pair(), &slot("green"), 35), 1));
        let all = Shares::all(&pair(), &slot("green"));
        assert!(!all.is_near(&Shares::of(&pair(), &slot("green"), 99), 1));
    }
}
