//! One method per operation, one match per method.
//!
//! Every method queues its work when it is called and returns a [`Pending`]
//! that borrows nothing. Reads run beside each other on their own connections
//! and see everything whose write has been answered; writes run one after the
//! other in the order of their calls.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use super::sqlite::SqliteStore;
use super::{
    Administered, Appended, ChangedRoom, Credentials, Directory, Ended, NewAccount, NewMessage,
    NewSession, OpenError, Page, Pending, Range, Refusal, Registered, RoomOperation, SessionRecord,
    StoreError, Watermark,
};
use crate::pure::wire::api::{AdministerAccount, Device, Invite, Settings};
use crate::pure::wire::{
    Account, AccountId, Blob, Call, Conversation, ConversationId, DeviceId, Entry, InviteId,
    Millis, Name, ResetId, SessionId,
};

/// A handle to the store; clones are cheap and share everything.
///
/// When the last one is dropped, what is queued is committed first; the drop
/// waits for that.
#[derive(Debug, Clone)]
pub enum Store {
    Sqlite(SqliteStore),
}

/// A write's result to come: the inner error is the client's fault.
type Write<T> = Pending<Result<T, Refusal>>;

impl Store {
    /// Opens the database in this file, and makes or migrates it when needed.
    pub fn open(path: &Path) -> Result<Store, OpenError> {
        SqliteStore::open(path).map(Store::Sqlite)
    }

    /// Resolves, with the cause, when the disk can no longer be trusted: from
    /// then on every operation fails, and only a restart helps.
    pub async fn broken(&self) -> Arc<str> {
        match self {
            Store::Sqlite(store) => store.broken().await,
        }
    }
}

/// Reading.
impl Store {
    /// What the hub starts from.
    pub fn directory(&self) -> Pending<Directory> {
        match self {
            Store::Sqlite(store) => store.directory(),
        }
    }

    /// A page of history of at most `limit` entries and `limits::PAGE_BYTES`
    /// of bodies; a page is only empty when there is nothing to show.
    pub fn entries(&self, conversation: ConversationId, range: Range, limit: u16) -> Pending<Page> {
        match self {
            Store::Sqlite(store) => store.entries(conversation, range, limit),
        }
    }

    /// Whether the account is in the conversation.
    pub fn is_member(&self, conversation: ConversationId, account: AccountId) -> Pending<bool> {
        match self {
            Store::Sqlite(store) => store.is_member(conversation, account),
        }
    }

    /// What login needs of the account with this name (its key, that is).
    pub fn credentials(&self, name: &Name) -> Pending<Option<Credentials>> {
        match self {
            Store::Sqlite(store) => store.credentials(name),
        }
    }

    /// An account.
    pub fn account(&self, account: AccountId) -> Pending<Option<Account>> {
        match self {
            Store::Sqlite(store) => store.account(account),
        }
    }

    /// The live session with this SHA-256 of its token: not ended, not idle
    /// for 30 days nor older than 180, its account not disabled.
    pub fn session(&self, token_hash: &[u8; 32], now: Millis) -> Pending<Option<SessionRecord>> {
        match self {
            Store::Sqlite(store) => store.session(token_hash, now),
        }
    }

    /// The devices with a session, the newest first.
    pub fn devices(&self, account: AccountId, current: DeviceId) -> Pending<Vec<Device>> {
        match self {
            Store::Sqlite(store) => store.devices(account, current),
        }
    }

    /// The invites somebody made, or all of them; the newest first.
    pub fn invites(&self, by: Option<AccountId>) -> Pending<Vec<Invite>> {
        match self {
            Store::Sqlite(store) => store.invites(by),
        }
    }

    /// Who made this invite, if it can be used now. The hash is the SHA-256 of its secret.
    pub fn check_invite(
        &self,
        invite: InviteId,
        secret_hash: &[u8; 32],
        now: Millis,
    ) -> Pending<Option<Name>> {
        match self {
            Store::Sqlite(store) => store.check_invite(invite, secret_hash, now),
        }
    }

