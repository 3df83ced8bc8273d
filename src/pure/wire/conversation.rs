//! Conversations, their members and their entries.

use serde::{Deserialize, Serialize};

use super::{
    AccountId, Body, CallEnd, CallId, CallMedia, ConversationId, DeviceId, MessageId, Millis, Name,
    Seq,
};

/// The three kinds of conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum ConversationKind {
    /// All accounts; exactly one of it; cannot be left or renamed.
    Everyone,
    /// Members by choice, with a name.
    Room,
    /// Two accounts, once for each pair.
    Direct,
}

/// What a member may do in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum MemberRole {
    /// Writes, adds others, leaves.
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
    pub members: Vec<Member>,
    pub created: Millis,
    /// The number of the newest entry; 0 when there is none.
    pub head: Seq,
    /// The newest entry.
    pub last: Option<Entry>,
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
    /// Somebody wrote something.
    Message { id: MessageId, sender: AccountId, device: DeviceId, body: Body },
    /// A call came to its end.
    Call { call: CallId, caller: AccountId, media: CallMedia, end: CallEnd },
    /// The room or its members changed.
    Room { by: AccountId, change: RoomChange },
}

/// A change of a room or its members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum RoomChange {
    Created {
        name: Name,
    },
    Renamed {
        name: Name,
    },
    Added {
        accounts: Vec<AccountId>,
    },
    Removed {
        account: AccountId,
    },
    Left,
    /// A new account came to Everyone.
    Joined,
}
