//! ChannelBind (RFC 8656, 12.2).

use super::allocation::{AllocationId, BindError, TooMany};
use super::client::{Client, Now};
use super::peer::Peer;
use super::reply::ErrorCode;
use super::server::{Output, Server, Verdict};
use crate::pure::stun::{AttributeType, ChannelNumber, Message};

impl Server {
    pub(super) fn handle_channel_bind(
        &mut self,
        now: Now,
        client: Client,
        message: &Message<'_>,
    ) -> Verdict {
        let (identity, id) = match self.owner(now, client, message) {
            Ok(owner) => owner,
            Err(verdict) => return verdict,
        };
        match self.bind_channel(now, id, message) {
            Ok(()) => {
                let answer = Self::success(message);
                self.send(client, &identity, answer)
            }
            Err(code) => self.refuse(client, &identity, message, code),
        }
    }

    fn bind_channel(
        &mut self,
        now: Now,
        id: AllocationId,
        message: &Message<'_>,
    ) -> Result<(), ErrorCode> {
        let number = match message.first(AttributeType::CHANNEL_NUMBER) {
            Some(&[high, low, _, _]) => ChannelNumber::new(u16::from_be_bytes([high, low])),
            _ => None,
        };
        let number = number.ok_or(ErrorCode::BadRequest)?;
        let peer = message.first(AttributeType::XOR_PEER_ADDRESS).ok_or(ErrorCode::BadRequest)?;
        let (peer, address) = self.requested_peer(id, peer, message)?;
        let allocation = &mut self.allocations[id.index];
        allocation.bind(number, peer, self.limits.channels, now.at).map_err(
            |error| match error {
                BindError::Conflict => ErrorCode::BadRequest,
                BindError::TooMany => ErrorCode::InsufficientCapacity,
            },
        )?;
        // Binding is a permission, too (RFC 8656, 12.2).
        let permitted = allocation.permit(&[address.ip()], self.limits.permissions, now.at);
        permitted.map_err(|TooMany| ErrorCode::InsufficientCapacity)?;
        if let Peer::Outside(peer) = peer {
            self.outputs.push_back(Output::Bound { allocation: id, peer });
        }
        Ok(())
    }
}
