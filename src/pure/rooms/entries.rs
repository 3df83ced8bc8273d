//! Entries: taken in strictly by number, and what each changes.

use super::timers::Timer;
use super::{Output, Rooms};
use crate::pure::e2ee::{Control, EnvelopeKind, Op, Verified, call_entry_id};
use crate::pure::wire::{
    AccountId, ConversationId, Entry, EntryContent, EnvelopeId, Event, Millis,
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
            self.enter(now, conversation, entry);
        }
        while let Some(entry) = self.conversations.find_mut(conversation).and_then(|state| {
            let next = state.conversation.head.next();
            state.early.remove(&next)
        }) {
            self.enter(now, conversation, entry);
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
    fn enter(&mut self, now: Millis, conversation: ConversationId, entry: Entry) {
        let Some(state) = self.conversations.find_mut(conversation) else { return };
        let told = Told::read(&entry);
        state.advance(&entry, told.id);
        // Who writes has seen what came before.
        if let Some(member) = told.author.and_then(|author| state.member_mut(author)) {
            (member.delivered, member.read) = (entry.seq, entry.seq);
        }
        // Who goes does not hear of it any more, who comes hears of it in the conversation.
        let gone = match (told.author, told.control.as_ref().map(|control| &control.op)) {
            (_, Some(Op::Remove { account })) => vec![*account],
            (Some(by), Some(Op::Leave {})) => vec![by],
            (_, Some(Op::LinkRevoke { link })) => {
                self.dismiss(conversation, *link);
                self.came_by(conversation, *link)
            }
            _ => Vec::new(),
        };
        for account in gone {
            self.drop_member(conversation, account);
            self.end_calls_in(now, conversation, account);
        }
        let Some(state) = self.conversations.find_mut(conversation) else { return };
        let to = state.live.recipients();
        self.deliver(to, Event::Entries { conversation, entries: vec![entry] });
        if let Some(control) = told.control {
            self.take_control(conversation, &control);
            self.tell_conversation(conversation);
        }
    }
}

/// What an entry tells the core.
pub(super) struct Told {
    /// Who wrote it; nobody wrote that a call has ended.
    pub(super) author: Option<AccountId>,
    pub(super) id: EnvelopeId,
    pub(super) control: Option<Control>,
}

impl Told {
    pub(super) fn read(entry: &Entry) -> Self {
        match &entry.content {
            EntryContent::Envelope { envelope } => {
                let envelope = Verified::stored(envelope.0.clone())
                    .expect("envelopes are checked before they are stored");
                let control = (envelope.header().kind == EnvelopeKind::Control).then(|| {
                    Control::parse(&envelope).expect("events are checked before they are stored")
                });
                Self { author: Some(envelope.header().account), id: envelope.id(), control }
            }
            EntryContent::Call { call, caller, media, end } => {
                let id = call_entry_id(*call, *caller, *media, *end);
                Self { author: None, id, control: None }
            }
        }
    }
}
