//! What goes into the store and comes out of it: the contract with its callers.

use crate::pure::e2ee::{Record, Signature, Transcript, Verified, VerifyKey};
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
    /// There would be more than the account may have.
    QuotaExceeded,
    /// Too many at once.
    TooMany,
    /// Shorter or longer than what is expected here.
    WrongLength,
    Forbidden,
    /// Sealed in another epoch than the one in force.
    StaleEpoch,
    /// The conversation's keys must be renewed first.
    RotateFirst,
    /// The device is not in the account's record, or revoked.
    DeviceUnknown,
    /// Does not follow from what is there, whatever else changes.
    Malformed,
    /// The password must be proved first.
    ReauthRequired,
}

/// What a client is told of it.
impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let (code, detail) = match refusal {
            Refusal::NotFound | Refusal::NotMember => (ErrorCode::NotFound, "no such thing"),
            Refusal::TicketInvalid => (ErrorCode::NotFound, "the link is not good"),
            Refusal::NameTaken => (ErrorCode::NameTaken, "the name is taken"),
            Refusal::Conflict => (ErrorCode::Conflict, "the state has changed, or the id is used"),
            Refusal::Forbidden => (ErrorCode::Forbidden, "not allowed"),
            Refusal::StaleEpoch => (ErrorCode::StaleEpoch, "another epoch is in force"),
            Refusal::RotateFirst => (ErrorCode::RotateFirst, "the keys must be renewed first"),
            Refusal::DeviceUnknown => (ErrorCode::DeviceUnknown, "not a device of the record"),
            Refusal::Malformed => (ErrorCode::BadRequest, "does not follow from what is there"),
            Refusal::ReauthRequired => (ErrorCode::ReauthRequired, "confirm the password first"),
            Refusal::QuotaExceeded => (ErrorCode::QuotaExceeded, "the quota is used up"),
            Refusal::WrongLength => (ErrorCode::BadRequest, "too short or too long"),
            Refusal::TooMany => return Self::rate_limited(60_000),
        };
        Self::new(code, detail)
    }
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
    /// From where on members see conversations that show newcomers nothing older.
    pub since: Vec<(ConversationId, AccountId, Seq)>,
    /// Who has been in a conversation and is no longer.
    pub former: Vec<(ConversationId, AccountId)>,
    /// Which guests came by which links.
    pub ways: Vec<(ConversationId, AccountId, LinkId)>,
    /// Who waits to be let in, the longest first.
    pub knocks: Vec<(ConversationId, Knock)>,
    /// Calls that had not ended when the server last stopped.
    pub calls: Vec<Call>,
}

/// An envelope of content to be numbered. The store trusts its signature.
#[derive(Debug, Clone)]
pub struct NewEnvelope {
    pub envelope: Verified,
    pub now: Millis,
}

/// A control event with the grants that go with it.
#[derive(Debug, Clone)]
pub struct NewControl {
    pub envelope: Verified,
    pub grants: Vec<Grant>,
    pub now: Millis,
}

/// A control event in its place.
#[derive(Debug, Clone)]
pub struct Controlled {
    pub conversation: ConversationId,
    pub placed: Placed,
    pub envelope: Verified,
    /// It was stored before: a resend. Nothing new to deliver.
    pub duplicate: bool,
    /// Sessions of guests whose link it has ended.
    pub ended: Ended,
}

/// Keys of an account as they are put in place; the record was checked.
#[derive(Debug, Clone)]
pub struct KeyChange {
    pub account: AccountId,
    pub record: SignedRecord,
    pub bundle: Option<Bundle>,
    /// In place of those of the same type; none of a passkey.
    pub wraps: Vec<Wrap>,
    pub recovery_auth_hash: Option<[u8; 32]>,
}

/// What a change of keys has done.
#[derive(Debug, Clone)]
pub struct KeysChanged {
    pub account: Account,
    /// Sessions of devices that were revoked.
    pub ended: Ended,
    /// Conversations whose keys must be renewed now.
    pub rotations: Vec<ConversationId>,
}

/// Where a message or other entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    pub seq: Seq,
    pub time: Millis,
    /// It was stored before: a resend. Nothing new to deliver.
    pub duplicate: bool,
}

/// An account to be made, with its first session.
#[derive(Debug, Clone)]
pub struct NewAccount {
    pub id: AccountId,
    pub ticket: Ticket,
    pub name: Name,
    /// OPAQUE password file.
    pub password: Blob,
    /// Version 1 of its record, checked, and as signed.
    pub record: (Record, SignedRecord),
    pub bundle: Bundle,
    pub wraps: Vec<Wrap>,
    /// SHA-256 of what the recovery code proves itself with.
    pub recovery_auth_hash: [u8; 32],
    pub session: NewSession,
    /// Its first event in Everyone.
    pub everyone: Option<NewControl>,
    pub now: Millis,
}

/// The master key sealed once more, in place of how it was sealed so far.
#[derive(Debug, Clone)]
pub struct NewWrap {
    pub wrap: Wrap,
    /// Of the bundle that the key opens.
    pub bundle_version: u32,
}

/// A new password and new keys for an account that was opened without its old password.
#[derive(Debug, Clone)]
pub struct NewPassword {
    /// OPAQUE password file.
    pub password: Blob,
    pub keys: KeyChange,
    /// Whether the record must, or must not, be a reset of the identity.
    pub reset: bool,
    pub session: NewSession,
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
    /// Whether the password was proved for it.
    pub proved: bool,
}

/// A made account, and what it did in Everyone.
#[derive(Debug, Clone)]
pub struct Registered {
    pub account: Account,
    pub everyone: Option<Controlled>,
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
    /// When it ends in any case, with the link by which a guest came.
    pub ends: Option<Millis>,
}

