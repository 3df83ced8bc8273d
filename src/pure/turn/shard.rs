//! Several servers that are one relay.
//!
//! Each shard has the allocations of the clients whose packets it gets, and
//! all shards have one [`Ledger`]. What each knows of the others' allocations
//! is where they are: the address, the call and the shard, by [`News`]. A
//! packet for one of those is passed on with what its own shard needs to
//! judge it: permissions, channels and limits of the receiver are there only.

use std::net::SocketAddr;
use std::sync::Arc;

use super::allocation::AllocationId;
use super::bucket::Rate;
use super::budget::Budget;
use super::client::Now;
use super::hash::Seed;
use super::ledger::Ledger;
use super::peer::Mode;
use super::server::{Server, Setup, Verdict};
use super::throttle::Throttle;
use crate::pure::wire::{CallId, Millis};

/// What all shards of a relay have in common, to make them of.
pub struct Relay {
    pub(super) setup: Setup,
    pub(super) secret: [u8; 64],
    pub(super) shards: u16,
    pub(super) common: Common,
}

/// What shards use together.
#[derive(Debug, Clone)]
pub(super) struct Common {
    pub(super) replies: Arc<Throttle>,
    pub(super) failures: Arc<Throttle>,
    pub(super) total: Arc<Budget>,
}

/// Which of how many shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shard {
    pub(super) index: u16,
    pub(super) count: u16,
}

/// What a shard tells the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// There is an allocation.
    Joined(Member),
    /// It has gone.
    Left(Member),
}

/// An allocation, as other shards know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    pub(super) id: AllocationId,
    pub(super) call: CallId,
    pub(super) relayed: SocketAddr,
}

/// What a shard says of a packet for an allocation of another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passed {
    pub(super) from: AllocationId,
    pub(super) to: AllocationId,
    /// The sender's address.
    pub(super) relayed: SocketAddr,
}

impl Relay {
    /// A relay of so many shards. `secret` must be fresh random bytes;
    /// nonces and the order of the tables hang on it.
    pub fn new(setup: Setup, secret: [u8; 64], shards: u16) -> Self {
        let limits = &setup.limits;
        let (seed, minute) = (seed(&secret), Millis(60_000));
        let common = Common {
            replies: Arc::new(Throttle::new(seed, limits.unauthenticated_replies, Millis(1000))),
            failures: Arc::new(
                Throttle::new(seed, limits.authentication_failures, minute).with_silence(minute),
            ),
            total: Arc::new(Budget::full(Rate::from_bits(limits.total_rate))),
        };
        Self { setup, secret, shards: shards.max(1), common }
    }

    /// One of the shards, without allocations.
    pub fn shard(&self, index: u16) -> Server {
        Server::new(self, Shard { index, count: self.shards })
    }

    /// The shards' ledger.
    pub fn ledger(&self) -> Ledger {
        let virtual_addresses = self.setup.mode == Mode::Closed;
        Ledger::new(self.setup.limits, virtual_addresses, seed(&self.secret))
    }
}

impl Passed {
    /// The shard that has the receiver.
    pub fn shard(&self) -> usize {
        self.to.shard.into()
    }

    /// One for tests of those who carry it.
    #[cfg(test)]
    pub(crate) fn between(from: u16, to: u16, serial: u64) -> Self {
        let id = |shard| AllocationId { shard, index: 0, serial };
        let relayed = SocketAddr::from(([198, 51, 100, 1], 50_000));
        Self { from: id(from), to: id(to), relayed }
    }
}

impl Server {
    /// Takes what another shard tells.
    pub fn handle_news(&mut self, news: News) {
        match (news, &self.mode) {
            (News::Joined(member), Mode::Closed) => {
                let call = self.call_place(member.call);
                self.calls[call].add_member(member.relayed, member.id);
            }
            (News::Left(member), Mode::Closed) => {
                if let Some(&call) = self.by_call.get(&member.call) {
                    self.calls[call].remove_member(member.id);
                    self.tidy_call(call);
                }
            }
            (News::Joined(member), Mode::Open(_)) => {
                self.by_relayed.insert(member.relayed, member);
            }
            (News::Left(member), Mode::Open(_)) => {
                let held = self.by_relayed.get(&member.relayed);
                // The port may be another allocation's by now.
                if held.is_some_and(|held| held.id == member.id) {
                    self.by_relayed.remove(&member.relayed);
                }
            }
        }
    }

    /// Takes a packet, of so many bytes, that another shard has for an
    /// allocation here.
    pub fn handle_passed(&mut self, now: Now, passed: &Passed, length: usize) -> Verdict {
        match self.arrival(now.at, passed, length) {
            Ok(arrival) => Verdict::Relay(self.deliver(passed, arrival, 0..length)),
            Err(reason) => Verdict::Drop(reason),
        }
    }
}

/// Tables of all shards are alike: nobody can see one of them.
pub(super) fn seed(secret: &[u8; 64]) -> Seed {
    Seed(word(secret, 32), word(secret, 40))
}

/// Eight bytes of a secret.
pub(super) fn word(secret: &[u8; 64], at: usize) -> u64 {
    u64::from_le_bytes(secret[at..at + 8].try_into().expect("eight bytes"))
}
