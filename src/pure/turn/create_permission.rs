//! CreatePermission (RFC 8656, 10.2), and who can be a peer at all.

use std::net::SocketAddr;

use super::allocation::{Allocation, AllocationId, LegNumber};
use super::client::{Client, Now};
use super::reply::ErrorCode;
use super::server::{Server, Verdict};
use crate::pure::stun::{AttributeType, Message, read_xor_address};

impl Server {
    pub(super) fn handle_create_permission(
        &mut self,
        now: Now,
        client: Client,
        message: &Message<'_>,
    ) -> Verdict {
        let (identity, id) = match self.owner(now, client, message) {
            Ok(owner) => owner,
            Err(verdict) => return verdict,
        };
        match self.requested_legs(id, message) {
            Ok(legs) => {
                for leg in legs {
                    self.allocations[id.index].permit(leg, now.at);
                }
                let answer = Self::success(message);
                self.send(client, &identity, answer)
            }
            Err(code) => self.refuse(client, &identity, message, code),
        }
    }

    /// All peers that the request names, or none.
    fn requested_legs(
        &self,
        id: AllocationId,
        message: &Message<'_>,
    ) -> Result<Vec<LegNumber>, ErrorCode> {
        let legs: Result<Vec<_>, _> = message
            .attributes()
            .filter(|attribute| attribute.kind == AttributeType::XOR_PEER_ADDRESS)
            .map(|attribute| {
                let peer = self.requested_peer(id, attribute.value, message)?;
                Ok(self.allocations[peer.index].leg)
            })
            .collect();
        match legs {
            Ok(legs) if legs.is_empty() => Err(ErrorCode::BadRequest),
            other => other,
        }
    }

    /// The peer that an XOR-PEER-ADDRESS names, if it can be one.
    pub(super) fn requested_peer(
        &self,
        id: AllocationId,
        value: &[u8],
        message: &Message<'_>,
    ) -> Result<AllocationId, ErrorCode> {
        let address = read_xor_address(value, message.transaction());
        let address = address.ok_or(ErrorCode::BadRequest)?;
        if address.is_ipv6() {
            return Err(ErrorCode::PeerAddressFamilyMismatch);
        }
        let allocation = &self.allocations[id.index];
        self.peer_allowed(allocation, address).ok_or(ErrorCode::Forbidden)
    }

    /// The one decision about peers: only another allocation of the same
    /// call is one, named by its relayed address.
    pub(super) fn peer_allowed(
        &self,
        allocation: &Allocation,
        address: SocketAddr,
    ) -> Option<AllocationId> {
        let peer = self.calls[allocation.call].member(address)?;
        (peer != allocation.id).then_some(peer)
    }
}
