//! Turns shares of slots into weights of servers, and back.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::slots::{Pair, Shares, Slot, WHOLE};
use crate::domain::text;
use crate::error::{Error, Result};

/// The servers of each slot, as the router calls them.
#[derive(Debug, Clone)]
pub(super) struct Members {
    pair: Pair,
    servers: BTreeMap<Slot, Vec<String>>,
    heaviest: u64,
}

impl Members {
    /// Takes the servers that are named, and the greatest weight that one may have.
    ///
    /// A slot that none are named for is served by the one of its own name.
    pub(super) fn new(
        pair: Pair,
        named: &BTreeMap<String, Vec<String>>,
        heaviest: u64,
    ) -> Result<Self> {
        let slots = pair.both().map(ToString::to_string);
        if let Some(strange) = named.keys().find(|name| !slots.contains(name)) {
            let strange = text::clean(strange, 80);
            return Err(Error::invalid(format!("`servers` names `{strange}`, which is no slot"))
                .hint(format!("the slots are `{}` and `{}`", slots[0], slots[1])));
        }
        let servers = pair.both().map(|slot| {
            let own = || vec![slot.to_string()];
            (slot.clone(), named.get(slot.as_str()).cloned().unwrap_or_else(own))
        });
        let members = Self { servers: servers.into(), pair, heaviest };
        members.check().map(|()| members)
    }

    fn check(&self) -> Result<()> {
        if let Some((slot, _)) = self.servers.iter().find(|(_, servers)| servers.is_empty()) {
            return Err(Error::invalid(format!("`servers` names no server of `{slot}`")));
        }
        let mut seen = BTreeSet::new();
        match self.all().find(|(_, server)| !seen.insert(*server)) {
            None => Ok(()),
            Some((_, server)) => {
                let server = text::clean(server, 80);
                Err(Error::invalid(format!("`servers` names `{server}` twice"))
                    .hint("each server belongs to one slot"))
            }
        }
    }

    /// Returns the two slots.
    pub(super) fn pair(&self) -> &Pair {
        &self.pair
    }

    /// Returns every server with its slot.
    pub(super) fn all(&self) -> impl Iterator<Item = (&Slot, &str)> {
        let of = |slot| self.of(slot).iter().map(move |server| (slot, server.as_str()));
        self.pair.both().into_iter().flat_map(of)
    }

    /// Returns the servers of a slot.
    pub(super) fn of(&self, slot: &Slot) -> &[String] {
        self.servers.get(slot).map_or(&[], Vec::as_slice)
    }

    /// Returns every server's weight, such that the servers of a slot have its share together.
    pub(super) fn weights(&self, shares: &Shares) -> BTreeMap<&str, u64> {
        // Multiplied by the other side's count, a share divides by its own side's without a rest.
        let exact = self.pair.both().map(|slot| {
            let others = self.of(self.pair.other(slot)).len() as u64;
            u64::from(shares.share(slot)) * others
        });
        let common = exact.into_iter().fold(0, greatest_common_divisor).max(1);
        let percent = exact.iter().sum::<u64>() / u64::from(WHOLE);
        let scale = if is_whole(exact, percent) { percent } else { common };
        let greatest = exact.into_iter().max().unwrap_or(0) / scale;
        let fit = |weight: u64| shrunk(weight / scale, greatest, self.heaviest);
        let each = self.pair.both().into_iter().zip(exact);
        each.flat_map(|(slot, weight)| {
            self.of(slot).iter().map(move |server| (server.as_str(), fit(weight)))
        })
        .collect()
    }

    /// Returns the shares that such weights make.
    pub(super) fn shares(&self, weight: impl Fn(&str) -> u64) -> Shares {
        let sum = |slot| self.of(slot).iter().map(|server| weight(server)).sum::<u64>();
        let [stable, candidate] = self.pair.both().map(sum);
        let percent = match (stable, candidate) {
            (0, 0) => return Shares::told(self.pair.both().map(|slot| (slot.clone(), 0))),
            (_, 0) => 0,
            (0, _) => u64::from(WHOLE),
            // A little is not nothing, and nearly all is not all.
            (stable, candidate) => {
                let whole = stable + candidate;
                ((candidate * 200 + whole) / (whole * 2)).clamp(1, u64::from(WHOLE) - 1)
            }
        };
        Shares::of(&self.pair, &self.pair.candidate, u8::try_from(percent).unwrap_or(WHOLE))
    }
}

