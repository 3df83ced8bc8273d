//! The calls that have allocations, with their virtual addresses.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use super::allocation::{AllocationId, LegNumber};
use super::limits::LEGS_PER_CALL;
use crate::pure::wire::{CallId, SessionId};

/// One call: who is in it, and which relayed addresses are taken.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) id: CallId,
    /// In order of their numbers. A leg keeps its number while the call has
    /// any allocation, so no permission can pass to another leg.
    legs: Vec<SessionId>,
    allocations: Vec<AllocationId>,
    /// Those with a virtual address, in order of their ports.
    members: Vec<(SocketAddrV4, AllocationId)>,
    next_port: u16,
}

impl Call {
    /// A call without allocations; `entropy` chooses its first port.
    pub(super) fn new(id: CallId, entropy: u64) -> Self {
        let next_port = FIRST_PORT + (entropy % u64::from(PORTS)) as u16;
        Self { id, legs: Vec::new(), allocations: Vec::new(), members: Vec::new(), next_port }
    }

    /// The leg of a session, a new one if it has none and there is room.
    pub(super) fn leg(&mut self, session: SessionId) -> Option<LegNumber> {
        let position = self.legs.iter().position(|held| *held == session);
        let position = match position {
            Some(position) => position,
            None if self.legs.len() >= LEGS_PER_CALL => return None,
            None => {
                self.legs.push(session);
                self.legs.len() - 1
            }
        };
        u8::try_from(position).ok().map(LegNumber)
    }

    /// Adds an allocation.
    pub(super) fn join(&mut self, id: AllocationId) {
        self.allocations.push(id);
    }

    /// Takes a relayed address that this call has not used lately.
    pub(super) fn take_address(
        &mut self,
        leg: LegNumber,
        id: AllocationId,
    ) -> Option<SocketAddrV4> {
        if self.members.len() >= usize::from(PORTS) {
            return None;
        }
        loop {
            let port = self.next_port;
            self.next_port = if port == u16::MAX { FIRST_PORT } else { port + 1 };
            if let Err(place) = self.members.binary_search_by_key(&port, |(held, _)| held.port()) {
                let address = SocketAddrV4::new(address_of(leg), port);
                self.members.insert(place, (address, id));
                return Some(address);
            }
        }
    }

    /// Takes an allocation out, and its relayed address back.
    pub(super) fn leave(&mut self, id: AllocationId) {
        self.allocations.retain(|held| *held != id);
        self.members.retain(|(_, held)| *held != id);
    }

    /// The allocation behind a relayed address.
    pub(super) fn member(&self, address: SocketAddr) -> Option<AllocationId> {
        let place = self.members.binary_search_by_key(&address.port(), |(held, _)| held.port());
        let (held, id) = self.members[place.ok()?];
        (SocketAddr::V4(held) == address).then_some(id)
    }

    /// All allocations.
    pub(super) fn allocations(&self) -> impl Iterator<Item = AllocationId> {
        self.allocations.iter().copied()
    }

    /// Whether the last allocation has gone.
    pub(super) fn is_empty(&self) -> bool {
        self.allocations.is_empty()
    }
}

/// TEST-NET-2: no packet to it ever leaves a client by mistake and arrives.
fn address_of(leg: LegNumber) -> Ipv4Addr {
    Ipv4Addr::new(198, 51, 100, leg.0 + 1)
}

const FIRST_PORT: u16 = 49_152;
const PORTS: u16 = u16::MAX - FIRST_PORT + 1;
