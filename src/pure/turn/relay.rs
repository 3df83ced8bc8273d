//! The fast lane: ChannelData (RFC 8656, 12.6) and Send indications (11.2)
//! go straight to the allocation that is the peer, with the checks that both
//! ends would make (11.3, 12.7), or out of the sender's socket. No memory is
//! allocated here.

use std::net::SocketAddr;
use std::ops::Range;

use super::allocation::AllocationId;
use super::client::{Client, Now};
use super::peer::{Family, Mode, Peer};
use super::reply::has_unknown;
use super::route::{Head, Route};
use super::server::{DropReason, Server, Verdict};
use super::shard::Passed;
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
        let ip = peer.ip();
        let Some(peer) = self.peer_allowed(allocation, peer) else {
            return Verdict::Drop(DropReason::NoPeer);
        };
        if !allocation.permits(ip, now) {
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
            Peer::Outside(to) => {
                self.allocations[from.index].meter.sent_outside(data.len());
                Verdict::Emit { allocation: from, to, data }
            }
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
        let passed = Passed { from, to, relayed: self.allocations[from.index].relayed };
        if to.shard != self.shard.index {
            return match self.spend_sent(now, from, data.len()) {
                true => {
                    self.allocations[from.index].meter.sent(data.len());
                    Verdict::Pass { passed, data }
                }
                false => Verdict::Drop(DropReason::Bandwidth),
            };
        }
        match self.arrival(now, &passed, data.len()) {
            Ok(_) if !self.spend_sent(now, from, data.len()) => {
                Verdict::Drop(DropReason::Bandwidth)
            }
            Ok(arrival) => {
                self.allocations[from.index].meter.sent(data.len());
                Verdict::Relay(self.deliver(&passed, arrival, data))
            }
            Err(reason) => Verdict::Drop(reason),
        }
    }

    /// Who gets a packet of another allocation, if it may come.
    pub(super) fn arrival(
        &mut self,
        now: Millis,
        passed: &Passed,
        bytes: usize,
    ) -> Result<Arrival, DropReason> {
        let receiver = self.living(passed.to, now).ok_or(DropReason::NoPeer)?;
        if !receiver.permits(passed.relayed.ip(), now) {
            return Err(DropReason::NoPermission);
        }
        let client = receiver.client;
        let channel = receiver.channel_to(Peer::Member(passed.from), now);
        match self.may_receive(now, passed.to, bytes) {
            true => Ok(Arrival { client, channel }),
            false => Err(DropReason::Bandwidth),
        }
    }

    /// The way of a packet that may come.
    pub(super) fn deliver(
        &mut self,
        passed: &Passed,
        Arrival { client, channel }: Arrival,
        data: Range<usize>,
    ) -> Route {
        let receiver = &mut self.allocations[passed.to.index];
        receiver.received.take(cost(data.len()));
        receiver.meter.received(data.len());
        let head = self.head(channel, passed.relayed);
        Route { to: client, data, head }
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
        if !receiver.permits(from.ip(), now.at) {
            return Verdict::Drop(DropReason::NoPermission);
        }
        let client = receiver.client;
        let channel = receiver.channel_to(Peer::Outside(from), now.at);
        if !self.may_receive(now.at, allocation, length) || !self.total.holds(now.at, cost(length))
        {
            return Verdict::Drop(DropReason::Bandwidth);
        }
        let receiver = &mut self.allocations[allocation.index];
        receiver.received.take(cost(length));
        receiver.meter.received(length);
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
        self.allocations[to.index].received.holds(self.rate, now, cost(bytes))
    }

    /// Takes a packet from every budget of its sender, or from none.
    fn spend_sent(&mut self, now: Millis, from: AllocationId, bytes: usize) -> bool {
        let bytes = cost(bytes);
        let session = self.allocations[from.index].session;
        let enough = self.allocations[from.index].sent.holds(self.rate, now, bytes)
            && self.sessions[session].sent.holds(now, bytes)
            && self.total.holds(now, bytes);
        if enough {
            self.allocations[from.index].sent.take(bytes);
            self.sessions[session].sent.take(bytes);
            self.total.take(bytes);
        }
        enough
    }
}

/// Who gets a packet, and through which channel if there is one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    client: Client,
    channel: Option<ChannelNumber>,
}

/// What a packet counts: with headers of IP, UDP and ChannelData.
fn cost(bytes: usize) -> u64 {
    bytes as u64 + 32
}
