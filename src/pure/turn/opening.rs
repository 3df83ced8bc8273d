//! An allocation's socket, and the answer that waits for it.

use super::allocation::AllocationId;
use super::peer::Mode;
use super::reply::ErrorCode;
use super::server::{Server, Verdict};
use crate::pure::stun::{AttributeType, Class, Method, Writer};

impl Server {
    /// A socket has been opened on this port, or there was none to have; the
    /// client gets its answer.
    pub fn handle_opened(&mut self, id: AllocationId, port: Option<u16>) {
        let Some(allocation) = self.allocations.get_mut(id.index).filter(|held| held.id == id)
        else {
            return;
        };
        allocation.opening = false;
        match port {
            Some(port) => {
                allocation.relayed.set_port(port);
                let relayed = allocation.relayed;
                let before = self.by_relayed.insert(relayed, id);
                debug_assert_eq!(before, None, "the system gives a port once");
                self.answer_allocated(id);
            }
            None => {
                let (client, identity) = (allocation.client, allocation.identity());
                let answer = Writer::new(Class::Error, Method::ALLOCATE, allocation.transaction)
                    .error_code(ErrorCode::InsufficientCapacity as u16);
                self.send(client, &identity, answer);
                self.free(id);
            }
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
