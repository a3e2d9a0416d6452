//! Writes the commands that change how HAProxy shares traffic.

use std::collections::BTreeMap;

use super::Members;
use super::server::{Health, Server, Stickiness};
use super::socket::Socket;
use crate::domain::slots::Shares;
use crate::domain::text;
use crate::error::{Error, Result};

/// Checks a name that goes into a command.
pub(super) fn named(name: &str) -> Result<()> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    if !name.is_empty() && name.chars().all(allowed) {
        return Ok(());
    }
    let name = text::clean(name, 80);
    Err(Error::invalid(format!("`{name}` is no name of a backend or server in HAProxy"))
        .hint("such a name is made of letters, digits, `-`, `_`, `.` and `:`"))
}

/// Returns the weights as they will be, first of those that get traffic.
pub(super) fn whole(backend: &str, members: &Members, shares: &Shares) -> Vec<String> {
    let weights = members.weights(shares);
    let (given, taken): (Vec<_>, Vec<_>) = weights.into_iter().partition(|(_, weight)| *weight > 0);
    given.into_iter().chain(taken).map(|(name, weight)| weigh(backend, name, weight)).collect()
}

/// Returns what must be sent to get from what was seen to these shares.
///
/// At no moment between two of them has nobody traffic, or a slot much more than it had and will have:
/// who serves already is raised first, then who serves anew, and only then somebody lowered.
pub(super) fn needed(
    backend: &str,
    members: &Members,
    shares: &Shares,
    seen: &BTreeMap<String, Server>,
    sticky: Stickiness,
) -> Vec<String> {
    let weights = members.weights(shares);
    let mut changes: Vec<_> = seen
        .iter()
        .filter_map(|(name, server)| {
            let weight = *weights.get(name.as_str())?;
            let order = (weight < server.weight, server.counts() == 0);
            (weight != server.weight).then(|| (order, weigh(backend, name, weight)))
        })
        .collect();
    changes.sort();
    let parked = members.all().filter(|(slot, _)| shares.share(slot) == 0);
    let parked = parked.filter_map(|(_, name)| park(backend, name, seen, sticky));
    changes.into_iter().map(|(_, command)| command).chain(parked).collect()
}

/// A server without weight still gets the clients that are bound to it, unless it is in maintenance.
fn park(
    backend: &str,
    name: &str,
    seen: &BTreeMap<String, Server>,
    sticky: Stickiness,
) -> Option<String> {
    let server = seen.get(name)?;
    let binds = server.has_cookie || sticky == Stickiness::Table;
    let parks = binds && server.health != Health::Out;
    parks.then(|| format!("set server {backend}/{name} state maint"))
}

/// Returns what brings back servers that were taken out, without any traffic yet.
pub(super) fn readied(
    backend: &str,
    servers: &[&str],
    seen: &BTreeMap<String, Server>,
) -> Vec<String> {
    let out = servers.iter().filter(|name| seen.get(**name).is_some_and(|server| server.is_out));
    out.flat_map(|name| {
        [weigh(backend, name, 0), format!("set server {backend}/{name} state ready")]
    })
    .collect()
}

/// Returns what sets the weights that were seen, the greater first.
pub(super) fn restored(backend: &str, seen: &BTreeMap<String, Server>) -> Vec<String> {
    let mut seen: Vec<_> = seen.iter().collect();
    seen.sort_by_key(|(_, server)| std::cmp::Reverse(server.weight));
    seen.into_iter().map(|(name, server)| weigh(backend, name, server.weight)).collect()
}

/// Returns what helps against a complaint.
pub(super) fn advice(answer: &str, socket: &Socket) -> String {
    let says = |text: &str| answer.contains(text);
    if says("Permission denied") {
        "give the socket `level admin` in `haproxy.cfg`".to_owned()
    } else if says("static LB algorithm") {
        "take a `balance` that knows weights at run time, such as `roundrobin`".to_owned()
    } else {
        format!("see what is there: `echo 'show servers state' | socat stdio {socket}`")
    }
}

fn weigh(backend: &str, name: &str, weight: u64) -> String {
    format!("set server {backend}/{name} weight {weight}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::contract::{candidate, pair};
    use super::*;

    fn server(weight: u64) -> Server {
        Server {
            health: Health::Up,
            is_out: false,
            weight,
            busy: 0,
            is_backup: false,
            has_cookie: false,
        }
    }

    fn seen(blue: u64, green: u64) -> BTreeMap<String, Server> {
        [("blue", blue), ("green", green)]
            .map(|(name, weight)| (name.to_owned(), server(weight)))
            .into()
    }

    fn commands(percent: u8, seen: &BTreeMap<String, Server>, sticky: Stickiness) -> Vec<String> {
        let members = Members::new(pair(), &BTreeMap::new(), 256).unwrap();
        needed("shop", &members, &candidate(percent), seen, sticky)
    }

    #[test]
    fn who_gets_more_is_raised_before_who_gets_less_is_lowered() {
        let switch = commands(100, &seen(100, 0), Stickiness::None);
        assert_eq!(switch, ["set server shop/green weight 100", "set server shop/blue weight 0"]);
        let back = commands(0, &seen(0, 100), Stickiness::None);
        assert_eq!(back, ["set server shop/blue weight 100", "set server shop/green weight 0"]);
    }

    #[test]
    fn who_serves_already_is_raised_before_who_serves_anew() {
        let first = commands(25, &seen(1, 0), Stickiness::None);
        assert_eq!(first, ["set server shop/blue weight 75", "set server shop/green weight 25"]);
    }

    #[test]
    fn what_is_so_already_is_not_sent() {
        assert_eq!(commands(25, &seen(75, 25), Stickiness::None), [""; 0]);
        let parked = commands(0, &seen(100, 0), Stickiness::Table);
        assert_eq!(parked, ["set server shop/green state maint"]);
        let mut seen = seen(100, 0);
        seen.get_mut("green").unwrap().health = Health::Out;
        assert_eq!(commands(0, &seen, Stickiness::Table), [""; 0]);
    }

    #[test]
    fn servers_are_made_ready_without_traffic() {
        let mut seen = seen(100, 100);
        seen.get_mut("green").unwrap().is_out = true;
        let ready = readied("shop", &["blue", "green"], &seen);
        assert_eq!(ready, ["set server shop/green weight 0", "set server shop/green state ready"]);
    }

    proptest! {
        #[test]
        fn at_no_moment_has_nobody_traffic_or_a_new_slot_too_much(
            blue in 0u64..=256, green in 0u64..=256, percent in 0u8..=100,
        ) {
            prop_assume!(blue + green > 0);
            let members = Members::new(pair(), &BTreeMap::new(), 256).unwrap();
            let before = seen(blue, green);
            let mut now = before.clone();
            for command in commands(percent, &before, Stickiness::None) {
                let words: Vec<&str> = command.split([' ', '/']).collect();
                now.get_mut(words[3]).unwrap().weight = words[5].parse().unwrap();
                let shares = members.shares(|name| now[name].weight);
                prop_assert!(shares.each().any(|(_, share)| share > 0), "{command}");
                for slot in pair().both().into_iter().filter(|slot| before[slot.as_str()].weight == 0) {
                    prop_assert!(shares.share(slot) <= candidate(percent).share(slot) + 1, "{command}: {shares}");
                }
            }
            let after = members.shares(|name| now[name].weight);
            prop_assert!(after.is_near(&candidate(percent), 1), "{after}");
        }
    }
}