    /// Whose password this link resets, if it can be used now. The hash is the
    /// SHA-256 of its secret.
    pub fn check_reset(
        &self,
        reset: ResetId,
        secret_hash: &[u8; 32],
        now: Millis,
    ) -> Pending<Option<Account>> {
        match self {
            Store::Sqlite(store) => store.check_reset(reset, secret_hash, now),
        }
    }

    /// The account's picture, if this is still the hash of it.
    pub fn avatar(&self, account: AccountId, hash: &str) -> Pending<Option<Bytes>> {
        match self {
            Store::Sqlite(store) => store.avatar(account, hash),
        }
    }

    /// Commits a write that means nothing: whether the store is ready.
    pub async fn probe(&self) -> Result<(), StoreError> {
        match self {
            Store::Sqlite(store) => store.probe().await,
        }
    }
}

/// Conversations and calls.
impl Store {
    /// Numbers and stores a message, and moves the sender's watermarks to it.
    /// The same message again is answered with the place it has; its id with
    /// another body or conversation is a `Conflict`.
    pub fn append(&self, message: NewMessage) -> Write<Appended> {
        match self {
            Store::Sqlite(store) => store.append(message),
        }
    }

    /// Removes an ended call from the open ones and writes its entry, once.
    pub fn append_call(&self, call: Call, now: Millis) -> Write<Entry> {
        match self {
            Store::Sqlite(store) => store.append_call(call, now),
        }
    }

    /// Keeps a ringing or active call over a restart.
    pub fn save_call(&self, call: Call) -> Write<()> {
        match self {
            Store::Sqlite(store) => store.save_call(call),
        }
    }

    /// Changes a room and writes the entry that tells of it. Making the same
    /// room again is answered with its first entry. When no manager is left who
    /// can act, the member who came first becomes one. The watermarks of who did
    /// it and of new members move to the entry: what came before they joined
    /// is history, not news.
    pub fn change_room(
        &self,
        conversation: ConversationId,
        by: AccountId,
        operation: RoomOperation,
        now: Millis,
    ) -> Write<ChangedRoom> {
        match self {
            Store::Sqlite(store) => store.change_room(conversation, by, operation, now),
        }
    }

    /// The direct conversation of two accounts; the fresh id is taken when there is none yet.
    pub fn open_direct(
        &self,
        fresh: ConversationId,
        a: AccountId,
        b: AccountId,
        now: Millis,
    ) -> Write<Conversation> {
        match self {
            Store::Sqlite(store) => store.open_direct(fresh, a, b, now),
        }
    }

    /// Moves watermarks forward; what would go back or names no member is passed over.
    pub fn save_watermarks(&self, watermarks: Vec<Watermark>) -> Write<()> {
        match self {
            Store::Sqlite(store) => store.save_watermarks(watermarks),
        }
    }
}

/// Accounts and sessions.
impl Store {
    /// Makes an account, its first session and its membership of Everyone,
    /// and uses up its ticket: a setup makes the owner and works only while
    /// there is no account (its token is for the caller to check); an invite
    /// is found by its id and the SHA-256 of its secret.
    pub fn register(&self, account: NewAccount) -> Write<Registered> {
        match self {
            Store::Sqlite(store) => store.register(account),
        }
    }

    /// Adds a session, and tells which ones of the same device it replaces.
    pub fn sign_in(&self, account: AccountId, session: NewSession) -> Write<Ended> {
        match self {
            Store::Sqlite(store) => store.sign_in(account, session),
        }
    }

    /// Notes that a session was used today, and from where.
    pub fn touch(&self, session: SessionId, network: String, now: Millis) -> Write<()> {
        match self {
            Store::Sqlite(store) => store.touch(session, network, now),
        }
    }

