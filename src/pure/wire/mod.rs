//! The client protocol: ids, frames, HTTP bodies, error codes and limits.
//!
//! Everything that crosses between server and client is defined here once.
//! The TypeScript types in `web/src/protocol/wire.ts` are generated from
//! these (see `typescript.rs`), and `docs/protocol.md` explains them.
//! Raw input becomes one of these types at the edge and is not checked again.

pub mod account;
pub mod api;
pub mod approval;
pub mod blob;
pub mod call;
pub mod close;
pub mod command;
pub mod conversation;
pub mod doctor;
pub mod error;
pub mod event;
pub mod file;
pub mod guest;
pub mod id;
pub mod keys;
pub mod limits;
pub mod name;
pub mod owner;
pub mod passkey;
#[cfg(test)]
mod typescript;

pub use account::{Account, Role};
pub use blob::Blob;
pub use call::{Call, CallEnd, CallMedia, CallOutcome, CallState, Leg, Relayed};
pub use close::CloseCode;
pub use command::{Command, CommandFrame, Cursor};
pub use conversation::{Conversation, ConversationKind, Entry, EntryContent, Member, MemberRole};
pub use error::{ApiError, ErrorCode};
pub use event::{Event, Reply, Welcome};
pub use file::{CreateFile, FileUsage, Shape, Upload};
pub use guest::{Knock, Link, Waiting};
pub use id::{
    AccountId, ApprovalId, CallId, ConversationId, DeviceId, EnvelopeId, FileId, GranteeId,
    InviteId, LinkId, Millis, ResetId, Seq, SessionId, WrapId,
};
pub use keys::{
    Bundle, ControlEvent, Grant, OwnGrant, Placed, SealedSettings, SignedRecord, Wrap, WrapType,
};
pub use name::Name;

/// The version of the protocol this build speaks; sent in `hello` and `welcome`.
pub const PROTOCOL: u32 = 1;

/// The WebSocket sub-protocol offered and required at `/ws`.
pub const SUBPROTOCOL: &str = "callbox.v1";
