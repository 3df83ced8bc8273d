//! Addresses to listen on.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// An address and port, or a port on every address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listen {
    /// `*:3001`: every address, over IPv4 and IPv6.
    Every(u16),
    /// `192.168.1.5:3001`.
    One(SocketAddr),
}

impl Listen {
    /// The sockets to bind, in order; of several, one that works is enough.
    pub fn addresses(self) -> Vec<SocketAddr> {
        match self {
            Self::Every(port) => {
                vec![(Ipv4Addr::UNSPECIFIED, port).into(), (Ipv6Addr::UNSPECIFIED, port).into()]
            }
            Self::One(address) => vec![address],
        }
    }
}

impl FromStr for Listen {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let port = text.strip_prefix("*:").or(text.strip_prefix(':')).unwrap_or(text);
        if let Ok(port) = port.parse() {
            return Ok(Self::Every(port));
        }
        text.parse()
            .map(Self::One)
            .map_err(|_| "expected ADDRESS:PORT, such as 127.0.0.1:3001 or *:3001")
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every(port) => write!(f, "*:{port}"),
            Self::One(address) => address.fmt(f),
        }
    }
}

impl Serialize for Listen {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
