//! What goes into the store and comes out of it: the contract with its callers.

use crate::pure::wire::api::{Settings, Ticket};
use crate::pure::wire::*;

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

/// What a change of a room came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedRoom {
    pub entry: Entry,
    /// Who manages the room now, because nobody else who can did.
    pub promoted: Option<AccountId>,
}

/// What a change of somebody's role or standing came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Administered {
    pub account: Account,
    pub ended: Ended,
    /// Who manages which room now, because nobody else who can did.
    pub promoted: Vec<(ConversationId, AccountId)>,
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
    /// When it expires, unless it is used before then.
    pub expires: Millis,
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
///
/// Every entry moves both watermarks of the account it is by (the sender, the
/// caller, who changed the room) to itself, and new members begin at the
/// entry that tells of them: callers need not save those.
#[derive(Debug, Clone, Copy)]
pub struct Watermark {
    pub conversation: ConversationId,
    pub account: AccountId,
    pub delivered: Seq,
    pub read: Seq,
}
