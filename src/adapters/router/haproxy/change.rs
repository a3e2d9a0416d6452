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
