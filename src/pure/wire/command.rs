//! What clients ask for over the WebSocket.

use serde::{Deserialize, Serialize};

use super::{Blob, CallId, CallMedia, ConversationId, DeviceId, Seq};

/// One text frame from a client.
///
/// With an `id` it is answered by a `reply` or `error` event that names it;
/// without one it is done, or not, in silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CommandFrame {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub id: Option<u32>,
    pub command: Command,
}

/// How far a client has a conversation: every entry up to `seq`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Cursor {
    pub conversation: ConversationId,
    pub seq: Seq,
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Command {
    /// The first frame, once. Answered by a `welcome` event, then by the
    /// entries after each cursor. A conversation without a cursor is not replayed.
    Hello {
        protocol: u32,
        /// The client's name and version, for the log.
        client: String,
        /// The epoch of the `welcome` the cursors belong to; with another one they are void.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        epoch: Option<String>,
        cursors: Vec<Cursor>,
    },
    /// Asks for a sign of life. Reply: `done`.
    // Braces, or serde would let unknown fields of it pass.
    Ping {},

    /// Stores and delivers an envelope of content. Reply: `sent`, the same for the same envelope.
    Send { envelope: Blob },
    /// Moves this account's watermarks; they never go back. Reply: `done`.
    Receipt {
        conversation: ConversationId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        delivered: Option<Seq>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        read: Option<Seq>,
    },
    /// This account is typing. May be lost. Reply: `done`.
    Typing { conversation: ConversationId },

    /// Asks another member for a grant of an epoch that this account cannot open. Reply: `done`.
    RequestGrant { conversation: ConversationId, epoch: u32 },

    /// Rings the other member of a direct conversation or of a room of two. Reply: `call`. When
    /// the other is ringing here at the same moment, that call is accepted instead.
    StartCall { call: CallId, conversation: ConversationId, media: CallMedia },
    /// The first accept of all devices wins, the others get `conflict`. Reply: `call`.
    AcceptCall { call: CallId },
    /// The callee says no. Reply: `call`.
    DeclineCall { call: CallId },
    /// Cancels while it rings, hangs up later; only legs can. Reply: `call`.
    EndCall {
        call: CallId,
        /// The media connection could not be made, as opposed to a person ending it.
        failed: bool,
    },
    /// Takes this device's leg to this connection, after a reconnect. Reply: `call`.
    RejoinCall { call: CallId },
    /// Passes an envelope of a call signal to the other leg. Reply: `done`.
    Signal { call: CallId, to: DeviceId, envelope: Blob },
    /// Asks for relay credentials, as a leg of a call or a device it rings. Reply: `relay`.
    RelayCredentials { call: CallId },
}
