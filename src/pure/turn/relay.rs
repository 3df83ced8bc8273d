//! The fast lane: ChannelData (RFC 8656, 12.6) and Send indications (11.2)
//! go straight to the allocation that is the peer, with the checks that both
//! ends would make (11.3, 12.7). No memory is allocated here.

use std::net::SocketAddrV4;
use std::ops::Range;

use super::allocation::AllocationId;
use super::client::Client;
use super::reply::has_unknown;
use super::route::{Head, Route};
use super::server::{DropReason, Server, Verdict};
use crate::pure::stun::{AttributeType, ChannelData, Message, TransactionId, read_xor_address};
use crate::pure::wire::Millis;

impl Server {
    pub(super) fn relay_channel_data(
        &mut self,
        now: Millis,
        client: Client,
        datagram: &[u8],
    ) -> Verdict {
        let Some(message) = ChannelData::parse(datagram) else {
            return Verdict::Drop(DropReason::Malformed);
        };
        let Some(id) = self.allocation_of(client, now) else {
            return Verdict::Drop(DropReason::NoAllocation);
        };
        let Some(peer) = self.allocations[id.index].channel_peer(message.number, now) else {
            return Verdict::Drop(DropReason::NoChannel);
        };
        let data = ChannelData::HEADER..ChannelData::HEADER + message.data.len();
        self.relay(now, id, peer, data)
    }

    pub(super) fn relay_send(
        &mut self,
        now: Millis,
        client: Client,
        message: &Message<'_>,
    ) -> Verdict {
        let (Some(peer), Some(data)) =
            (message.first(AttributeType::XOR_PEER_ADDRESS), message.find(AttributeType::DATA))
        else {
            return Verdict::Drop(DropReason::Malformed);
        };
        let Some(peer) = read_xor_address(peer, message.transaction()) else {
            return Verdict::Drop(DropReason::Malformed);
        };
        if has_unknown(message) {
            return Verdict::Drop(DropReason::Malformed);
        }
        let Some(id) = self.allocation_of(client, now) else {
            return Verdict::Drop(DropReason::NoAllocation);
        };
        let allocation = &self.allocations[id.index];
        let Some(peer) = self.peer_allowed(allocation, peer) else {
            return Verdict::Drop(DropReason::NoPeer);
        };
        if !allocation.permits(self.allocations[peer.index].leg, now) {
            return Verdict::Drop(DropReason::NoPermission);
        }
        let start = data.offset + 4;
        self.relay(now, id, peer, start..start + data.value.len())
    }

    /// From one allocation to another of the same call.
    fn relay(
        &mut self,
        now: Millis,
        from: AllocationId,
        to: AllocationId,
        data: Range<usize>,
    ) -> Verdict {
        let sender = &self.allocations[from.index];
        let Some(receiver) = self.living(to, now) else {
            return Verdict::Drop(DropReason::NoPeer);
        };
        if !receiver.permits(sender.leg, now) {
            return Verdict::Drop(DropReason::NoPermission);
        }
        let client = receiver.client;
        let channel = receiver.channel_to(from, now);
        let relayed = sender.relayed;
        if !self.spend(now, from, to, data.len()) {
            return Verdict::Drop(DropReason::Bandwidth);
        }
        let head = match channel {
            Some(number) => Head::Channel(number),
            None => self.indication(relayed),
        };
        Verdict::Relay(Route { to: client, data, head })
    }

    fn indication(&mut self, peer: SocketAddrV4) -> Head {
        let mut id = [0; 12];
        id[..8].copy_from_slice(&self.draw().to_le_bytes());
        id[8..].copy_from_slice(&self.draw().to_le_bytes()[..4]);
        Head::Indication { peer, transaction: TransactionId(id) }
    }

    /// Takes the packet from every budget it counts against, or from none.
    fn spend(&mut self, now: Millis, from: AllocationId, to: AllocationId, bytes: usize) -> bool {
        let bytes = bytes as u64 + OVERHEAD;
        let rates = self.rates;
        let session = self.allocations[from.index].session;
        let enough = self.allocations[from.index].sent.holds(rates.allocation, now, bytes)
            && self.allocations[to.index].received.holds(rates.allocation, now, bytes)
            && self.sessions[session].sent.holds(rates.session, now, bytes)
            && self.total.holds(rates.total, now, bytes);
        if enough {
            self.allocations[from.index].sent.take(bytes);
            self.allocations[to.index].received.take(bytes);
            self.sessions[session].sent.take(bytes);
            self.total.take(bytes);
        }
        enough
    }
}

/// What each packet costs beyond its data: headers of IP, UDP and ChannelData.
const OVERHEAD: u64 = 32;
