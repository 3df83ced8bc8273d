//! Who can be a peer at all.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::allocation::{Allocation, AllocationId};
use super::rules::Rules;
use super::server::Server;

/// What stands behind the relayed addresses of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Nothing: they are virtual, and peers are other allocations of the call.
    Closed,
    /// A socket each, whose peers are chosen by rules.
    Open(Open),
}

/// What a server with sockets needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The address that its IPv4 sockets have for others, if it has such.
    pub ipv4: Option<Ipv4Addr>,
    /// The address that its IPv6 sockets have for others, if it has such.
    pub ipv6: Option<Ipv6Addr>,
    pub rules: Rules,
}

/// The family of a relayed address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Ipv4,
    Ipv6,
}

/// Where a client sends through its allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peer {
    /// Another allocation of this relay, reached without any socket.
    Member(AllocationId),
    /// An address outside.
    Outside(SocketAddr),
}

impl Open {
    /// The address that a client is told for a socket of a family.
    pub(super) fn ip(&self, family: Family) -> Option<IpAddr> {
        match family {
            Family::Ipv4 => self.ipv4.map(IpAddr::V4),
            Family::Ipv6 => self.ipv6.map(IpAddr::V6),
        }
    }
}

impl Family {
    /// The family of an address as it is spelt.
    pub(super) fn of(ip: IpAddr) -> Self {
        if ip.is_ipv4() { Self::Ipv4 } else { Self::Ipv6 }
    }

    /// By its number in REQUESTED-ADDRESS-FAMILY (RFC 8656, 18.6).
    pub(super) fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Ipv4),
            2 => Some(Self::Ipv6),
            _ => None,
        }
    }
}

impl Server {
    /// The one decision about peers. Another allocation of the same call is
    /// one, named by its relayed address. Those of other calls never are, and
    /// outside addresses only if there are sockets and the rules say so.
    pub(super) fn peer_allowed(
        &self,
        allocation: &Allocation,
        address: SocketAddr,
    ) -> Option<Peer> {
        let member = match &self.mode {
            Mode::Closed => self.calls[allocation.call].member(address),
            Mode::Open(open) => match self.by_relayed.get(&address) {
                None => return open.rules.admit(address).then_some(Peer::Outside(address)),
                Some(held) => (held.call == allocation.grant.call).then_some(held.id),
            },
        };
        member.filter(|id| *id != allocation.id).map(Peer::Member)
    }
}