    /// Notes that a session was used then, if that is news, and tells when it
    /// expires, which may be past.
    pub fn use_session(&self, session: SessionId, used: Millis) -> Write<Millis> {
        match self {
            Store::Sqlite(store) => store.use_session(session, used),
        }
    }

    /// Notes that the password was confirmed just now.
    pub fn prove(&self, session: SessionId, now: Millis) -> Write<()> {
        match self {
            Store::Sqlite(store) => store.prove(session, now),
        }
    }

    /// Ends a session.
    pub fn end_session(&self, session: SessionId) -> Write<Ended> {
        match self {
            Store::Sqlite(store) => store.end_session(session),
        }
    }

    /// Ends the sessions of one device; `NotFound` unless it is the account's.
    pub fn end_device(&self, account: AccountId, device: DeviceId) -> Write<Ended> {
        match self {
            Store::Sqlite(store) => store.end_device(account, device),
        }
    }

    /// Ends the sessions of all devices but one.
    pub fn end_other_devices(&self, account: AccountId, keep: DeviceId) -> Write<Ended> {
        match self {
            Store::Sqlite(store) => store.end_other_devices(account, keep),
        }
    }

    /// Ends all sessions of an account.
    pub fn end_account(&self, account: AccountId) -> Write<Ended> {
        match self {
            Store::Sqlite(store) => store.end_account(account),
        }
    }

    /// Renames an account.
    pub fn set_name(&self, account: AccountId, name: Name) -> Write<Account> {
        match self {
            Store::Sqlite(store) => store.set_name(account, name),
        }
    }

    /// Changes an account's settings.
    pub fn set_settings(&self, account: AccountId, settings: Settings) -> Write<Account> {
        match self {
            Store::Sqlite(store) => store.set_settings(account, settings),
        }
    }

    /// Changes or removes an account's picture, given as its hash and bytes.
    pub fn set_avatar(
        &self,
        account: AccountId,
        picture: Option<(String, Bytes)>,
    ) -> Write<Account> {
        match self {
            Store::Sqlite(store) => store.set_avatar(account, picture),
        }
    }

    /// Changes an account's OPAQUE password file.
    pub fn set_record(&self, account: AccountId, record: Blob) -> Write<Account> {
        match self {
            Store::Sqlite(store) => store.set_record(account, record),
        }
    }

    /// Changes role or standing; disabling ends all sessions, and leaves no room
    /// without a manager who can act. `Forbidden` for
    /// the owner and for making one. Whether the asker may is for the caller to check.
    pub fn administer(&self, account: AccountId, change: AdministerAccount) -> Write<Administered> {
        match self {
            Store::Sqlite(store) => store.administer(account, change),
        }
    }

    /// Adds an invite, with the SHA-256 of its secret.
    pub fn create_invite(&self, invite: Invite, secret_hash: [u8; 32]) -> Write<()> {
        match self {
            Store::Sqlite(store) => store.create_invite(invite, secret_hash),
        }
    }

    /// Revokes an invite, of anyone when `by` is none; else `NotFound` unless it is theirs.
    pub fn revoke_invite(&self, invite: InviteId, by: Option<AccountId>) -> Write<()> {
        match self {
            Store::Sqlite(store) => store.revoke_invite(invite, by),
        }
    }

    /// Adds a reset link for an account, in place of the one before.
    pub fn create_reset(
        &self,
        reset: ResetId,
        account: AccountId,
        secret_hash: [u8; 32],
        expires: Millis,
    ) -> Write<()> {
        match self {
            Store::Sqlite(store) => store.create_reset(reset, account, secret_hash, expires),
        }
    }

    /// Uses up a reset link: sets the password file, ends all sessions of the
    /// account and signs the new one in.
    pub fn reset_password(
        &self,
        reset: ResetId,
        secret_hash: [u8; 32],
        record: Blob,
        session: NewSession,
    ) -> Write<Ended> {
        match self {
            Store::Sqlite(store) => store.reset_password(reset, secret_hash, record, session),
        }
    }
}
