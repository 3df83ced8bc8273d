//! The calls that have allocations, with their virtual addresses.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use super::allocation::{AllocationId, push};
use super::ledger::LegNumber;
use super::shard::Shard;
use crate::pure::wire::CallId;

/// One call: who is in it, and which relayed addresses are taken.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) id: CallId,
    /// Those of this shard.
    allocations: Vec<AllocationId>,
    /// Those of all shards with a virtual address, in order of their ports.
    members: Vec<(SocketAddrV4, AllocationId)>,
    /// Of this shard's ports, the one to try next.
    next: u16,
}

impl Call {
    /// A call without allocations; `entropy` chooses its first port.
    pub(super) fn new(id: CallId, entropy: u64) -> Self {
        let next = (entropy % u64::from(PORTS)) as u16;
        Self { id, allocations: Vec::new(), members: Vec::new(), next }
    }

    /// Adds an allocation of this shard.
    pub(super) fn join(&mut self, id: AllocationId) {
        push(&mut self.allocations, id);
    }

    /// Takes a relayed address that this call has not used lately. Each shard
    /// has ports of its own, so the port of an address tells the shard.
    pub(super) fn take_address(
        &mut self,
        leg: LegNumber,
        id: AllocationId,
        shard: Shard,
    ) -> Option<SocketAddrV4> {
        let ports = PORTS.saturating_sub(shard.index).div_ceil(shard.count);
        if self.allocations.len() > usize::from(ports) {
            return None;
        }
        loop {
            let port = FIRST_PORT + shard.index + shard.count * (self.next % ports);
            self.next = (self.next + 1) % ports;
            let address = SocketAddrV4::new(address_of(leg), port);
            if self.add(address, id) {
                return Some(address);
            }
        }
    }

    /// Notes the address of another shard's allocation.
    pub(super) fn add_member(&mut self, address: SocketAddr, id: AllocationId) {
        if let SocketAddr::V4(address) = address {
            self.add(address, id);
        }
    }

    fn add(&mut self, address: SocketAddrV4, id: AllocationId) -> bool {
        let port = address.port();
        let place = self.members.binary_search_by_key(&port, |(held, _)| held.port());
        place.inspect_err(|place| self.members.insert(*place, (address, id))).is_err()
    }

    /// Forgets the address of another shard's allocation.
    pub(super) fn remove_member(&mut self, id: AllocationId) {
        self.members.retain(|(_, held)| *held != id);
    }

    /// Takes an allocation out, and its relayed address back.
    pub(super) fn leave(&mut self, id: AllocationId) {
        self.allocations.retain(|held| *held != id);
        self.remove_member(id);
    }

    /// The allocation behind a relayed address.
    pub(super) fn member(&self, address: SocketAddr) -> Option<AllocationId> {
        let place = self.members.binary_search_by_key(&address.port(), |(held, _)| held.port());
        let (held, id) = self.members[place.ok()?];
        (SocketAddr::V4(held) == address).then_some(id)
    }

    /// All allocations of this shard.
    pub(super) fn allocations(&self) -> impl Iterator<Item = AllocationId> {
        self.allocations.iter().copied()
    }

    /// Whether the last allocation has gone, and the last that was heard of.
    pub(super) fn is_empty(&self) -> bool {
        self.allocations.is_empty() && self.members.is_empty()
    }
}

/// TEST-NET-2: no packet to it ever leaves a client by mistake and arrives.
fn address_of(leg: LegNumber) -> Ipv4Addr {
    Ipv4Addr::new(198, 51, 100, leg.0 + 1)
}

const FIRST_PORT: u16 = 49_152;
const PORTS: u16 = u16::MAX - FIRST_PORT + 1;