/// Weights that read as percent are kept so.
fn is_whole(exact: [u64; 2], percent: u64) -> bool {
    percent > 0 && exact.iter().all(|weight| weight % percent == 0)
}

/// Shrinks what is too great; nothing that was there becomes nothing.
fn shrunk(weight: u64, greatest: u64, heaviest: u64) -> u64 {
    if greatest <= heaviest || weight == 0 {
        return weight;
    }
    ((weight * heaviest * 2 + greatest) / (greatest * 2)).max(1)
}

fn greatest_common_divisor(one: u64, other: u64) -> u64 {
    if other == 0 { one } else { greatest_common_divisor(other, one % other) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn slot(name: &str) -> Slot {
        Slot::new(name).unwrap()
    }

    fn pair() -> Pair {
        Pair { stable: slot("blue"), candidate: slot("green") }
    }

    /// Slots with so many servers, named `blue1`, `blue2` …
    fn members(blue: usize, green: usize) -> Members {
        let of = |name: &str, count| {
            (name.to_owned(), (1..=count).map(|n| format!("{name}{n}")).collect())
        };
        Members::new(pair(), &[of("blue", blue), of("green", green)].into(), 256).unwrap()
    }

    fn told(members: &Members, candidate: u8) -> String {
        let shares = Shares::of(&pair(), &pair().candidate, candidate);
        let weights = members.weights(&shares);
        let each: Vec<_> =
            weights.iter().map(|(name, weight)| format!("{name}={weight}")).collect();
        each.join(" ")
    }

    #[test]
    fn the_weights_of_two_servers_are_percent() {
        assert_eq!(told(&members(1, 1), 25), "blue1=75 green1=25");
        assert_eq!(told(&members(1, 1), 100), "blue1=0 green1=100");
        assert_eq!(told(&members(2, 2), 1), "blue1=99 blue2=99 green1=1 green2=1");
    }

    #[test]
    fn a_slot_of_more_servers_gets_no_more_for_it() {
        assert_eq!(told(&members(1, 3), 25), "blue1=9 green1=1 green2=1 green3=1");
        assert_eq!(told(&members(2, 3), 50), "blue1=75 blue2=75 green1=50 green2=50 green3=50");
        assert_eq!(told(&members(1, 3), 0), "blue1=100 green1=0 green2=0 green3=0");
    }

    #[test]
    fn servers_that_are_no_slots_or_stand_twice_are_refused() {
        let of = |servers: &[(&str, &[&str])]| {
            let named = servers.iter().map(|(slot, servers)| {
                ((*slot).to_owned(), servers.iter().map(|name| (*name).to_owned()).collect())
            });
            Members::new(pair(), &named.collect(), 256)
                .map(|_| ())
                .map_err(|error| error.to_string())
        };
        assert_eq!(of(&[("blue", &["a"]), ("green", &["b"])]), Ok(()));
        assert_eq!(of(&[]), Ok(()));
        for (named, why) in [
            (&[("red", &["a"][..])][..], "`servers` names `red`, which is no slot"),
            (&[("blue", &[])], "`servers` names no server of `blue`"),
            (&[("blue", &["a"]), ("green", &["a"])], "`servers` names `a` twice"),
            (&[("blue", &["green"])], "`servers` names `green` twice"),
        ] {
            assert_eq!(of(named), Err(why.to_owned()));
        }
    }

    proptest! {
        #[test]
        fn what_weights_say_is_what_was_shared(blue in 1usize..=4, green in 1usize..=4, percent in 0u8..=100) {
            let members = members(blue, green);
            let shares = Shares::of(&pair(), &pair().candidate, percent);
            let weights = members.weights(&shares);
            prop_assert!(weights.values().all(|weight| *weight <= 256));
            let back = members.shares(|server| weights[server]);
            prop_assert!(back.is_near(&shares, 1), "{shares} became {back} by {weights:?}");
        }

        #[test]
        fn shares_add_up_whatever_the_weights_are(blue in 0u64..1_000_000, green in 0u64..1_000_000) {
            let members = members(1, 1);
            let back = members.shares(|server| if server == "blue1" { blue } else { green });
            let [one, two] = pair().both().map(|slot| back.share(slot));
            prop_assert_eq!((one + two, one > 0, two > 0), if blue + green == 0 { (0, false, false) } else { (100, blue > 0, green > 0) });
        }
    }
}
