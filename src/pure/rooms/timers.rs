//! Deadlines in the order in which they fall due.

use std::collections::BTreeSet;

use super::{ConnectionId, Rooms};
use crate::pure::wire::{AccountId, CallId, ConversationId, DeviceId, Millis};

/// What happens at a deadline. Some are only looked at again then: the state
/// they were set for knows the moment that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    Ring(CallId),
    Lease(CallId, DeviceId),
    Offline(AccountId),
    Heal(ConversationId),
    GrantRequest(ConversationId, AccountId),
    Session(ConnectionId),
    Watermarks,
    EndedCalls,
}

#[derive(Debug, Default)]
pub(super) struct Timers(BTreeSet<(Millis, Timer)>);

impl Timers {
    pub(super) fn set(&mut self, at: Millis, timer: Timer) {
        self.0.insert((at, timer));
    }

    pub(super) fn clear(&mut self, at: Millis, timer: Timer) {
        self.0.remove(&(at, timer));
    }

    pub(super) fn next(&self) -> Option<Millis> {
        self.0.first().map(|(at, _)| *at)
    }

    /// Takes one that is due.
    pub(super) fn pop(&mut self, now: Millis) -> Option<Timer> {
        if self.next()? > now {
            return None;
        }
        self.0.pop_first().map(|(_, timer)| timer)
    }
}

impl Rooms {
    pub(super) fn expire(&mut self, now: Millis, timer: Timer) {
        match timer {
            Timer::Ring(call) => self.ring_timed_out(now, call),
            Timer::Lease(call, device) => self.lease_ran_out(now, call, device),
            Timer::Offline(account) => self.announce_offline(account),
            Timer::Heal(conversation) => self.heal(conversation),
            Timer::GrantRequest(conversation, account) => {
                self.ask_for_grant(now, conversation, account);
            }
            Timer::Session(connection) => self.session_due(connection),
            Timer::Watermarks => self.save_watermarks(),
            Timer::EndedCalls => self.save_ended_calls(),
        }
    }
}