/// What login needs of an account.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub account: AccountId,
    pub password: Blob,
    pub disabled: bool,
}

/// A passkey to be added.
#[derive(Debug, Clone)]
pub struct NewPasskey {
    pub account: AccountId,
    pub credential: Blob,
    pub name: Name,
    pub signs: VerifyKey,
    /// Of type `Prf`; its id becomes the passkey's.
    pub wrap: Wrap,
    /// Of the bundle that the wrapped key opens, which must still be the newest.
    pub bundle_version: u32,
    pub now: Millis,
}

/// What signing in by a passkey needs of it.
#[derive(Debug, Clone, Copy)]
pub struct KnownPasskey {
    pub id: WrapId,
    pub account: AccountId,
    pub disabled: bool,
    pub signs: VerifyKey,
}

/// What is kept of an account's keys.
#[derive(Debug, Clone)]
pub struct StoredKeys {
    pub records: Vec<SignedRecord>,
    pub bundle: Bundle,
    pub wraps: Vec<Wrap>,
    pub settings: Option<SealedSettings>,
}

/// What an invite leads to.
#[derive(Debug, Clone)]
pub struct Opened {
    pub by: Name,
    pub everyone: ConversationId,
    pub control: Vec<ControlEvent>,
    pub records: Vec<(AccountId, Vec<SignedRecord>)>,
    pub grants: Vec<OwnGrant>,
}

/// A change that ended sessions or access, with all that follows from it.
#[derive(Debug, Clone, Default)]
pub struct Cut {
    pub ended: Ended,
    /// Conversations whose keys must be renewed now.
    pub rotations: Vec<ConversationId>,
}

/// Sessions that have just ended, for the hub and the relay to cut.
pub type Ended = Vec<SessionId>;

/// A link of a room to be made, with the event that adds it.
#[derive(Debug, Clone)]
pub struct NewLink {
    pub id: LinkId,
    pub auth_hash: [u8; 32],
    pub max_uses: u32,
    pub control: NewControl,
}

/// Where a link leads.
#[derive(Debug, Clone)]
pub struct LinkGate {
    pub(super) key: i64,
    pub conversation: ConversationId,
    pub lobby: bool,
    pub expires: Millis,
    pub by: guest::Host,
}

/// What somebody who has a link needs to come in.
#[derive(Debug, Clone)]
pub struct OpenedLink {
    pub gate: LinkGate,
    pub name: Option<Name>,
    pub control: Vec<ControlEvent>,
    pub records: Vec<(AccountId, Vec<SignedRecord>)>,
    pub grants: Vec<OwnGrant>,
}

/// Links whose time is over.
#[derive(Debug, Clone, Default)]
pub struct Expired {
    /// Which, and where new keys are due for it.
    pub links: Vec<(ConversationId, LinkId)>,
    pub ended: Ended,
    /// When the next one's is.
    pub next: Option<Millis>,
}

/// A guest's account to be made, with its session.
#[derive(Debug, Clone)]
pub struct NewGuest {
    pub id: AccountId,
    pub name: Name,
    pub link: LinkId,
    pub auth_hash: [u8; 32],
    /// Version 1 of its record, checked, and as signed.
    pub record: (Record, SignedRecord),
    pub session: NewSession,
    /// By a link that lets in at once.
    pub join: Option<NewControl>,
    /// By one with a lobby.
    pub knock: Option<Signature>,
    pub now: Millis,
}

/// A guest, who is in or waits.
#[derive(Debug, Clone)]
pub struct MadeGuest {
    pub account: Account,
    pub ends: Millis,
    pub entered: Option<Controlled>,
    pub knocked: Option<Knocked>,
}

/// Somebody waits to be let in.
#[derive(Debug, Clone)]
pub struct Knocked {
    pub conversation: ConversationId,
    pub knock: Knock,
}

/// Somebody was not let in.
#[derive(Debug, Clone)]
pub struct TurnedAway {
    pub waiting: Waiting,
    /// Sessions of a guest who is nowhere else.
    pub ended: Ended,
}

/// What makes a guest an ordinary account.
#[derive(Debug, Clone)]
pub struct KeptAccount {
    pub account: AccountId,
    pub name: Name,
    /// OPAQUE password file.
    pub password: Blob,
    /// The newest one, unchanged.
    pub record: SignedRecord,
    pub bundle: Bundle,
    pub wraps: Vec<Wrap>,
    pub recovery_auth_hash: [u8; 32],
}

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
    /// The transcript before the first of them.
    pub before: Transcript,
    pub more: bool,
}

/// A file about to be uploaded.
#[derive(Debug, Clone, Copy)]
pub struct NewFile {
    pub id: FileId,
    pub conversation: ConversationId,
    pub account: AccountId,
    pub shape: Shape,
    /// What all files of the account may take together, unless another quota was set for it.
    pub quota: u64,
    pub now: Millis,
}

/// A receipt watermark to be saved.
///
/// Every entry moves both watermarks of the account it is by (the sender or
/// caller) to itself, and new members begin at the
/// entry that tells of them: callers need not save those.
#[derive(Debug, Clone, Copy)]
pub struct Watermark {
    pub conversation: ConversationId,
    pub account: AccountId,
    pub delivered: Seq,
    pub read: Seq,
}

/// Who looks after the server, and when: for the log of admin acts.
#[derive(Debug, Clone, Copy)]
pub struct By {
    /// None: on the server itself, by its command line.
    pub account: Option<AccountId>,
    pub now: Millis,
}

/// A page of a long list.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    pub offset: u32,
    pub limit: u16,
}

/// Bytes on the disk, and what they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// With its log.
    pub database: u64,
    /// What people have sent, unfinished uploads too.
    pub files: u64,
    pub file_count: u64,
    /// Messages, calls and control events.
    pub entries: u64,
}
