//! The fast lane: ChannelData (RFC 8656, 12.6) and Send indications (11.2)
//! go straight to the allocation that is the peer, with the checks that both
//! ends would make (11.3, 12.7), or out of the sender's socket. No memory is
//! allocated here.

use std::net::SocketAddr;
use std::ops::Range;

use super::allocation::AllocationId;
use super::client::{Client, Now};
use super::peer::{Family, Mode, Peer, Subject};
use super::reply::has_unknown;
use super::route::{Head, Route};
use super::server::{DropReason, Server, Verdict};
use crate::pure::stun::{
    AttributeType, ChannelData, ChannelNumber, Message, TransactionId, read_xor_address,
};
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
        if Family::of(peer.ip()) != allocation.family {
            return Verdict::Drop(DropReason::NoPeer);
        }
        let Some(peer) = self.peer_allowed(allocation, peer) else {
            return Verdict::Drop(DropReason::NoPeer);
        };
        if !allocation.permits(self.subject(peer), now) {
            return Verdict::Drop(DropReason::NoPermission);
        }
        let start = data.offset + 4;
        self.relay(now, id, peer, start..start + data.value.len())
    }

    /// From an allocation to a peer of its.
    fn relay(&mut self, now: Millis, from: AllocationId, to: Peer, data: Range<usize>) -> Verdict {
        match to {
            Peer::Member(to) => self.switch(now, from, to, data),
            Peer::Outside(_) if !self.spend_sent(now, from, data.len()) => {
                Verdict::Drop(DropReason::Bandwidth)
            }
            Peer::Outside(to) => Verdict::Emit { allocation: from, to, data },
        }
    }

    /// From one allocation to another of the same call.
    fn switch(
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
        if !receiver.permits(sender.subject(&self.mode), now) {
            return Verdict::Drop(DropReason::NoPermission);
        }
        let client = receiver.client;
        let channel = receiver.channel_to(Peer::Member(from), now);
        let relayed = sender.relayed;
        if !self.may_receive(now, to, data.len()) || !self.spend_sent(now, from, data.len()) {
            return Verdict::Drop(DropReason::Bandwidth);
        }
        self.allocations[to.index].received.take(cost(data.len()));
        let head = self.head(channel, relayed);
        Verdict::Relay(Route { to: client, data, head })
    }

    /// Takes a datagram that has come to the socket of an allocation.
    pub fn handle_peer_datagram(
        &mut self,
        now: Now,
        allocation: AllocationId,
        from: SocketAddr,
        length: usize,
    ) -> Verdict {
        let Mode::Open(open) = &self.mode else {
            return Verdict::Drop(DropReason::NoPeer);
        };
        if !open.rules.admit_source(from) {
            return Verdict::Drop(DropReason::NoPeer);
        }
        let Some(receiver) = self.living(allocation, now.at) else {
            return Verdict::Drop(DropReason::NoAllocation);
        };
        if !receiver.permits(Subject::Ip(from.ip()), now.at) {
            return Verdict::Drop(DropReason::NoPermission);
        }
        let client = receiver.client;
        let channel = receiver.channel_to(Peer::Outside(from), now.at);
        if !self.may_receive(now.at, allocation, length)
            || !self.total.holds(self.rates.total, now.at, cost(length))
        {
            return Verdict::Drop(DropReason::Bandwidth);
        }
        self.allocations[allocation.index].received.take(cost(length));
        self.total.take(cost(length));
        let head = self.head(channel, from);
        Verdict::Relay(Route { to: client, data: 0..length, head })
    }

    /// How a client gets a packet: through the channel, if it has bound one.
    fn head(&mut self, channel: Option<ChannelNumber>, peer: SocketAddr) -> Head {
        match channel {
            Some(number) => Head::Channel(number),
            None => {
                let mut id = [0; 12];
                id[..8].copy_from_slice(&self.draw().to_le_bytes());
                id[8..].copy_from_slice(&self.draw().to_le_bytes()[..4]);
                Head::Indication { peer, transaction: TransactionId(id) }
            }
        }
    }

    fn may_receive(&mut self, now: Millis, to: AllocationId, bytes: usize) -> bool {
        self.allocations[to.index].received.holds(self.rates.allocation, now, cost(bytes))
    }

    /// Takes a packet from every budget of its sender, or from none.
    fn spend_sent(&mut self, now: Millis, from: AllocationId, bytes: usize) -> bool {
        let bytes = cost(bytes);
        let rates = self.rates;
        let session = self.allocations[from.index].session;
        let enough = self.allocations[from.index].sent.holds(rates.allocation, now, bytes)
            && self.sessions[session].sent.holds(rates.session, now, bytes)
            && self.total.holds(rates.total, now, bytes);
        if enough {
            self.allocations[from.index].sent.take(bytes);
            self.sessions[session].sent.take(bytes);
            self.total.take(bytes);
        }
        enough
    }
}

/// What a packet counts: with headers of IP, UDP and ChannelData.
fn cost(bytes: usize) -> u64 {
    bytes as u64 + 32
}
