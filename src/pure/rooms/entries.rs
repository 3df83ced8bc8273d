//! Entries: taken in strictly by number, and what each changes.

use super::timers::Timer;
use super::{Output, Rooms};
use crate::pure::wire::{
    AccountId, ConversationId, Entry, EntryContent, Event, MemberRole, Millis, RoomChange,
};

/// How long to wait for a missing entry before it is read from the store.
const PATIENCE: Millis = Millis(1_000);

impl Rooms {
    /// Takes in a stored entry, once and in order. Results of different
    /// writers may cross: an early one waits for those before it.
    pub(super) fn take_entry(&mut self, now: Millis, conversation: ConversationId, entry: Entry) {
        let Some(state) = self.conversations.find_mut(conversation) else { return };
        let next = state.conversation.head.next();
        if entry.seq > next {
            state.early.insert(entry.seq, entry);
            self.timers.set(now.plus(PATIENCE), Timer::Heal(conversation));
            return;
        }
        if entry.seq == next {
            self.enter(conversation, entry);
        }
        while let Some(entry) = self.conversations.find_mut(conversation).and_then(|state| {
            let next = state.conversation.head.next();
            state.early.remove(&next)
        }) {
            self.enter(conversation, entry);
        }
    }

    /// An entry is still missing: the store has it.
    pub(super) fn heal(&mut self, conversation: ConversationId) {
        let Some(state) = self.conversations.find_mut(conversation) else { return };
        if !state.early.is_empty() {
            let after = state.conversation.head;
            self.outputs.push_back(Output::Heal { conversation, after });
        }
    }

    /// What `Heal` asked for.
    pub fn handle_healed(
        &mut self,
        now: Millis,
        conversation: ConversationId,
        page: Option<Vec<Entry>>,
    ) {
        for entry in page.unwrap_or_default() {
            self.take_entry(now, conversation, entry);
        }
        if self.conversations.find(conversation).is_some_and(|state| !state.early.is_empty()) {
            self.timers.set(now.plus(PATIENCE), Timer::Heal(conversation));
        }
    }

    /// The next entry of a conversation: members change, then it is told.
    fn enter(&mut self, conversation: ConversationId, entry: Entry) {
        let Some(state) = self.conversations.find_mut(conversation) else { return };
        state.conversation.head = entry.seq;
        state.conversation.last = Some(entry.clone());
        let (author, change) = match &entry.content {
            EntryContent::Message { sender, .. } => (Some(*sender), None),
            EntryContent::Call { .. } => (None, None),
            EntryContent::Room { by, change } => (Some(*by), Some(change.clone())),
        };
        // Who writes has seen what came before.
        if let Some(member) = author.and_then(|author| state.member_mut(author)) {
            (member.delivered, member.read) = (entry.seq, entry.seq);
        }
        match (author, &change) {
            (Some(by), Some(RoomChange::Left)) => self.drop_member(conversation, by),
            (_, Some(RoomChange::Removed { account })) => self.drop_member(conversation, *account),
            _ => {}
        }
        let Some(state) = self.conversations.find_mut(conversation) else { return };
        let to = state.live.recipients();
        self.deliver(to, Event::Entries { conversation, entries: vec![entry] });
        let Some(change) = change else { return };
        match (author, change) {
            (_, RoomChange::Renamed { name }) => self.rename(conversation, name),
            (_, RoomChange::Added { accounts }) => self.take_members(conversation, &accounts),
            (Some(by), RoomChange::Joined) => self.take_members(conversation, &[by]),
            (_, RoomChange::Created { .. } | RoomChange::Removed { .. } | RoomChange::Left) => {}
            (None, RoomChange::Joined) => {}
        }
        self.tell_conversation(conversation);
    }

    fn take_members(&mut self, conversation: ConversationId, accounts: &[AccountId]) {
        for account in accounts {
            self.take_member(conversation, *account, MemberRole::Member);
        }
    }
}
