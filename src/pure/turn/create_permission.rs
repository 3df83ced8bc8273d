//! CreatePermission (RFC 8656, 10.2), and the peers that requests name.

use std::net::{IpAddr, SocketAddr};

use super::allocation::{AllocationId, TooMany};
use super::client::{Client, Now};
use super::peer::{Family, Peer};
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
        let permitted = self.requested_subjects(id, message).and_then(|subjects| {
            let most = self.limits.permissions;
            let permitted = self.allocations[id.index].permit(&subjects, most, now.at);
            permitted.map_err(|TooMany| ErrorCode::InsufficientCapacity)
        });
        match permitted {
            Ok(()) => {
                let answer = Self::success(message);
                self.send(client, &identity, answer)
            }
            Err(code) => self.refuse(client, &identity, message, code),
        }
    }

    /// All peers that the request names, or none.
    fn requested_subjects(
        &self,
        id: AllocationId,
        message: &Message<'_>,
    ) -> Result<Vec<IpAddr>, ErrorCode> {
        let subjects: Result<Vec<_>, _> = message
            .attributes()
            .filter(|attribute| attribute.kind == AttributeType::XOR_PEER_ADDRESS)
            .map(|attribute| {
                let (_, address) = self.requested_peer(id, attribute.value, message)?;
                Ok(address.ip())
            })
            .collect();
        match subjects {
            Ok(subjects) if subjects.is_empty() => Err(ErrorCode::BadRequest),
            other => other,
        }
    }

    /// The peer that an XOR-PEER-ADDRESS names, if it can be one, and its address.
    pub(super) fn requested_peer(
        &self,
        id: AllocationId,
        value: &[u8],
        message: &Message<'_>,
    ) -> Result<(Peer, SocketAddr), ErrorCode> {
        let address = read_xor_address(value, message.transaction());
        let address = address.ok_or(ErrorCode::BadRequest)?;
        let allocation = &self.allocations[id.index];
        if Family::of(address.ip()) != allocation.family {
            return Err(ErrorCode::PeerAddressFamilyMismatch);
        }
        let peer = self.peer_allowed(allocation, address).ok_or(ErrorCode::Forbidden)?;
        Ok((peer, address))
    }
}
