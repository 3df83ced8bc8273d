//! Who is there. Lossy, and slow to say that somebody left, so that a reload
//! does not flicker on all screens.

use super::timers::Timer;
use super::{ConnectionId, Rooms};
use crate::pure::wire::{AccountId, Event, Millis};

/// How long somebody may be without a connection and still counts as online.
pub(super) const GRACE: Millis = Millis(3_000);

impl Rooms {
    /// A connection is ready: its account is online.
    pub(super) fn enter_presence(&mut self, connection: ConnectionId, account: AccountId) {
        let Some(person) = self.people.get_mut(&account) else { return };
        person.connections.push(connection);
        if let Some(at) = person.offline_at.take() {
            self.timers.clear(at, Timer::Offline(account));
        }
        if !std::mem::replace(&mut person.online, true) {
            let event = Event::Presence { account, online: true };
            self.deliver_lossy(self.acquaintances(account), event);
        }
    }

    /// A connection is gone: with the last one, the grace begins.
    pub(super) fn leave_presence(
        &mut self,
        now: Millis,
        connection: ConnectionId,
        account: AccountId,
    ) {
        let Some(person) = self.people.get_mut(&account) else { return };
        person.connections.retain(|c| *c != connection);
        if person.connections.is_empty() {
            let at = now.plus(GRACE);
            person.offline_at = Some(at);
            self.timers.set(at, Timer::Offline(account));
        }
    }

    /// The grace is over.
    pub(super) fn announce_offline(&mut self, account: AccountId) {
        let Some(person) = self.people.get_mut(&account) else { return };
        person.offline_at = None;
        person.online = false;
        let event = Event::Presence { account, online: false };
        self.deliver_lossy(self.acquaintances(account), event);
    }
}
