//! SQLite: one writer thread, a few read connections.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use super::{
    Appended, Credentials, Directory, Ended, NewAccount, NewMessage, NewSession, Page, Pending,
    Range, Refusal, Registered, RoomOperation, SessionRecord, StoreError, Watermark,
};
use crate::pure::wire::api::{AdministerAccount, Device, Invite, Settings};
use crate::pure::wire::{
    Account, AccountId, Blob, Call, Conversation, ConversationId, DeviceId, Entry, InviteId,
    Millis, Name, SessionId,
};

/// Why the database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {}

type Write<T> = Pending<Result<T, Refusal>>;

#[derive(Debug, Clone)]
pub struct SqliteStore;

impl SqliteStore {
    pub(super) fn open(_path: &Path) -> Result<Self, OpenError> {
        Ok(Self)
    }
    pub(super) async fn broken(&self) -> Arc<str> {
        std::future::pending().await
    }
    pub(super) async fn probe(&self) -> Result<(), StoreError> {
        Ok(())
    }
    pub(super) fn directory(&self) -> Pending<Directory> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn entries(
        &self,
        _conversation: ConversationId,
        _range: Range,
        _limit: u16,
    ) -> Pending<Page> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn is_member(
        &self,
        _conversation: ConversationId,
        _account: AccountId,
    ) -> Pending<bool> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn credentials(&self, _name: &Name) -> Pending<Option<Credentials>> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn account(&self, _account: AccountId) -> Pending<Option<Account>> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn session(
        &self,
        _token_hash: &[u8; 32],
        _now: Millis,
    ) -> Pending<Option<SessionRecord>> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn devices(&self, _account: AccountId, _current: DeviceId) -> Pending<Vec<Device>> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn invites(&self, _by: Option<AccountId>) -> Pending<Vec<Invite>> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn check_invite(
        &self,
        _invite: InviteId,
        _secret_hash: &[u8; 32],
        _now: Millis,
    ) -> Pending<Option<Name>> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn avatar(&self, _account: AccountId, _hash: &str) -> Pending<Option<Bytes>> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn append(&self, _message: NewMessage) -> Write<Appended> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn append_call(&self, _call: Call, _now: Millis) -> Write<Entry> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn save_call(&self, _call: Call) -> Write<()> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn change_room(
        &self,
        _conversation: ConversationId,
        _by: AccountId,
        _operation: RoomOperation,
        _now: Millis,
    ) -> Write<Entry> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn open_direct(
        &self,
        _fresh: ConversationId,
        _a: AccountId,
        _b: AccountId,
        _now: Millis,
    ) -> Write<Conversation> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn save_watermarks(&self, _watermarks: Vec<Watermark>) -> Write<()> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn register(&self, _account: NewAccount) -> Write<Registered> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn sign_in(&self, _account: AccountId, _session: NewSession) -> Write<Ended> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn touch(&self, _session: SessionId, _network: String, _now: Millis) -> Write<()> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn prove(&self, _session: SessionId, _now: Millis) -> Write<()> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn end_session(&self, _session: SessionId) -> Write<Ended> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn end_device(&self, _account: AccountId, _device: DeviceId) -> Write<Ended> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn end_other_devices(&self, _account: AccountId, _keep: DeviceId) -> Write<Ended> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn end_account(&self, _account: AccountId) -> Write<Ended> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn set_name(&self, _account: AccountId, _name: Name) -> Write<Account> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn set_settings(&self, _account: AccountId, _settings: Settings) -> Write<Account> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn set_avatar(
        &self,
        _account: AccountId,
        _picture: Option<(String, Bytes)>,
    ) -> Write<Account> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn set_record(&self, _account: AccountId, _record: Blob) -> Write<Account> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn administer(
        &self,
        _account: AccountId,
        _change: AdministerAccount,
    ) -> Write<(Account, Ended)> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn create_invite(&self, _invite: Invite, _secret_hash: [u8; 32]) -> Write<()> {
        Pending::refused(StoreError::Busy)
    }
    pub(super) fn revoke_invite(&self, _invite: InviteId, _by: Option<AccountId>) -> Write<()> {
        Pending::refused(StoreError::Busy)
    }
}
