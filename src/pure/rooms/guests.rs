//! Guests: who knows of whom, who waits to be let in, and what ends with a link.
//!
//! Guests know those with whom they share a conversation, or did, and are known by them; nobody
//! else. Who knocks is told to the members of the conversation, guests excepted.

use std::collections::{BTreeMap, BTreeSet};

use super::conversations::ConversationState;
use super::{ConnectionId, Recipients, Rooms};
use crate::pure::wire::{
    Account, AccountId, CloseCode, ConversationId, Event, Knock, LinkId, MemberRole, Millis, Role,
    SessionId, Waiting,
};

impl Rooms {
    /// Somebody waits to be let in.
    pub fn handle_knock(&mut self, conversation: ConversationId, knock: Knock) {
        self.forget_knock(conversation, knock.account);
        let account = knock.account;
        let waiting = Waiting { conversation, link: knock.link };
        let Some(state) = self.conversations.find_mut(conversation) else { return };
        if state.member(account).is_some() {
            return;
        }
        state.conversation.knocks.push(knock);
        let hosts = self.hosts(conversation);
        if let Some(person) = self.people.get_mut(&account) {
            person.waiting.push(waiting);
            if person.is_guest() {
                let event = Event::Account { account: person.account.clone() };
                self.deliver(hosts, event);
            }
        }
        self.tell_knocks(conversation);
    }

    /// Somebody waits no longer: not let in when `refused`, else by their own wish.
    pub fn handle_knock_gone(&mut self, account: AccountId, waiting: Waiting, refused: bool) {
        let Waiting { conversation, link } = waiting;
        if !self.forget_knock(conversation, account) {
            return;
        }
        self.tell_knocks(conversation);
        if refused {
            let to = self.connections_of([account]);
            self.deliver(to, Event::TurnedAway { conversation, link });
        }
    }

    /// The time of a link is over.
    pub fn handle_link_expired(&mut self, conversation: ConversationId, link: LinkId) {
        self.dismiss(conversation, link);
        self.handle_rotation_required(&[conversation]);
    }

    /// Sessions of guests ended, and why.
    pub fn handle_guests_ended(&mut self, now: Millis, sessions: &[SessionId], code: CloseCode) {
        self.end_sessions(now, sessions, code);
    }

    /// Nobody waits at this link any more.
    pub(super) fn dismiss(&mut self, conversation: ConversationId, link: LinkId) {
        let Some(state) = self.conversations.find(conversation) else { return };
        let at_it = state.conversation.knocks.iter().filter(|knock| knock.link == link);
        let away: Vec<_> = at_it.map(|knock| knock.account).collect();
        for account in away {
            self.handle_knock_gone(account, Waiting { conversation, link }, true);
        }
    }

    /// Whoever is in waits no longer; tells whether they did.
    pub(super) fn forget_knock(
        &mut self,
        conversation: ConversationId,
        account: AccountId,
    ) -> bool {
        if let Some(person) = self.people.get_mut(&account) {
            person.waiting.retain(|waiting| waiting.conversation != conversation);
        }
        let Some(state) = self.conversations.find_mut(conversation) else { return false };
        let knocks = &mut state.conversation.knocks;
        let before = knocks.len();
        knocks.retain(|knock| knock.account != account);
        knocks.len() < before
    }

    /// Tells who waits to those who can let in.
    pub(super) fn tell_knocks(&mut self, conversation: ConversationId) {
        let Some(state) = self.conversations.find(conversation) else { return };
        let knocks = state.conversation.knocks.clone();
        let to = self.hosts(conversation);
        self.deliver(to, Event::Knocks { conversation, knocks });
    }

    /// The connections of a conversation's members who are no guests there.
    fn hosts(&self, conversation: ConversationId) -> Recipients {
        let hosts = self.conversations.find(conversation).into_iter().flat_map(|state| {
            let members = state.conversation.members.iter();
            members.filter(|member| member.role != MemberRole::Guest).map(|member| member.account)
        });
        self.connections_of(hosts)
    }

    /// Whether a connection is of somebody who is a guest in a conversation.
    pub(super) fn visits(&self, state: &ConversationState, connection: ConnectionId) -> bool {
        let account = self.links.get(&connection).map(|link| link.who.account);
        let member = account.and_then(|account| state.member(account));
        member.is_none_or(|member| member.role == MemberRole::Guest)
    }

