//! Reaches a server: finds its addresses and connects to one.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::address::Place;
use crate::domain::check::Timing;

/// How long one address is waited for before the next is tried beside it.
const HEAD_START: Duration = Duration::from_millis(250);

/// The most addresses of a name that are tried.
const MOST: usize = 8;

/// Which addresses of a name are used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Ip {
    /// All, in the order of the resolver.
    #[default]
    Any,
    /// Those of IPv4.
    Ip4,
    /// Those of IPv6.
    Ip6,
}

/// What is done where a name has no address of the family wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(from = "bool")]
#[schemars(with = "bool", inline)]
pub enum Fallback {
    /// The other family is taken.
    #[default]
    Other,
    /// It is a fail.
    None,
}

impl From<bool> for Fallback {
    fn from(other: bool) -> Self {
        if other { Self::Other } else { Self::None }
    }
}

/// Anything that bytes go through.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A way to a server, with how long its parts took.
pub struct Line {
    /// The connection.
    pub stream: Box<dyn Stream>,
    /// How long `resolve` and `connect` took.
    pub timings: Vec<Timing>,
}

/// Connects; an error says in words what did not come about.
pub async fn dial(place: &Place, ip: Ip, fallback: Fallback) -> Result<Line, String> {
    match place {
        Place::Unix(path) => unix(path).await,
        Place::Net(host, port) => {
            let began = Instant::now();
            let found = resolve(host, *port).await?;
            let chosen = chosen(&found, ip, fallback)?;
            let resolved = Instant::now();
            let stream = race(&chosen).await?;
            let _ = stream.set_nodelay(true);
            let timings = vec![
                Timing::new("resolve", resolved - began),
                Timing::new("connect", resolved.elapsed()),
            ];
            Ok(Line { stream: Box::new(stream), timings })
        }
    }
}

async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
    let found = tokio::net::lookup_host((host, port)).await;
    let found = found.map_err(|cause| format!("its name could not be resolved: {cause}"))?;
    Ok(found.take(MOST).collect())
}

/// Returns the addresses of the family wanted; of the other one only where there is none.
fn chosen(found: &[SocketAddr], ip: Ip, fallback: Fallback) -> Result<Vec<SocketAddr>, String> {
    let (family, wanted): (_, Vec<_>) = match ip {
        Ip::Any => ("", found.to_vec()),
        Ip::Ip4 => ("IPv4 ", found.iter().copied().filter(SocketAddr::is_ipv4).collect()),
        Ip::Ip6 => ("IPv6 ", found.iter().copied().filter(SocketAddr::is_ipv6).collect()),
    };
    match fallback {
        _ if !wanted.is_empty() => Ok(wanted),
        Fallback::Other if !found.is_empty() => Ok(found.to_vec()),
        Fallback::Other | Fallback::None => Err(format!("its name has no {family}address")),
    }
}

/// Tries one address after the other, the next as soon as one fails or is slow.
async fn race(addresses: &[SocketAddr]) -> Result<TcpStream, String> {
    let mut waiting = addresses.iter().copied();
    let mut trying = JoinSet::new();
    let mut last = "there is no address to try".to_owned();
    loop {
        let next = waiting.next();
        if let Some(address) = next {
            trying.spawn(TcpStream::connect(address));
        } else if trying.is_empty() {
            return Err(last);
        }
        let patience = if next.is_some() { HEAD_START } else { Duration::MAX };
        match tokio::time::timeout(patience, trying.join_next()).await {
            Ok(Some(Ok(Ok(stream)))) => return Ok(stream),
            Ok(Some(Ok(Err(cause)))) => last = cause.to_string(),
            Ok(Some(Err(cause))) => last = cause.to_string(),
            Ok(None) | Err(_) => {}
        }
    }
}

#[cfg(unix)]
async fn unix(path: &std::path::Path) -> Result<Line, String> {
    let began = Instant::now();
    let stream = tokio::net::UnixStream::connect(path).await.map_err(|cause| cause.to_string())?;
    let timings = vec![Timing::new("connect", began.elapsed())];
    Ok(Line { stream: Box::new(stream), timings })
}

#[cfg(not(unix))]
async fn unix(_: &std::path::Path) -> Result<Line, String> {
    Err("this machine has no unix sockets".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<SocketAddr> {
        ["[::1]:1", "127.0.0.1:1"].map(|text| text.parse().unwrap()).to_vec()
    }

    #[test]
    fn the_family_wanted_is_preferred_and_the_other_taken_where_allowed() {
        let [six, four] = all().try_into().unwrap();
        for (found, ip, fallback, expected) in [
            (all(), Ip::Any, Fallback::Other, Some(all())),
            (all(), Ip::Ip4, Fallback::Other, Some(vec![four])),
            (all(), Ip::Ip6, Fallback::None, Some(vec![six])),
            (vec![four], Ip::Ip6, Fallback::Other, Some(vec![four])),
            (vec![four], Ip::Ip6, Fallback::None, None),
            (vec![six], Ip::Ip4, Fallback::None, None),
            (vec![], Ip::Any, Fallback::Other, None),
        ] {
            assert_eq!(
                chosen(&found, ip, fallback).ok(),
                expected,
                "{found:?} {ip:?} {fallback:?}"
            );
        }
        let message = chosen(&[four], Ip::Ip6, Fallback::None).unwrap_err();
        assert_eq!(message, "its name has no IPv6 address");
    }

    #[tokio::test]
    async fn a_dead_address_does_not_hide_a_living_one() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let living = listener.local_addr().unwrap();
        let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert_eq!(race(&[dead, living]).await.unwrap().peer_addr().unwrap(), living);
        assert!(race(&[dead]).await.unwrap_err().to_lowercase().contains("refused"));
    }
}
