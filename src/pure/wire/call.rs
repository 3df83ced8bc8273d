//! Calls: the server's state of them.

use serde::{Deserialize, Serialize};

use super::{AccountId, CallId, ConversationId, DeviceId, Millis};

/// What a call begins with; a camera can be switched on in an audio call too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum CallMedia {
    Audio,
    Video,
}

/// How a call ended, seen from the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum CallOutcome {
    /// It was answered, and one side hung up.
    Completed,
    /// The callee said no.
    Declined,
    /// The caller gave up before an answer.
    Cancelled,
    /// Nobody answered in time.
    Missed,
    /// The callee was in another call.
    Busy,
    /// A side vanished, or the connection never came to be.
    Failed,
}

/// The end of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CallEnd {
    pub outcome: CallOutcome,
    /// From the answer to the end; 0 when it was never answered.
    pub duration: Millis,
    /// What went through the relay of this server, if anything did: known to the entry
    /// only, and by the word of the server, which the transcript does not cover.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub relayed: Option<Relayed>,
}

/// How much was relayed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Relayed {
    #[cfg_attr(test, ts(type = "number"))]
    pub packets: u64,
    /// Of sound, pictures and what belongs to them, without the headers of packets.
    #[cfg_attr(test, ts(type = "number"))]
    pub bytes: u64,
}

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum CallState {
    Ringing {
        since: Millis,
    },
    Active {
        since: Millis,
    },
    Ended {
        end: CallEnd,
        /// Who ended it, when a person did.
        by: Option<AccountId>,
    },
}

/// One device in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Leg {
    pub account: AccountId,
    pub device: DeviceId,
    /// Whether it has a connection now; without one its lease runs.
    pub attached: bool,
}

/// A call in a direct conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Call {
    pub id: CallId,
    pub conversation: ConversationId,
    pub media: CallMedia,
    pub caller: AccountId,
    pub callee: AccountId,
    pub state: CallState,
    /// The caller's device, then the one that answered.
    pub legs: Vec<Leg>,
}
