//! Ports for servers that are told where to listen.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::ops::Range;

/// Below what systems give to whoever listens or connects from any port, which tests do all the time.
const LISTENERS: Range<u16> = 10_000..32_000;

/// Returns a port of this machine that is free, for connections and for datagrams.
pub(crate) fn free_port() -> SocketAddr {
    loop {
        let at = SocketAddr::from((Ipv4Addr::LOCALHOST, fastrand::u16(LISTENERS)));
        if TcpListener::bind(at).is_ok() && UdpSocket::bind(at).is_ok() {
            return at;
        }
    }
}
