//! The people: their accounts, and what belongs to each.

use std::collections::BTreeSet;

use super::{ConnectionId, Recipients, Rooms};
use crate::pure::wire::{Account, AccountId, ConversationId, Event, Millis, Waiting};

/// An account with its conversations and connections.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) account: Account,
    pub(super) conversations: BTreeSet<ConversationId>,
    /// Where it waits to be let in.
    pub(super) waiting: Vec<Waiting>,
    /// Those after their hello.
    pub(super) connections: Vec<ConnectionId>,
    /// As last announced.
    pub(super) online: bool,
    /// When it counts as offline, unless it comes back.
    pub(super) offline_at: Option<Millis>,
}

impl Person {
    pub(super) fn new(account: Account) -> Self {
        Self {
            account,
            conversations: BTreeSet::new(),
            waiting: Vec::new(),
            connections: Vec::new(),
            online: false,
            offline_at: None,
        }
    }
}

impl Rooms {
    pub(super) fn person(&self, account: AccountId) -> Option<&Person> {
        self.people.get(&account)
    }

    /// Whether somebody may be added, rung and written to.
    pub(super) fn is_enabled(&self, account: AccountId) -> bool {
        self.person(account).is_some_and(|person| !person.account.disabled)
    }

    /// All connections of some accounts.
    pub(super) fn connections_of(
        &self,
        accounts: impl IntoIterator<Item = AccountId>,
    ) -> Recipients {
        accounts
            .into_iter()
            .filter_map(|account| self.person(account))
            .flat_map(|person| person.connections.iter().copied())
            .collect()
    }

    /// Takes in a new or changed account and tells everyone who knows of it.
    pub(super) fn put_account(&mut self, now: Millis, account: Account) {
        let (id, disabled) = (account.id, account.disabled);
        let event = Event::Account { account: account.clone() };
        let was_guest = self.person(id).is_some_and(Person::is_guest);
        match self.people.get_mut(&id) {
            Some(person) => person.account = account,
            None => {
                self.people.insert(id, Person::new(account));
            }
        }
        if was_guest && !self.person(id).is_some_and(Person::is_guest) {
            self.graduate(id);
        }
        self.deliver(self.acquaintances(id), event);
        if disabled {
            self.end_rings_of(now, id);
        }
    }
}
