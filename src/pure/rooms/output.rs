//! What the core wants done, and how the results come back.

use std::sync::Arc;

use super::ConnectionId;
use crate::pure::e2ee::Verified;
use crate::pure::wire::{
    AccountId, ApiError, Call, CallId, CloseCode, ConversationId, Entry, Event, Millis, Seq,
    SessionId,
};

/// One thing for the shell to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Queue an event for each of them; encode it once.
    Deliver {
        to: Recipients,
        event: Event,
        /// It may be dropped for a connection that is behind.
        lossy: bool,
    },
    /// Store, and return the result by `handle_stored`.
    Store(Operation),
    /// Read entries after this one, up to a page, for `handle_page`.
    ReadPage { connection: ConnectionId, conversation: ConversationId, after: Seq },
    /// Read entries after this one, up to a page, for `handle_healed`.
    Heal { conversation: ConversationId, after: Seq },
    /// Call `handle_writable` once everything queued for it has been written.
    Watch(ConnectionId),
    /// Sign relay credentials and reply with them.
    IssueRelay { connection: ConnectionId, reply: u32, call: CallId, session: SessionId },
    /// The call is over for the relay.
    RevokeCall(CallId),
    /// The session is over for the relay.
    RevokeSession(SessionId),
    /// Close after what is queued; no input of it counts any more.
    Close { connection: ConnectionId, code: CloseCode },
}

/// Who gets an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipients {
    One(ConnectionId),
    Many(Arc<Vec<ConnectionId>>),
}

impl Recipients {
    /// Them, in no particular order.
    pub fn as_slice(&self) -> &[ConnectionId] {
        match self {
            Self::One(connection) => std::slice::from_ref(connection),
            Self::Many(connections) => connections,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }
}

impl FromIterator<ConnectionId> for Recipients {
    fn from_iter<I: IntoIterator<Item = ConnectionId>>(connections: I) -> Self {
        Self::Many(Arc::new(connections.into_iter().collect()))
    }
}

/// A write. The shell adds the time where the store wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Result: `Appended`.
    Append(Verified),
    /// Result: `Entry`, the same for the same call.
    AppendCall(Call),
    /// Result: `Done`.
    SaveCall(Call),
    /// It was last used then, by a connection. Result: `Expires`.
    UseSession { session: SessionId, used: Millis },
    /// Result: `Done`.
    SaveWatermarks(Vec<Watermark>),
}

/// How far an account has come in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watermark {
    pub conversation: ConversationId,
    pub account: AccountId,
    pub delivered: Seq,
    pub read: Seq,
}

/// The result of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    Appended {
        seq: Seq,
        time: Millis,
        duplicate: bool,
    },
    Entry(Entry),
    /// When a session expires, or did.
    Expires(Millis),
    Done,
    /// The transaction found that it may not be.
    Refused(ApiError),
    /// The store cannot do it, or not now.
    Failed,
}
