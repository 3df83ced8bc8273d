//! What the shards of a relay hold together: how many allocations a session
//! and an address have, and which number each leg of a call has.
//!
//! One for all shards. It is asked when an allocation is made and told when
//! one has gone, never on the way of a packet.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use super::bucket::Rate;
use super::budget::Budget;
use super::hash::Seed;
use super::limits::{LEGS_PER_CALL, Limits};
use crate::pure::wire::{CallId, SessionId};

/// The counts that quotas are for.
#[derive(Debug)]
pub struct Ledger {
    limits: Limits,
    /// Whether legs have addresses of their own.
    virtual_addresses: bool,
    allocations: usize,
    sessions: HashMap<SessionId, Account, Seed>,
    networks: HashMap<IpAddr, usize, Seed>,
    calls: HashMap<CallId, Legs, Seed>,
}

/// Whose allocation it is that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    pub(super) call: CallId,
    pub(super) session: SessionId,
    /// Where the client is, as [`network`](super::network) has it.
    pub(super) network: IpAddr,
}

/// A claim that was granted; it counts until it is released.
#[derive(Debug, Clone)]
pub struct Granted {
    pub(super) claim: Claim,
    pub(super) leg: LegNumber,
    /// What the session may send.
    pub(super) budget: Arc<Budget>,
}

/// Why a claim was not granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The session or the address has enough.
    Quota,
    /// There are too many in all, or in the call.
    Capacity,
}

/// One leg's number within its call; its relayed addresses tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LegNumber(pub(super) u8);

#[derive(Debug)]
struct Account {
    allocations: usize,
    budget: Arc<Budget>,
}

/// The legs of a call in order of their numbers. A leg keeps its number while
/// the call has any allocation, so no permission can pass to another leg.
#[derive(Debug, Default)]
struct Legs {
    sessions: Vec<SessionId>,
    allocations: usize,
}

impl Ledger {
    pub(super) fn new(limits: Limits, virtual_addresses: bool, seed: Seed) -> Self {
        Self {
            limits,
            virtual_addresses,
            allocations: 0,
            sessions: HashMap::with_hasher(seed),
            networks: HashMap::with_hasher(seed),
            calls: HashMap::with_hasher(seed),
        }
    }

    /// Counts one more, unless that is too many.
    pub fn claim(&mut self, claim: Claim) -> Result<Granted, Refusal> {
        let Claim { call, session, network } = claim;
        let of_session = self.sessions.get(&session).map_or(0, |account| account.allocations);
        let of_network = self.networks.get(&network).copied().unwrap_or(0);
        if of_session >= self.limits.allocations_per_session
            || of_network >= self.limits.allocations_per_ip
        {
            return Err(Refusal::Quota);
        }
        if self.allocations >= self.limits.allocations {
            return Err(Refusal::Capacity);
        }
        let leg = self.leg(call, session).ok_or(Refusal::Capacity)?;
        let rate = Rate::from_bits(self.limits.session_rate);
        let account = self
            .sessions
            .entry(session)
            .or_insert_with(|| Account { allocations: 0, budget: Arc::new(Budget::full(rate)) });
        account.allocations += 1;
        *self.networks.entry(network).or_default() += 1;
        self.allocations += 1;
        Ok(Granted { claim, leg, budget: Arc::clone(&account.budget) })
    }

    /// Counts one less.
    pub fn release(&mut self, claim: Claim) {
        let Claim { call, session, network } = claim;
        self.allocations -= 1;
        count_down(&mut self.sessions, session, |account| &mut account.allocations);
        count_down(&mut self.networks, network, |count| count);
        if self.virtual_addresses {
            count_down(&mut self.calls, call, |legs| &mut legs.allocations);
        }
    }

    /// The number of a leg, a new one if it has none and there is room.
    fn leg(&mut self, call: CallId, session: SessionId) -> Option<LegNumber> {
        if !self.virtual_addresses {
            return Some(LegNumber(0));
        }
        let legs = self.calls.entry(call).or_default();
        let position = legs.sessions.iter().position(|held| *held == session);
        let position = match position {
            Some(position) => position,
            None if legs.sessions.len() >= LEGS_PER_CALL => return None,
            None => {
                legs.sessions.push(session);
                legs.sessions.len() - 1
            }
        };
        legs.allocations += 1;
        u8::try_from(position).ok().map(LegNumber)
    }

    /// Whether nothing counts any more.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.allocations == 0
            && self.sessions.is_empty()
            && self.networks.is_empty()
            && self.calls.is_empty()
    }
}

/// Takes one off a count, and out what has come to nothing.
fn count_down<K, V>(map: &mut HashMap<K, V, Seed>, key: K, count: impl Fn(&mut V) -> &mut usize)
where
    K: Eq + std::hash::Hash,
{
    if let Some(held) = map.get_mut(&key) {
        let left = count(held);
        *left -= 1;
        if *left == 0 {
            map.remove(&key);
        }
    }
}
