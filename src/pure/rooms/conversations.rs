//! Conversations as they are held: members, and who hears what.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::connections::Audience;
use super::{ConnectionId, Recipients, Rooms};
use crate::pure::wire::{
    AccountId, Conversation, ConversationId, ConversationKind, Entry, Event, LinkId, Member,
    MemberRole, Seq,
};

/// All conversations.
#[derive(Debug, Default)]
pub(super) struct Conversations {
    states: HashMap<ConversationId, ConversationState>,
}

/// One conversation.
#[derive(Debug)]
pub(super) struct ConversationState {
    /// As its members see it; `members` and `head` are always current.
    pub(super) conversation: Conversation,
    /// Where each member stands in `conversation.members`.
    places: HashMap<AccountId, usize>,
    /// Connections that get each entry as it comes.
    pub(super) live: Audience,
    /// Connections that get entries in pages, and all else as it comes.
    pub(super) catching: Audience,
    /// Newcomers see nothing from before they came.
    pub(super) from_joining: bool,
    /// From where on members see it, when not from the beginning.
    pub(super) since: HashMap<AccountId, Seq>,
    /// Members that have left; they are still known by those who are there.
    pub(super) former: BTreeSet<AccountId>,
    /// The links by which guests came.
    pub(super) ways: HashMap<AccountId, LinkId>,
    /// Entries that came before one with a smaller number.
    pub(super) early: BTreeMap<Seq, Entry>,
}

impl Conversations {
    pub(super) fn find(&self, id: ConversationId) -> Option<&ConversationState> {
        self.states.get(&id)
    }

    pub(super) fn find_mut(&mut self, id: ConversationId) -> Option<&mut ConversationState> {
        self.states.get_mut(&id)
    }

    /// The conversation, for those who are in it.
    pub(super) fn of_member(
        &self,
        id: ConversationId,
        account: AccountId,
    ) -> Option<&ConversationState> {
        self.find(id).filter(|state| state.places.contains_key(&account))
    }

    pub(super) fn of_member_mut(
        &mut self,
        id: ConversationId,
        account: AccountId,
    ) -> Option<&mut ConversationState> {
        self.find_mut(id).filter(|state| state.places.contains_key(&account))
    }

    /// A connection is gone.
    pub(super) fn forget(&mut self, id: ConversationId, connection: ConnectionId) {
        if let Some(state) = self.find_mut(id) {
            state.live.remove(connection);
            state.catching.remove(connection);
        }
    }

    fn insert(&mut self, conversation: Conversation) {
        let places = conversation.members.iter().enumerate().map(|(i, m)| (m.account, i)).collect();
        let state = ConversationState {
            places,
            live: Audience::default(),
            catching: Audience::default(),
            from_joining: false,
            since: HashMap::new(),
            former: BTreeSet::new(),
            ways: HashMap::new(),
            early: BTreeMap::new(),
            conversation,
        };
        self.states.insert(state.conversation.id, state);
    }
}

impl ConversationState {
    pub(super) fn member(&self, account: AccountId) -> Option<&Member> {
        self.places.get(&account).map(|at| &self.conversation.members[*at])
    }

    pub(super) fn member_mut(&mut self, account: AccountId) -> Option<&mut Member> {
        self.places.get(&account).map(|at| &mut self.conversation.members[*at])
    }

    pub(super) fn members(&self) -> impl Iterator<Item = AccountId> {
        self.conversation.members.iter().map(|member| member.account)
    }

    /// The other one, where there are two: whom a call is with.
    pub(super) fn other(&self, account: AccountId) -> Option<AccountId> {
        match self.conversation.kind {
            ConversationKind::Direct | ConversationKind::Room
                if self.conversation.members.len() == 2 =>
            {
                self.members().find(|member| *member != account)
            }
            ConversationKind::Everyone | ConversationKind::Room | ConversationKind::Direct => None,
        }
    }

    /// Everyone who hears of this conversation, caught up or not.
    pub(super) fn audience(&self) -> Recipients {
        if self.catching.is_empty() {
            return self.live.recipients();
        }
        self.live.iter().chain(self.catching.iter()).collect()
    }

    fn add(&mut self, account: AccountId, role: MemberRole) {
        let head = self.conversation.head;
        if self.from_joining {
            self.since.insert(account, head);
        }
        self.former.remove(&account);
        self.places.insert(account, self.conversation.members.len());
        self.conversation.members.push(Member { account, role, delivered: head, read: head });
    }

    fn drop(&mut self, account: AccountId) {
        let Some(at) = self.places.remove(&account) else { return };
        self.conversation.members.remove(at);
        self.since.remove(&account);
        self.ways.remove(&account);
        self.former.insert(account);
        for place in self.places.values_mut().filter(|place| **place > at) {
            *place -= 1;
        }
    }
}

impl Rooms {
    /// Takes in a conversation with its members; all their connections go live.
    pub(super) fn open(&mut self, conversation: Conversation) {
        let id = conversation.id;
        let members: Vec<_> = conversation.members.iter().map(|m| m.account).collect();
        self.conversations.insert(conversation);
        for member in members {
            self.enlist(id, member);
        }
    }

    /// Adds a member; its watermarks begin at the head.
    pub(super) fn take_member(&mut self, id: ConversationId, account: AccountId, role: MemberRole) {
        let Some(state) = self.conversations.find_mut(id) else { return };
        if state.member(account).is_none() {
            state.add(account, role);
            self.enlist(id, account);
            self.acquaint(id, account);
            if self.forget_knock(id, account) {
                self.tell_knocks(id);
            }
        }
    }

    /// Removes a member: from here on it hears nothing more of it.
    pub(super) fn drop_member(&mut self, id: ConversationId, account: AccountId) {
        let Some(state) = self.conversations.find_mut(id) else { return };
        state.drop(account);
        let Some(person) = self.people.get_mut(&account) else { return };
        person.conversations.remove(&id);
        let gone = person.connections.clone();
        for connection in &gone {
            self.conversations.forget(id, *connection);
            self.stop_resume(*connection, id);
        }
        let to = gone.into_iter().collect();
        self.deliver(to, Event::ConversationGone { conversation: id });
    }

    /// Tells all members how the conversation is now.
    pub(super) fn tell_conversation(&mut self, id: ConversationId) {
        let Some(state) = self.conversations.find(id) else { return };
        let (all, conversation) = (state.audience(), state.conversation.clone());
        if conversation.knocks.is_empty() {
            return self.deliver(all, Event::Conversation { conversation });
        }
        let connections = all.as_slice().iter().copied();
        let (guests, hosts): (Vec<_>, Vec<_>) = connections.partition(|c| self.visits(state, *c));
        let without = Conversation { knocks: Vec::new(), ..conversation.clone() };
        self.deliver(hosts.into_iter().collect(), Event::Conversation { conversation });
        self.deliver(guests.into_iter().collect(), Event::Conversation { conversation: without });
    }

    fn enlist(&mut self, id: ConversationId, account: AccountId) {
        let Some(person) = self.people.get_mut(&account) else { return };
        person.conversations.insert(id);
        let Some(state) = self.conversations.find_mut(id) else { return };
        for connection in &person.connections {
            state.live.add(*connection);
        }
    }
}
