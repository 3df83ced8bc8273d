//! What the server tells clients over the WebSocket.

use serde::Serialize;

use super::{
    Account, AccountId, ApiError, Blob, Call, CallId, Conversation, ConversationId, DeviceId,
    Entry, EnvelopeId, Knock, LinkId, Millis, Seq, Waiting,
};

/// One text frame from the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Event {
    /// The answer to `hello`.
    Welcome(Box<Welcome>),
    /// The answer to the command with this id.
    Reply { id: u32, reply: Reply },
    /// The command with this id was not done. Without an id: a frame could not be read.
    Error { id: Option<u32>, error: ApiError },

    /// Entries in order and without a gap: one when it happens, up to a page in a replay.
    Entries { conversation: ConversationId, entries: Vec<Entry> },
    /// A conversation is new to this account, or its name, members, links or keys changed.
    Conversation { conversation: Conversation },
    /// Who waits to be let in there now, the oldest first; told to members who are no guests.
    Knocks { conversation: ConversationId, knocks: Vec<Knock> },
    /// This account was not let in, or the link has ended. A guest's session ends instead.
    TurnedAway { conversation: ConversationId, link: LinkId },
    /// This account is no longer a member.
    ConversationGone { conversation: ConversationId },
    /// Somebody's watermarks moved.
    Receipt { conversation: ConversationId, account: AccountId, delivered: Seq, read: Seq },
    /// Somebody else is typing; fades after a few seconds.
    Typing { conversation: ConversationId, account: AccountId },
    /// Somebody came or went.
    Presence { account: AccountId, online: bool },
    /// An account is new or changed.
    Account { account: Account },

    /// A call of this account began, changed or ended. Sent to all devices of both sides.
    Call { call: Call },
    /// From the other leg of a call.
    Signal { call: CallId, from: DeviceId, envelope: Blob },

    /// This member cannot open an epoch: if you can, `POST /conversations/{id}/grants`.
    /// Told to one online member at a time.
    GrantRequest { conversation: ConversationId, epoch: u32, account: AccountId },
    /// There are new grants for this account, `GET /conversations/{id}/grants`.
    Grants { conversation: ConversationId },
}

/// Everything a client needs to begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Welcome {
    pub protocol: u32,
    /// The server's version.
    pub version: String,
    /// Changes when history was restored from a backup: cursors of another epoch are void.
    pub epoch: String,
    /// The server's time, for durations and "new" marks.
    pub now: Millis,
    pub account: AccountId,
    pub device: DeviceId,
    pub accounts: Vec<Account>,
    pub online: Vec<AccountId>,
    pub conversations: Vec<Conversation>,
    /// Where this account waits to be let in.
    pub waiting: Vec<Waiting>,
    /// Ringing and running calls of this account.
    pub calls: Vec<Call>,
}

/// The result of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Reply {
    Done,
    /// The envelope is durable.
    Sent {
        id: EnvelopeId,
        seq: Seq,
        time: Millis,
    },
    Call {
        call: Call,
    },
    /// What a peer connection needs to use the relay.
    Relay {
        /// `stun:` and `turn:` URLs; `{host}` in them stands for the host name of the page.
        urls: Vec<String>,
        username: String,
        credential: String,
        /// How long the credentials can be used to allocate.
        ttl: Millis,
    },
}
