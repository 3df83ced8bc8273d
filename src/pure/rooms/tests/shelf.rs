//! The store, as far as the core can see it: maps.

use std::collections::HashMap;

use serde_json::Value;

use super::super::*;
use super::world::{ANNA, BEN, CLEO, DIRECT, EVERYONE, OTHER_DIRECT};
use crate::pure::wire::{
    ApiError, Blob, CallState, Entry, EntryContent, ErrorCode, Seq, SessionId,
};

/// The store, as far as the core can see it.
#[derive(Default)]
pub(super) struct Shelf {
    pub(super) entries: HashMap<ConversationId, Vec<Entry>>,
    pub(super) watermarks: Vec<Watermark>,
    pub(super) page: usize,
    pub(super) members: HashMap<ConversationId, Vec<AccountId>>,
    pub(super) epochs: HashMap<ConversationId, u32>,
    /// When sessions were last used, and how long they last from there.
    pub(super) used: HashMap<SessionId, Millis>,
    pub(super) lasts: Millis,
}

impl Shelf {
    pub(super) fn new() -> Self {
        let members = HashMap::from([
            (EVERYONE, vec![ANNA, BEN, CLEO]),
            (DIRECT, vec![ANNA, BEN]),
            (OTHER_DIRECT, vec![ANNA, CLEO]),
        ]);
        Self { page: 100, members, lasts: Millis(u64::MAX / 2), ..Self::default() }
    }

    /// Keeps the members of a conversation.
    pub(super) fn follow(&mut self, conversation: ConversationId, by: AccountId, op: &Value) {
        let members = self.members.entry(conversation).or_default();
        let id = |value: &Value| serde_json::from_value(value.clone()).expect("an account");
        match op["type"].as_str().expect("a type") {
            "create" | "add" => {
                let added = op["members"].as_array().expect("members");
                members.extend(added.iter().map(|member| -> AccountId { id(&member["account"]) }));
            }
            "remove" => {
                let gone: AccountId = id(&op["account"]);
                members.retain(|member| *member != gone);
            }
            "leave" => members.retain(|member| *member != by),
            _ => {}
        }
    }

    pub(super) fn carry_out(&mut self, now: Millis, operation: Operation) -> Stored {
        match operation {
            Operation::Append(envelope) => {
                let conversation = envelope.header().conversation;
                let bytes = Blob(envelope.bytes().clone());
                let content = EntryContent::Envelope { envelope: bytes };
                let found = self.of(conversation).iter().find(|entry| entry.content == content);
                if let Some(entry) = found {
                    let (seq, time) = (entry.seq, entry.time);
                    return Stored::Appended { seq, time, duplicate: true };
                }
                let members = self.members.get(&conversation);
                if !members.is_some_and(|m| m.contains(&envelope.header().account)) {
                    return Stored::Refused(ApiError::new(ErrorCode::NotFound, "no member"));
                }
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
