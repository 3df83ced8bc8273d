//! The store, as far as the core can see it: a map.

use std::collections::HashMap;

use super::super::*;
use super::world::conversation;
use crate::pure::wire::{CallState, ConversationKind, EntryContent, RoomChange, Seq, SessionId};

#[derive(Default)]
pub(super) struct Shelf {
    pub(super) entries: HashMap<ConversationId, Vec<Entry>>,
    pub(super) watermarks: Vec<Watermark>,
    pub(super) page: usize,
    /// When sessions were last used, and how long they last from there.
    pub(super) used: HashMap<SessionId, Millis>,
    pub(super) lasts: Millis,
    /// Whom the next change of a room makes its manager.
    pub(super) promoted: Option<AccountId>,
}

impl Shelf {
    pub(super) fn carry_out(&mut self, now: Millis, operation: Operation) -> Stored {
        match operation {
            Operation::Append { conversation, message, sender, device, body } => {
                let found = self.of(conversation).iter().find(|entry| {
                    matches!(&entry.content, EntryContent::Message { id, sender: by, .. }
                        if *id == message && *by == sender)
                });
                if let Some(entry) = found {
                    let (seq, time) = (entry.seq, entry.time);
                    return Stored::Appended { seq, time, duplicate: true };
                }
                let content = EntryContent::Message { id: message, sender, device, body };
                let Entry { seq, time, .. } = self.push(now, conversation, content);
                Stored::Appended { seq, time, duplicate: false }
            }
            Operation::AppendCall(call) => {
                let found = self.of(call.conversation).iter().find(|entry| {
                    matches!(entry.content, EntryContent::Call { call: id, .. } if id == call.id)
                });
                if let Some(entry) = found {
                    return Stored::Entry(entry.clone());
                }
                let CallState::Ended { end, .. } = call.state else { panic!("it has not ended") };
                let Call { id, caller, media, .. } = call;
                let content = EntryContent::Call { call: id, caller, media, end };
                Stored::Entry(self.push(now, call.conversation, content))
            }
            Operation::ChangeRoom { conversation, by, change } => {
                let change = match change {
                    RoomOperation::Create { name, .. } if self.of(conversation).is_empty() => {
                        RoomChange::Created { name }
                    }
                    RoomOperation::Create { .. } => {
                        let entry = self.of(conversation)[0].clone();
                        return Stored::Room { entry, promoted: None };
                    }
                    RoomOperation::Rename { name } => RoomChange::Renamed { name },
                    RoomOperation::Add { accounts } => RoomChange::Added { accounts },
                    RoomOperation::Remove { account } => RoomChange::Removed { account },
                    RoomOperation::Leave => RoomChange::Left,
                };
                let entry = self.push(now, conversation, EntryContent::Room { by, change });
                Stored::Room { entry, promoted: self.promoted.take() }
            }
            Operation::OpenDirect { a, b } => {
                let id = ConversationId::from_bytes([200; 16]);
                Stored::Conversation(conversation(id, ConversationKind::Direct, &[a, b]))
            }
            Operation::SaveWatermarks(watermarks) => {
                self.watermarks.extend(watermarks);
                Stored::Done
            }
            Operation::UseSession { session, used } => {
                let known = self.used.entry(session).or_default();
                *known = used.max(*known);
                Stored::Expires(known.plus(self.lasts))
            }
            Operation::SaveCall(_) => Stored::Done,
        }
    }

    pub(super) fn push(
        &mut self,
        time: Millis,
        conversation: ConversationId,
        content: EntryContent,
    ) -> Entry {
        let entries = self.entries.entry(conversation).or_default();
        let seq = Seq(entries.len() as u64 + 1);
        let entry = Entry { seq, time, content };
        entries.push(entry.clone());
        entry
    }

    pub(super) fn of(&self, conversation: ConversationId) -> &[Entry] {
        self.entries.get(&conversation).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn page_after(&self, conversation: ConversationId, after: Seq) -> Vec<Entry> {
        self.of(conversation)
            .iter()
            .filter(|entry| entry.seq > after)
            .take(self.page)
            .cloned()
            .collect()
    }
}
