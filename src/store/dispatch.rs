//! One method per operation, one match per method.
//!
//! Every method queues its work when it is called and returns a [`Pending`]
//! that borrows nothing. Reads run beside each other on their own connections
//! and see everything whose write has been answered; writes run one after the
//! other in the order of their calls.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use super::sqlite::SqliteStore;
use super::{
    Appended, By, Controlled, Credentials, Cut, Directory, Ended, Expired, KeptAccount, KeyChange,
    KeysChanged, Knocked, KnownPasskey, LinkGate, MadeGuest, NewAccount, NewControl, NewEnvelope,
    NewFile, NewGuest, NewLink, NewPasskey, NewPassword, NewSession, NewWrap, OpenError, Opened,
    OpenedLink, Page, Part, Pending, Range, Refusal, Registered, SessionRecord, StoreError,
    StoredKeys, TurnedAway, Usage, Watermark,
};
use crate::pure::e2ee::{Chain, Signature, VerifyKey};
use crate::pure::wire::api::{AdministerAccount, Device, Invite, Settings};
use crate::pure::wire::owner::{Act, AllDevices, AllInvites, NotedAct, People, PeopleOrder};
use crate::pure::wire::passkey::Passkey;
use crate::pure::wire::{
    Account, AccountId, Blob, Call, ControlEvent, ConversationId, DeviceId, Entry, FileId,
    FileUsage, Grant, InviteId, Link, LinkId, Millis, Name, OwnGrant, ResetId, SealedSettings,
    SessionId, Shape, SignedRecord, Upload, Waiting, WrapId,
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

    /// Copies everything that is committed into this file, which has no name afterwards, and
    /// tells which finished files it knows.
    pub(super) async fn snapshot(&self, into: &Path) -> Result<(File, Vec<FileId>), StoreError> {
        match self {
            Store::Sqlite(store) => store.snapshot(into).await,
        }
    }

    /// How much there is on the disk.
    pub async fn usage(&self) -> Result<Usage, StoreError> {
        match self {
            Store::Sqlite(store) => store.usage().await,
        }
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

    /// A page of all accounts, guests among them; the quota is 0 where none was set.
    pub fn people(&self, search: String, order: PeopleOrder, part: Part) -> Pending<People> {
        match self {
            Store::Sqlite(store) => store.people(search, order, part),
        }
    }

    /// A page of the devices of everybody, or of one account, the last seen first.
    pub fn all_devices(
        &self,
        search: String,
        account: Option<AccountId>,
        current: DeviceId,
        part: Part,
    ) -> Pending<AllDevices> {
        match self {
            Store::Sqlite(store) => store.all_devices(search, account, current, part),
        }
    }

    /// A page of all invites, or of those that can be used at that time; the newest first.
    pub fn all_invites(&self, open: Option<Millis>, part: Part) -> Pending<AllInvites> {
        match self {
            Store::Sqlite(store) => store.all_invites(open, part),
        }
    }

    /// What admins did before a line of the log, the newest first, and whether there is more.
    pub fn acts(&self, before: Option<u64>, limit: u16) -> Pending<(Vec<NotedAct>, bool)> {
        match self {
            Store::Sqlite(store) => store.acts(before, limit),
        }
    }

    /// Who made this invite, if it can be used now. The hash is that of its `auth`.
    pub fn check_invite(
        &self,
        invite: InviteId,
        auth_hash: &[u8; 32],
        now: Millis,
    ) -> Pending<Option<Name>> {
        match self {
            Store::Sqlite(store) => store.check_invite(invite, auth_hash, now),
        }
    }

    /// What this invite leads to, if it can be used now.
    pub fn open_invite(
        &self,
        invite: InviteId,
        auth_hash: &[u8; 32],
        now: Millis,
    ) -> Pending<Option<Opened>> {
        match self {
            Store::Sqlite(store) => store.open_invite(invite, auth_hash, now),
        }
    }

    /// A page of history as a member sees it; none for others.
    pub fn history(
        &self,
        conversation: ConversationId,
        account: AccountId,
        range: Range,
        limit: u16,
    ) -> Pending<Option<Page>> {
        match self {
            Store::Sqlite(store) => store.history(conversation, account, range, limit),
        }
    }

    /// A page of the control log after an index, and whether there is more; none for others
    /// than members.
    pub fn control(
        &self,
        conversation: ConversationId,
        account: AccountId,
        after: Option<u32>,
    ) -> Pending<Option<(Vec<ControlEvent>, bool)>> {
        match self {
            Store::Sqlite(store) => store.control(conversation, account, after),
        }
    }

    /// A member's grants; none for others.
    pub fn own_grants(
        &self,
        conversation: ConversationId,
        account: AccountId,
    ) -> Pending<Option<Vec<OwnGrant>>> {
        match self {
            Store::Sqlite(store) => store.own_grants(conversation, account),
        }
    }

    /// Where a device's envelopes in a conversation go on.
    pub fn chain(&self, conversation: ConversationId, device: DeviceId) -> Pending<Chain> {
        match self {
            Store::Sqlite(store) => store.chain(conversation, device),
        }
    }

    /// The direct conversation of two accounts.
    pub fn direct(&self, a: AccountId, b: AccountId) -> Pending<Option<ConversationId>> {
        match self {
            Store::Sqlite(store) => store.direct(a, b),
        }
    }

    /// The conversation where all accounts meet.
    pub fn everyone(&self) -> Pending<ConversationId> {
        match self {
            Store::Sqlite(store) => store.everyone(),
        }
    }

    /// The key with which a device signs, while the account's record lists it.
    pub fn device_key(&self, account: AccountId, device: DeviceId) -> Pending<Option<VerifyKey>> {
        match self {
            Store::Sqlite(store) => store.device_key(account, device),
        }
    }

    /// The versions of an account's record after one, the oldest first.
    pub fn records(&self, account: AccountId, after: u32) -> Pending<Vec<SignedRecord>> {
        match self {
            Store::Sqlite(store) => store.records(account, after),
        }
    }

    /// All that is kept of an account's keys.
    pub fn keys(&self, account: AccountId) -> Pending<Option<StoredKeys>> {
        match self {
            Store::Sqlite(store) => store.keys(account),
        }
    }

    /// The passkey with this credential id.
    pub fn passkey(&self, credential: Blob) -> Pending<Option<KnownPasskey>> {
        match self {
            Store::Sqlite(store) => store.passkey(credential),
        }
    }

    /// An account's passkeys, the oldest first.
    pub fn passkeys(&self, account: AccountId) -> Pending<Vec<Passkey>> {
        match self {
            Store::Sqlite(store) => store.passkeys(account),
        }
    }

    /// Whether this is the hash of what the account's recovery code derives.
    pub fn recovery(&self, account: AccountId, auth_hash: &[u8; 32]) -> Pending<bool> {
        match self {
            Store::Sqlite(store) => store.recovery(account, auth_hash),
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
    /// Numbers and stores an envelope of content, and moves the sender's watermarks to it. The
    /// same envelope again is answered with the place it has, before anything else is looked
    /// at. The signature is for the caller to check; membership, device, chain and epoch are
    /// checked here.
    pub fn append(&self, envelope: NewEnvelope) -> Write<Appended> {
        match self {
            Store::Sqlite(store) => store.append(envelope),
        }
    }

    /// Checks a control event by the rules of `pure/e2ee` against the state as it is, and stores
    /// it with its grants and all that it changes. The same event again is answered with the
    /// place it has. The watermarks of who did it and of new members move to the entry: what
    /// came before they joined is history, not news.
    pub fn post_control(&self, event: NewControl) -> Write<Controlled> {
        match self {
            Store::Sqlite(store) => store.post_control(event),
        }
    }

    /// Adds grants by a member, for members who cannot open what they may see.
    pub fn post_grants(
        &self,
        conversation: ConversationId,
        by: AccountId,
        grants: Vec<Grant>,
    ) -> Write<()> {
        match self {
            Store::Sqlite(store) => store.post_grants(conversation, by, grants),
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

    /// Moves watermarks forward; what would go back or names no member is passed over.
    pub fn save_watermarks(&self, watermarks: Vec<Watermark>) -> Write<()> {
        match self {
            Store::Sqlite(store) => store.save_watermarks(watermarks),
        }
    }
}

/// Links of rooms and guests.
impl Store {
    /// Adds a link to a room, with the event that does so.
    pub fn create_link(&self, new: NewLink) -> Write<(Link, Controlled)> {
        match self {
            Store::Sqlite(store) => store.create_link(new),
        }
    }

    /// The links of a conversation, the newest first, for members who are no guests there.
    pub fn links(
        &self,
        conversation: ConversationId,
        account: AccountId,
    ) -> Pending<Option<Vec<Link>>> {
        match self {
            Store::Sqlite(store) => store.links(conversation, account),
        }
    }

    /// Where this link leads, if it can be used now. The hash is that of its `auth`.
    pub fn check_link(
        &self,
        link: LinkId,
        auth_hash: [u8; 32],
        now: Millis,
    ) -> Pending<Option<LinkGate>> {
        match self {
            Store::Sqlite(store) => store.check_link(link, auth_hash, now),
        }
    }

    /// What this link opens, if it can be used now.
    pub fn open_link(
        &self,
        link: LinkId,
        auth_hash: [u8; 32],
        now: Millis,
    ) -> Pending<Option<OpenedLink>> {
        match self {
            Store::Sqlite(store) => store.open_link(link, auth_hash, now),
        }
    }

    /// Ends what links have let in whose time is over, and demands that the control log end them.
    pub fn expire_links(&self, now: Millis) -> Write<Expired> {
        match self {
            Store::Sqlite(store) => store.expire_links(now),
        }
    }

    /// Makes a guest's account with its session, in the room or waiting before it.
    pub fn make_guest(&self, new: NewGuest) -> Write<MadeGuest> {
        match self {
            Store::Sqlite(store) => store.make_guest(new),
        }
    }

    /// Lets somebody join who has an account.
    pub fn join_link(
        &self,
        link: LinkId,
        auth_hash: [u8; 32],
        event: NewControl,
    ) -> Write<Controlled> {
        match self {
            Store::Sqlite(store) => store.join_link(link, auth_hash, event),
        }
    }

    /// Lets somebody wait who has an account; `Forbidden` unless the link's key has signed it.
    pub fn knock(
        &self,
        link: LinkId,
        auth_hash: [u8; 32],
        account: AccountId,
        signature: Signature,
        now: Millis,
    ) -> Write<Knocked> {
        match self {
            Store::Sqlite(store) => store.knock(link, auth_hash, account, signature, now),
        }
    }

    /// Somebody waits no longer at a link, or at none.
    pub fn withdraw_knocks(&self, account: AccountId, link: Option<LinkId>) -> Write<Vec<Waiting>> {
        match self {
            Store::Sqlite(store) => store.withdraw_knocks(account, link),
        }
    }

    /// A member does not let somebody in; a guest who is in no other conversation is signed out.
    pub fn turn_away(
        &self,
        conversation: ConversationId,
        account: AccountId,
        by: AccountId,
    ) -> Write<TurnedAway> {
        match self {
            Store::Sqlite(store) => store.turn_away(conversation, account, by),
        }
    }

    /// Makes a guest an ordinary account; `Conflict` when it is one.
    pub fn keep_account(&self, kept: KeptAccount) -> Write<Account> {
        match self {
            Store::Sqlite(store) => store.keep_account(kept),
        }
    }

    /// Whether somebody may know of somebody: guests and others do by what they share.
    pub fn sees(&self, viewer: AccountId, subject: AccountId) -> Pending<bool> {
        match self {
            Store::Sqlite(store) => store.sees(viewer, subject),
        }
    }
}

/// What is known of files; the bytes are the matter of [`super::Files`].
impl Store {
    /// Begins an upload, or finds the same one begun before (then the second
    /// value is false). Quota and members are checked in the transaction.
    pub(super) fn create_file(&self, file: NewFile) -> Write<(Upload, bool)> {
        match self {
            Store::Sqlite(store) => store.create_file(file),
        }
    }

    /// A file of this account, finished or not.
    pub(super) fn upload(&self, file: FileId, account: AccountId) -> Pending<Option<Upload>> {
        match self {
            Store::Sqlite(store) => store.upload(file, account),
        }
    }

    /// A finished file, for a member of its conversation.
    pub(super) fn readable_file(&self, file: FileId, account: AccountId) -> Pending<Option<Shape>> {
        match self {
            Store::Sqlite(store) => store.readable_file(file, account),
        }
    }

    /// Notes that a chunk is on the disk.
    pub(super) fn keep_chunk(
        &self,
        file: FileId,
        account: AccountId,
        index: u32,
        now: Millis,
    ) -> Write<()> {
        match self {
            Store::Sqlite(store) => store.keep_chunk(file, account, index, now),
        }
    }

    /// Makes a file readable whose chunks are all there; otherwise a `Conflict`.
    pub(super) fn finish_file(&self, file: FileId, account: AccountId) -> Write<Upload> {
        match self {
            Store::Sqlite(store) => store.finish_file(file, account),
        }
    }

    /// Forgets a file of this account.
    pub(super) fn delete_file(&self, file: FileId, account: AccountId) -> Write<()> {
        match self {
            Store::Sqlite(store) => store.delete_file(file, account),
        }
    }

    /// Forgets the unfinished uploads without a new chunk since then, and tells which.
    pub(super) fn drop_uploads(&self, before: Millis) -> Write<Vec<FileId>> {
        match self {
            Store::Sqlite(store) => store.drop_uploads(before),
        }
    }

    /// All files, finished or not.
    pub(super) fn files(&self) -> Pending<Vec<FileId>> {
        match self {
            Store::Sqlite(store) => store.files(),
        }
    }

    /// How much an account's files take.
    pub(super) fn file_usage(&self, account: AccountId, quota: u64) -> Pending<FileUsage> {
        match self {
            Store::Sqlite(store) => store.file_usage(account, quota),
        }
    }
}

/// Accounts and sessions.
impl Store {
    /// Makes an account with its keys, its first session and its event in
    /// Everyone, and uses up its ticket: a setup makes the owner and works only while
    /// there is no account (its token is for the caller to check); an invite
    /// is found by its id and the SHA-256 of its `auth`.
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

    /// Ends all sessions of an account, or those of one of its devices, as an admin.
    pub fn sign_out(&self, account: AccountId, device: Option<DeviceId>, by: By) -> Write<Ended> {
        match self {
            Store::Sqlite(store) => store.sign_out(account, device, by),
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

    /// Changes an account's OPAQUE password file, and the master key's wrap for it; `Conflict`
    /// when the account's keys were renewed.
    pub fn set_password(&self, account: AccountId, password: Blob, wrap: NewWrap) -> Write<()> {
        match self {
            Store::Sqlite(store) => store.set_password(account, password, wrap),
        }
    }

    /// Puts the next version of a record in place, with the keys that go with it; `Conflict`
    /// when it is not the next, `ReauthRequired` unless the password was `proved` or it does
    /// nothing but add the asking device.
    pub fn put_keys(
        &self,
        change: KeyChange,
        device: DeviceId,
        proved: bool,
    ) -> Write<KeysChanged> {
        match self {
            Store::Sqlite(store) => store.put_keys(change, device, proved),
        }
    }

    /// Puts another recovery code in place; `Conflict` when the account's keys were renewed.
    pub fn put_recovery(
        &self,
        account: AccountId,
        wrap: NewWrap,
        auth_hash: [u8; 32],
    ) -> Write<()> {
        match self {
            Store::Sqlite(store) => store.put_recovery(account, wrap, auth_hash),
        }
    }

    /// Adds a passkey with its wrap; `Conflict` when it is known, or the account's keys were
    /// renewed, `QuotaExceeded` when there are too many.
    pub fn add_passkey(&self, new: NewPasskey) -> Write<Passkey> {
        match self {
            Store::Sqlite(store) => store.add_passkey(new),
        }
    }

    /// Renames a passkey; `NotFound` unless it is the account's.
    pub fn rename_passkey(&self, account: AccountId, passkey: WrapId, name: Name) -> Write<()> {
        match self {
            Store::Sqlite(store) => store.rename_passkey(account, passkey, name),
        }
    }

    /// Removes a passkey with its wrap; `NotFound` unless it is the account's.
    pub fn remove_passkey(&self, account: AccountId, passkey: WrapId) -> Write<()> {
        match self {
            Store::Sqlite(store) => store.remove_passkey(account, passkey),
        }
    }

    /// Signs a device in like `sign_in`, by a passkey; `NotFound` when it is gone.
    pub fn sign_in_by_passkey(
        &self,
        passkey: WrapId,
        account: AccountId,
        session: NewSession,
    ) -> Write<Ended> {
        match self {
            Store::Sqlite(store) => store.sign_in_by_passkey(passkey, account, session),
        }
    }

    /// Replaces an account's sealed settings; `Conflict` unless they are the next version.
    pub fn put_settings(&self, account: AccountId, settings: SealedSettings) -> Write<()> {
        match self {
            Store::Sqlite(store) => store.put_settings(account, settings),
        }
    }

    /// Opens an account with the recovery code, which is used up: sets password and keys, ends
    /// all sessions and signs the new one in.
    pub fn recover(&self, auth_hash: [u8; 32], new: NewPassword) -> Write<KeysChanged> {
        match self {
            Store::Sqlite(store) => store.recover(auth_hash, new),
        }
    }

    /// Changes name, role or standing; disabling ends all sessions and calls for new keys of the
    /// account's conversations. `Forbidden` for the owner and for making one. Whether the
    /// asker may is for the caller to check.
    pub fn administer(
        &self,
        account: AccountId,
        change: AdministerAccount,
        by: By,
    ) -> Write<(Account, Cut)> {
        match self {
            Store::Sqlite(store) => store.administer(account, change, by),
        }
    }

    /// Sets what an account's files may take, in place of what its role allows; or lifts that.
    pub fn set_quota(&self, account: AccountId, quota: Option<u64>, by: By) -> Write<()> {
        match self {
            Store::Sqlite(store) => store.set_quota(account, quota, by),
        }
    }

    /// Notes an act of an admin that changes nothing in the store.
    pub fn note(&self, by: By, act: Act) -> Write<()> {
        match self {
            Store::Sqlite(store) => store.note(by, act),
        }
    }

    /// Adds an invite, with the hash of its `auth`, and its link to Everyone when it has keys.
    /// Without keys it is from the command line, which is noted.
    pub fn create_invite(
        &self,
        invite: Invite,
        auth_hash: [u8; 32],
        link: Option<NewControl>,
    ) -> Write<Option<Controlled>> {
        match self {
            Store::Sqlite(store) => store.create_invite(invite, auth_hash, link),
        }
    }

    /// Revokes an invite, of anyone when `by` is none; else `NotFound` unless it is theirs.
    /// Tells whether Everyone needs new keys now. It is noted when `admin` did not make it.
    pub fn revoke_invite(
        &self,
        invite: InviteId,
        by: Option<AccountId>,
        admin: By,
    ) -> Write<Vec<ConversationId>> {
        match self {
            Store::Sqlite(store) => store.revoke_invite(invite, by, admin),
        }
    }

    /// Adds a reset link for an account, in place of the one before.
    pub fn create_reset(
        &self,
        reset: ResetId,
        account: AccountId,
        secret_hash: [u8; 32],
        expires: Millis,
        by: By,
    ) -> Write<()> {
        match self {
            Store::Sqlite(store) => store.create_reset(reset, account, secret_hash, expires, by),
        }
    }

    /// Uses up a reset link: sets password and keys, ends all sessions of the account and signs
    /// the new one in.
    pub fn reset_password(
        &self,
        reset: ResetId,
        secret_hash: [u8; 32],
        new: NewPassword,
    ) -> Write<KeysChanged> {
        match self {
            Store::Sqlite(store) => store.reset_password(reset, secret_hash, new),
        }
    }
}
