//! History and accounts: domain operations, not SQL.
//!
//! `Store` is an enum over its backends (SQLite now, PostgreSQL later); one
//! match per operation, in this file's `dispatch`. Writes go through one FIFO:
//! a write method **enqueues when it is called** and returns a future of the
//! committed result, so the order of calls is the order of commits. A full
//! queue answers `StoreError::Busy` at once.
//!
//! The store checks, inside the transaction, what must be true when it
//! commits: membership, uniqueness, use counts, roles. It knows nothing of
//! connections or calls in progress beyond the rows it keeps.

use crate::pure::wire::api::{Device, Invite, Settings, Ticket};
use crate::pure::wire::*;

// The types below are the contract between `store` and its callers.

/// The machine's fault, or "not now".
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    #[error("the store's queue is full")]
    Busy,
    #[error("the store failed: {0}")]
    Failed(std::sync::Arc<str>),
}

/// The client's fault: what the transaction found not to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    NotFound,
    NotMember,
    NameTaken,
    /// The setup token or invite is used up, expired or revoked, or an owner exists already.
    TicketInvalid,
    /// The id is in use for something else.
    Conflict,
    Forbidden,
}

/// A write's outcome.
pub type Outcome<T> = Result<Result<T, Refusal>, StoreError>;

/// What the hub starts from.
#[derive(Debug)]
pub struct Directory {
    pub epoch: String,
    /// Random, made once; the OPAQUE server identity.
    pub install_id: String,
    pub accounts: Vec<Account>,
    pub conversations: Vec<Conversation>,
    /// Calls that had not ended when the server last stopped.
    pub calls: Vec<Call>,
}

/// A message to be numbered.
#[derive(Debug, Clone)]
pub struct NewMessage {
    pub conversation: ConversationId,
    pub id: MessageId,
    pub sender: AccountId,
    pub device: DeviceId,
    pub body: Body,
    pub now: Millis,
}

/// Where a message or other entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    pub seq: Seq,
    pub time: Millis,
    /// It was stored before: a resend. Nothing new to deliver.
    pub duplicate: bool,
}

/// A change to rooms, committed together with the entry that tells of it.
#[derive(Debug, Clone)]
pub enum RoomOperation {
    Create { name: Name, members: Vec<AccountId> },
    Rename { name: Name },
    Add { accounts: Vec<AccountId> },
    Remove { account: AccountId },
    Leave,
}

/// An account to be made, with its first session.
#[derive(Debug, Clone)]
pub struct NewAccount {
    pub id: AccountId,
    pub ticket: Ticket,
    pub name: Name,
    /// OPAQUE password file.
    pub record: Blob,
    pub session: NewSession,
    pub now: Millis,
}

/// A sign-in. The token itself is never stored.
#[derive(Debug, Clone)]
pub struct NewSession {
    pub id: SessionId,
    pub token_hash: [u8; 32],
    /// An existing device of the account to sign in again, or a fresh id.
    pub device: DeviceId,
    pub device_name: Name,
    pub network: String,
    pub now: Millis,
}

/// A made account: it, and its `Joined` entry in Everyone.
#[derive(Debug, Clone)]
pub struct Registered {
    pub account: Account,
    pub everyone: ConversationId,
    pub joined: Entry,
}

/// A session looked up by its token's hash.
#[derive(Debug, Clone)]
pub struct SessionRecord {
    pub id: SessionId,
    pub account: Account,
    pub device: DeviceId,
    pub settings: Settings,
    /// When the password was last proved.
    pub proved: Millis,
}

/// What login needs of an account.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub account: AccountId,
    pub record: Blob,
    pub disabled: bool,
}

/// Sessions that have just ended, for the hub and the relay to cut.
pub type Ended = Vec<SessionId>;

/// A part of a conversation's history.
#[derive(Debug, Clone, Copy)]
pub enum Range {
    Newest,
    Before(Seq),
    After(Seq),
}

/// Entries in rising order, and whether there are more in the direction asked for.
#[derive(Debug, Clone)]
pub struct Page {
    pub entries: Vec<Entry>,
    pub more: bool,
}

/// A receipt watermark to be saved.
#[derive(Debug, Clone, Copy)]
pub struct Watermark {
    pub conversation: ConversationId,
    pub account: AccountId,
    pub delivered: Seq,
    pub read: Seq,
}

/* The operations (write = FIFO, read = read connection):

read  directory() -> Directory
read  entries(ConversationId, Range, limit u16) -> Page          (also bounded by limits::PAGE_BYTES)
read  is_member(ConversationId, AccountId) -> bool
read  credentials(&Name) -> Option<Credentials>
read  account(AccountId) -> Option<Account>
read  session(&[u8;32], now) -> Option<SessionRecord>            (None: unknown, revoked, expired (idle 30 d, absolute 180 d), account disabled)
read  devices(AccountId, current: DeviceId) -> Vec<Device>
read  invites(Option<AccountId>) -> Vec<Invite>                  (None: all)
read  check_invite(InviteId, secret_hash, now) -> Option<Name of inviter>
read  avatar(AccountId, hash: &str) -> Option<Bytes>
read  probe() -> Result<(), StoreError>                           (a write that changes nothing, for /readyz)

write append(NewMessage) -> Outcome<Appended>
write append_call(Call ended) -> Outcome<Entry>                   (removes the open call row; entry content Call; idempotent by call id)
write save_call(Call)                                             (ringing/active; upsert)
write change_room(ConversationId, by AccountId, RoomOperation, now) -> Outcome<Entry>
write open_direct(ConversationId fresh, a AccountId, b AccountId, now) -> Outcome<Conversation>   (the existing one when there is one)
write save_watermarks(Vec<Watermark>)                             (never go back)
write register(NewAccount) -> Outcome<Registered>
write sign_in(AccountId, NewSession) -> Outcome<()>
write touch(SessionId, network, now)                              (at most once a day per session matters)
write prove(SessionId, now)                                       (password was confirmed)
write end_session(SessionId) / end_device(AccountId, DeviceId) / end_other_devices(AccountId, keep DeviceId) / end_account(AccountId) -> Outcome<Ended>
write set_name / set_settings / set_avatar(AccountId, Option<(hash, Bytes)>) / set_record -> Outcome<Account>
write administer(AccountId, AdministerAccount) -> Outcome<(Account, Ended)>   (Forbidden for the owner)
write create_invite(Invite, secret_hash) -> Outcome<()>
write revoke_invite(InviteId, by: Option<AccountId>) -> Outcome<()>           (None: an admin)
*/