    /// The accounts that somebody knows of, by their ids.
    pub(super) fn known_to(&self, viewer: AccountId) -> BTreeMap<AccountId, &Account> {
        let mut known = BTreeSet::from([viewer]);
        let mut is_guest = true;
        if let Some(person) = self.person(viewer) {
            is_guest = person.is_guest();
            for id in &person.conversations {
                let Some(state) = self.conversations.find(*id) else { continue };
                known.extend(state.members().chain(state.former.iter().copied()));
                if state.member(viewer).is_some_and(|member| member.role != MemberRole::Guest) {
                    known.extend(state.conversation.knocks.iter().map(|knock| knock.account));
                }
            }
        }
        let of_all = self
            .people
            .values()
            .filter(|person| known.contains(&person.account.id) || !is_guest && !person.is_guest());
        of_all.map(|person| (person.account.id, &person.account)).collect()
    }

    /// Everybody who hears how somebody is.
    pub(super) fn acquaintances(&self, subject: AccountId) -> Recipients {
        let Some(person) = self.person(subject) else { return self.ready.recipients() };
        if person.is_guest() {
            let mut to = BTreeSet::from([subject]);
            for id in &person.conversations {
                to.extend(self.conversations.find(*id).into_iter().flat_map(|s| s.members()));
            }
            let mut connections: BTreeSet<_> =
                self.connections_of(to).as_slice().iter().copied().collect();
            for waiting in &person.waiting {
                connections.extend(self.hosts(waiting.conversation).as_slice());
            }
            return connections.into_iter().collect();
        }
        if self.visitors.is_empty() {
            return self.ready.recipients();
        }
        let visiting: BTreeSet<_> = person
            .conversations
            .iter()
            .filter_map(|id| self.conversations.find(*id))
            .flat_map(ConversationState::members)
            .filter(|account| self.person(*account).is_some_and(super::Person::is_guest))
            .collect();
        let visiting = self.connections_of(visiting);
        self.ready.iter().chain(visiting.as_slice().iter().copied()).collect()
    }

    /// Somebody has come into a conversation: those who did not know of each other do now.
    pub(super) fn acquaint(&mut self, conversation: ConversationId, newcomer: AccountId) {
        let Some(person) = self.person(newcomer) else { return };
        let Some(state) = self.conversations.find(conversation) else { return };
        let others = state.members().filter(|member| *member != newcomer);
        if person.is_guest() {
            let others: Vec<_> = others.collect();
            self.introduce(&[newcomer], &others);
            self.introduce(&others, &[newcomer]);
        } else {
            let guest = |member: &AccountId| self.person(*member).is_some_and(|p| p.is_guest());
            let guests: Vec<_> = others.filter(guest).collect();
            self.introduce(&[newcomer], &guests);
        }
    }

    fn introduce(&mut self, who: &[AccountId], to: &[AccountId]) {
        let to = self.connections_of(to.iter().copied());
        for account in who {
            let Some(person) = self.person(*account) else { continue };
            let (online, account) = (person.online, person.account.clone());
            let id = account.id;
            self.deliver(to.clone(), Event::Account { account });
            if online {
                self.deliver_lossy(to.clone(), Event::Presence { account: id, online });
            }
        }
    }

    /// A guest has become an ordinary account: from now on it knows all the others.
    pub(super) fn graduate(&mut self, account: AccountId) {
        let connections = self.person(account).map(|person| person.connections.clone());
        for connection in connections.into_iter().flatten() {
            self.visitors.remove(connection);
            self.ready.add(connection);
        }
        let others = self.people.values().filter(|person| !person.is_guest());
        let others: Vec<_> = others.map(|person| person.account.id).collect();
        self.introduce(&others, &[account]);
    }

    /// Those who go when a link ends: the guests who came by it.
    pub(super) fn came_by(&self, conversation: ConversationId, link: LinkId) -> Vec<AccountId> {
        let Some(state) = self.conversations.find(conversation) else { return Vec::new() };
        let came = state.ways.iter().filter(|(_, way)| **way == link);
        came.map(|(account, _)| *account).collect()
    }
}

impl super::Person {
    pub(super) fn is_guest(&self) -> bool {
        self.account.role == Role::Guest
    }
}
