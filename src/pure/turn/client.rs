//! Who a datagram came from, and when.

use std::net::{IpAddr, SocketAddr};

use crate::pure::wire::Millis;

/// The client's end of a 5-tuple: its address, and which of our ends it uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Client {
    pub link: Link,
    pub address: SocketAddr,
}

/// Our end of a 5-tuple, by the number the shell gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Link {
    /// A UDP socket and the address on it that the client sends to.
    Udp(u16),
    /// A TCP connection, plain or within TLS.
    Stream(u32),
}

/// What counts as one place that clients come from: an address, but of IPv6 a /64,
/// as whoever has one of its addresses has all.
pub fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => IpAddr::V6((ip.to_bits() >> 64 << 64).into()),
    }
}

/// A moment on both clocks that count here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// A clock that never jumps, from any start; for lifetimes and rates.
    pub at: Millis,
    /// Seconds since the Unix epoch; only for the expiry of credentials.
    pub unix: u64,
}
