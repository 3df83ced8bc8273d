//! Conversations, their members and their entries.

use serde::{Deserialize, Serialize};

use super::{
    AccountId, Blob, CallEnd, CallId, CallMedia, ConversationId, Knock, Millis, Name, Seq,
};

/// The three kinds of conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum ConversationKind {
    /// Where all accounts meet; exactly one of it; cannot be left or renamed.
    Everyone,
    /// Members by choice, with a name.
    Room,
    /// Two accounts, once for each pair.
    Direct,
}

/// What a member may do in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum MemberRole {
    /// Writes, adds others, renews the keys, leaves.
    Member,
    /// Also renames the room and removes others. Its creator is one.
    Manager,
    /// Came by a link, with a name only: writes and leaves.
    Guest,
}

/// One account in a conversation, with how far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Member {
    pub account: AccountId,
    pub role: MemberRole,
    /// All entries up to here have reached one of its devices.
    pub delivered: Seq,
    /// All entries up to here have been seen.
    pub read: Seq,
}

/// A conversation as its members see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Conversation {
    pub id: ConversationId,
    pub kind: ConversationKind,
    /// Rooms have one; the others are named by the client.
    pub name: Option<Name>,
    /// In the order of joining. Empty in Everyone until its control log begins.
    pub members: Vec<Member>,
    pub created: Millis,
    /// The number of the newest entry; 0 when there is none.
    pub head: Seq,
    /// The newest entry.
    pub last: Option<Entry>,
    /// The epoch in force; 0 while there is no control event.
    pub epoch: u32,
    /// The index of the next control event.
    pub control: u32,
    /// Nothing but a control event that renews the keys is taken, until one does.
    pub rotation_required: bool,
    /// The transcript's hash at `head`, 32 bytes.
    pub transcript: Blob,
    /// Who waits to be let in, the oldest first; told to members who are no guests.
    pub knocks: Vec<Knock>,
}

/// One numbered thing that happened in a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Entry {
    pub seq: Seq,
    /// When the server stored it.
    pub time: Millis,
    pub content: EntryContent,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum EntryContent {
    /// Somebody wrote something or changed the conversation: header, body and signature.
    Envelope { envelope: Blob },
    /// A call came to its end.
    Call { call: CallId, caller: AccountId, media: CallMedia, end: CallEnd },
}
