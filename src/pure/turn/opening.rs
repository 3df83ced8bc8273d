//! How an allocation is made: it counts, it gets its address or socket, and
//! then its client the answer that has waited.

use std::net::SocketAddr;

use super::allocation::{AllocationId, Stage};
use super::ledger::{Granted, LegNumber, Refusal};
use super::peer::Mode;
use super::reply::ErrorCode;
use super::server::{Output, Server, Verdict};
use super::shard::{Member, News};
use crate::pure::stun::{AttributeType, Class, Method, Writer};

impl Server {
    /// What the ledger says of an allocation's claim.
    pub fn handle_claimed(&mut self, id: AllocationId, claimed: Result<Granted, Refusal>) {
        let waits = self.allocations.get_mut(id.index).filter(|held| held.id == id);
        match (claimed, waits) {
            (Ok(granted), Some(allocation)) => {
                allocation.stage = Stage::Granted;
                self.sessions[allocation.session].sent.set_budget(granted.budget);
                self.place(id, granted.leg);
            }
            // It has gone meanwhile.
            (Ok(granted), None) => self.outputs.push_back(Output::Release(granted.claim)),
            (Err(Refusal::Quota), _) => self.give_up(id, ErrorCode::AllocationQuotaReached),
            (Err(Refusal::Capacity), _) => self.give_up(id, ErrorCode::InsufficientCapacity),
        }
    }

    /// Gives an allocation its address, or the shell the task to open its socket.
    fn place(&mut self, id: AllocationId, leg: LegNumber) {
        if let Mode::Open(_) = self.mode {
            let entropy = self.draw();
            let family = self.allocations[id.index].family;
            self.outputs.push_back(Output::Open { allocation: id, family, entropy });
            return;
        }
        let call = self.allocations[id.index].call;
        match self.calls[call].take_address(leg, id, self.shard) {
            Some(address) => self.complete(id, address.into()),
            None => self.give_up(id, ErrorCode::InsufficientCapacity),
        }
    }

    /// A socket has been opened on this port, or there was none to have.
    pub fn handle_opened(&mut self, id: AllocationId, port: Option<u16>) {
        let Some(allocation) = self.allocations.get(id.index).filter(|held| held.id == id) else {
            return;
        };
        match port {
            Some(port) => {
                let (relayed, call) = (allocation.relayed.ip(), allocation.grant.call);
                let relayed = SocketAddr::new(relayed, port);
                self.by_relayed.insert(relayed, Member { id, call, relayed });
                self.complete(id, relayed);
            }
            None => self.give_up(id, ErrorCode::InsufficientCapacity),
        }
    }

    fn complete(&mut self, id: AllocationId, relayed: SocketAddr) {
        let allocation = &mut self.allocations[id.index];
        (allocation.stage, allocation.relayed) = (Stage::Made, relayed);
        let call = allocation.grant.call;
        self.tally.allocations += 1;
        self.tell(News::Joined(Member { id, call, relayed }));
        self.answer_allocated(id);
    }

    fn give_up(&mut self, id: AllocationId, code: ErrorCode) {
        let Some(allocation) = self.allocations.get(id.index).filter(|held| held.id == id) else {
            return;
        };
        let (client, identity) = (allocation.client, allocation.identity());
        let answer = Writer::new(Class::Error, Method::ALLOCATE, allocation.transaction)
            .error_code(code as u16);
        self.send(client, &identity, answer);
        self.free(id);
    }

    /// Tells the other shards, if there are any.
    pub(super) fn tell(&mut self, news: News) {
        if self.shard.count > 1 {
            self.outputs.push_back(Output::Tell(news));
        }
    }

    pub(super) fn answer_allocated(&mut self, id: AllocationId) -> Verdict {
        let allocation = &self.allocations[id.index];
        let client = allocation.client;
        let identity = allocation.identity();
        let answer = Writer::new(Class::Success, Method::ALLOCATE, allocation.transaction)
            .xor_address(AttributeType::XOR_RELAYED_ADDRESS, allocation.relayed)
            .attribute(AttributeType::LIFETIME, &allocation.lifetime.to_be_bytes())
            .xor_address(AttributeType::XOR_MAPPED_ADDRESS, client.address);
        self.send(client, &identity, answer)
    }

    /// Whether relayed addresses have sockets.
    pub fn is_open(&self) -> bool {
        matches!(self.mode, Mode::Open(_))
    }
}
