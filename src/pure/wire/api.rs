//! Bodies of the HTTP API under `/api/v1`: everything that is not realtime.
//!
//! Requests are JSON with the exact fields below; unknown ones are refused.
//! Answers are JSON; errors are [`ErrorBody`]. Times are [`Millis`].

use serde::{Deserialize, Serialize};

use super::{
    Account, AccountId, ApiError, Blob, Bundle, CallId, ControlEvent, ConversationId, DeviceId,
    Entry, EnvelopeId, Grant, InviteId, Millis, Name, OwnGrant, Relayed, ResetId, Role,
    SealedSettings, SignedRecord, Wrap,
};

/// `POST /check/relay`: credentials with which this session's browser tries the relay, for a
/// short time and without a call. They reach only what is allocated with them.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CheckRelay {
    /// As in calls, with `{host}` for the page's host name.
    pub urls: Vec<String>,
    pub username: String,
    pub credential: String,
    pub ttl: Millis,
}

impl std::fmt::Debug for CheckRelay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CheckRelay").field("urls", &self.urls).finish_non_exhaustive()
    }
}

/// The body of every error answer.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ErrorBody {
    pub error: ApiError,
}

/// `GET /status`, open to everyone.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Status {
    pub version: String,
    /// No account exists yet; only the setup link leads further.
    pub setup_required: bool,
}

/// What allows a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Ticket {
    /// From the link printed at the first start: makes the owner.
    Setup { token: Blob },
    /// From an invite link: the id in its path, and what the secret in its
    /// fragment derives for `link-auth`.
    Invite { invite: InviteId, auth: Blob },
}

/// `POST /invites/open`: what a link leads to. 404 when used up, expired, revoked or guessed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OpenInvite {
    pub invite: InviteId,
    /// Derived from the secret in the link's fragment.
    pub auth: Blob,
}

/// Who invites, and what the invited needs to join Everyone by the link.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OpenedInvite {
    pub by: Name,
    /// Everyone.
    pub conversation: ConversationId,
    /// Its control log from the beginning. Empty for links from the command
    /// line: these have no keys, and whom they bring in waits for a member's client.
    pub control: Vec<ControlEvent>,
    /// The records of all who signed in the log or are members.
    pub records: Vec<AccountRecords>,
    /// The grants of the link.
    pub grants: Vec<OwnGrant>,
}

/// All versions of an account's record.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AccountRecords {
    pub account: AccountId,
    pub records: Vec<SignedRecord>,
}

/// `POST /register/start`: first half of the OPAQUE registration.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RegisterStart {
    pub ticket: Ticket,
    pub name: Name,
    /// OPAQUE registration request, 32 bytes.
    pub request: Blob,
}

/// The server's half.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RegisterStarted {
    /// Names this registration in `finish`; single use, one minute.
    pub registration: Blob,
    /// OPAQUE registration response, 64 bytes.
    pub response: Blob,
    /// OPAQUE server identity: the install id, not the host name.
    pub server_id: String,
    /// What the account and its first device will be called.
    pub account: AccountId,
    pub device: DeviceId,
    pub everyone: ConversationId,
}

/// The keys of an account, when it is made or opened with a new password.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NewKeys {
    /// Version 1 with the one device at registration; else the next version.
    pub record: SignedRecord,
    pub bundle: Bundle,
    /// One for the password and one for the recovery code.
    pub wraps: Vec<Wrap>,
    /// SHA-256 of what the recovery code derives for `recovery-auth`, 32 bytes.
    pub recovery_auth_hash: Blob,
}

/// `POST /register/finish`: makes the account, signs its first device in (cookie).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RegisterFinish {
    pub registration: Blob,
    /// OPAQUE registration record, 192 bytes.
    pub record: Blob,
    /// The device's name for the list of devices, such as "Firefox on Linux".
    pub device_name: Name,
    pub keys: NewKeys,
    /// The first event of Everyone's control log from the owner, else the `join`
    /// by the link. A join that came too late leaves the account outside
    /// Everyone until a member adds it.
    pub everyone: Option<PostControl>,
}

/// `POST /login/start`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LoginStart {
    pub name: Name,
    /// OPAQUE KE1, 96 bytes.
    pub request: Blob,
}

/// The same for a name that exists and one that does not.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LoginStarted {
    /// Names this login in `finish`; single use, one minute.
    pub login: Blob,
    /// OPAQUE KE2, 320 bytes.
    pub response: Blob,
    pub server_id: String,
}

/// `POST /login/finish`: signs a device in (cookie).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LoginFinish {
    pub login: Blob,
    /// OPAQUE KE3, 64 bytes.
    pub finalization: Blob,
    pub device_name: Name,
    /// The device whose keys this browser holds; with none, or one that the
    /// account's record does not list or has revoked, the session is on a new one.
    pub device: Option<DeviceId>,
}

/// `POST /reauth/finish`, after `/login/start` with one's own name: confirms
/// the password for five minutes without a new session.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ReauthFinish {
    pub login: Blob,
    pub finalization: Blob,
}

/// `POST /password/start`, after reauth. Answered by [`PasswordStarted`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PasswordStart {
    pub request: Blob,
}

/// The server's half.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PasswordStarted {
    /// Names this registration in `finish`; single use, one minute.
    pub registration: Blob,
    /// OPAQUE registration response, 64 bytes.
    pub response: Blob,
    pub server_id: String,
}

/// `POST /password/finish`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PasswordFinish {
    pub registration: Blob,
    pub record: Blob,
    /// The master key under the new password, in place of the one under the old.
    pub wrap: Wrap,
    /// Of the bundle that the wrapped key opens; `conflict` when the keys were renewed in between.
    pub bundle_version: u32,
    pub sign_out_others: bool,
}

/// `POST /logout`: ends this session.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Logout {
    /// This is a shared computer: forget the device and what the browser keeps of it.
    pub forget: bool,
}

/// `GET /session`, and the answer of both finishes: who is signed in here. 401 when nobody.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Session {
    pub account: Account,
    pub device: DeviceId,
    pub settings: Settings,
    /// When a guest's session ends, with its link.
    pub ends: Option<Millis>,
}

/// Settings that follow an account to all its devices.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Settings {
    /// "Always relay my calls (hides my address)".
    pub relay_calls: bool,
}

/// `PATCH /account`: what is absent stays. Answered by [`Session`].
/// The picture is put as `image/webp` or `image/jpeg` bytes to `/account/avatar` (`PUT`, `DELETE`)
/// and read from `GET /accounts/{id}/avatar/{hash}`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ChangeAccount {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub name: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub settings: Option<Settings>,
}

/// One row of `GET /devices`. `DELETE /devices/{id}` signs it out;
/// `POST /devices/sign-out-others` all but this one; `POST /logout` this one.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Device {
    pub id: DeviceId,
    pub name: Name,
    /// The one that asks.
    pub current: bool,
    pub created: Millis,
    /// To the day.
    pub last_seen: Millis,
    /// The network it was last seen in, such as `192.168.1.0/24`.
    pub network: String,
}

/// `GET /devices`.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Devices {
    pub devices: Vec<Device>,
}

/// `POST /invites`: adds a link of Everyone that also allows to register. Answered by [`Invite`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CreateInvite {
    /// Chosen by the client, together with the secret; the id of the link in `control`.
    pub id: InviteId,
    pub link: InviteLink,
    /// The `link_add` in Everyone.
    pub control: PostControl,
    /// 5 minutes to 90 days.
    pub valid_for: Millis,
    /// 1 to 1,000.
    pub uses: u32,
}

/// What the server keeps of a link's secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct InviteLink {
    /// SHA-256 of what the secret derives for `link-auth`, 32 bytes.
    pub auth_hash: Blob,
}

/// One row of `GET /invites`. `DELETE /invites/{id}` revokes it.
/// Members see and revoke their own, admins all.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Invite {
    pub id: InviteId,
    pub by: AccountId,
    pub created: Millis,
    pub expires: Millis,
    pub uses: u32,
    pub max_uses: u32,
    pub revoked: bool,
}

/// `GET /invites`.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Invites {
    pub invites: Vec<Invite>,
}

/// `GET /conversations/{id}/entries?before={seq}&limit={n}` or `?after={seq}&limit={n}`:
/// always in rising order and without a gap; with neither, the newest.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct History {
    pub entries: Vec<Entry>,
    /// The transcript's hash before the first of them, 32 bytes.
    pub before: Blob,
    /// There is more in the direction asked for.
    pub more: bool,
}

/// `PATCH /admin/accounts/{id}`, for admins; answered by [`Account`].
/// Only the owner renames, makes or unmakes admins; nobody changes themselves or the owner.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AdministerAccount {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub role: Option<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub disabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub name: Option<Name>,
}

/// `GET /admin/relay`, for admins: what the relay does, and for which calls. Of those that are
/// over, the last ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RelayUse {
    /// Allocations now.
    #[cfg_attr(test, ts(type = "number"))]
    pub allocations: u64,
    pub calls: Vec<RelayedCall>,
}

/// A call of which something went through the relay. What other applications relay has names
/// like calls, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RelayedCall {
    pub call: CallId,
    /// Whether it has allocations.
    pub live: bool,
    /// Each packet once.
    pub relayed: Relayed,
    pub legs: Vec<RelayedLeg>,
}

/// A device in such a call; which one, is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RelayedLeg {
    pub sent: Relayed,
    pub received: Relayed,
}

/// `GET /admin/accounts`, for admins: all accounts, guests among them.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Accounts {
    pub accounts: Vec<Account>,
}

/// `POST /admin/accounts/{id}/reset`, for admins after reauth: a link with which the account's
/// person chooses a new password, once, within a day. The link is `/reset/{reset}#{secret}`;
/// the secret is told only here, once.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CreatedReset {
    pub reset: ResetId,
    pub secret: Blob,
    pub expires: Millis,
}

/// `POST /reset/check`: is this link good? 404 when used, expired or guessed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CheckReset {
    pub reset: ResetId,
    pub secret: Blob,
}

/// Whose password it changes.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CheckedReset {
    pub name: Name,
}

/// `POST /reset/start`; then `POST /reset/finish` with [`RecoveryFinish`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ResetStart {
    pub reset: ResetId,
    pub secret: Blob,
    /// OPAQUE registration request, 32 bytes.
    pub request: Blob,
    /// What the recovery code derives for `recovery-auth`, when the person has
    /// it: then the keys are kept. Without it the record must reset the identity.
    pub auth: Option<Blob>,
}

/// `POST /recovery/start`; then `POST /recovery/finish` with [`RecoveryFinish`].
/// 401 alike for a wrong code and a name that nobody has.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RecoveryStart {
    pub name: Name,
    /// What the recovery code derives for `recovery-auth`, 32 bytes.
    pub auth: Blob,
    /// OPAQUE registration request, 32 bytes.
    pub request: Blob,
}

/// The server's half, for somebody who opens their account without its password.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RecoveryStarted {
    /// Names this registration in `finish`; single use, one minute.
    pub registration: Blob,
    /// OPAQUE registration response, 64 bytes.
    pub response: Blob,
    pub server_id: String,
    pub account: AccountId,
    /// What the device that signs in will be called.
    pub device: DeviceId,
    pub records: Vec<SignedRecord>,
    /// What the recovery code opens; absent after a reset link without it.
    pub recovery: Option<Recovery>,
}

/// What the recovery code opens.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Recovery {
    pub wrap: Wrap,
    pub bundle: Bundle,
}

/// The other half: sets the password and the keys, signs out all devices and
/// signs this one in (cookie). Answered by [`Session`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RecoveryFinish {
    pub registration: Blob,
    /// OPAQUE registration record, 192 bytes.
    pub record: Blob,
    pub device_name: Name,
    /// The record lists the new device; the recovery code is a new one.
    pub keys: NewKeys,
}

/// `GET /keys`: everything this account keeps here.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Keys {
    /// All versions, the oldest first.
    pub records: Vec<SignedRecord>,
    pub bundle: Bundle,
    /// Only within ten minutes after the password was proved; each passkey has one of its own.
    pub wraps: Option<Vec<Wrap>>,
    pub settings: Option<SealedSettings>,
}

/// `PUT /keys/recovery`, after reauth: another recovery code in place of the one there is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PutRecovery {
    /// Of type `recovery`.
    pub wrap: Wrap,
    /// SHA-256 of what the code derives to prove that somebody has it.
    pub recovery_auth_hash: Blob,
    /// Of the bundle that the wrapped key opens; `conflict` when the keys were renewed in between.
    pub bundle_version: u32,
}

/// `PUT /keys`: the next version of the record, and what changes with it.
/// `conflict` when it is not the next. Needs a recent proof of the password,
/// unless it only adds the device of this session. Answered by [`Account`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PutKeys {
    pub record: SignedRecord,
    /// Needed when the record names another `bundle_version`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub bundle: Option<Bundle>,
    /// In place of those of the same type; those of passkeys have routes of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub wraps: Option<Vec<Wrap>>,
    /// Goes with a wrap for a new recovery code, and only with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub recovery_auth_hash: Option<Blob>,
}

/// `GET /accounts/{id}/records?after={version}`.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Records {
    pub records: Vec<SignedRecord>,
}

/// `POST /conversations/{id}/control`; `create` makes the conversation.
/// Answered by [`super::Placed`], the same for the same envelope.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PostControl {
    pub envelope: Blob,
    pub grants: Vec<Grant>,
}

/// `GET /conversations/{id}/control?after={index}`: without `after`, from the first.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Control {
    pub events: Vec<ControlEvent>,
    pub more: bool,
}

/// `GET /conversations/{id}/grants`: the own ones.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OwnGrants {
    pub grants: Vec<OwnGrant>,
}

/// `POST /conversations/{id}/grants`: for members that cannot open an epoch.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PostGrants {
    pub grants: Vec<Grant>,
}

/// `GET /conversations/{id}/chain`: where this device's envelopes go on.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Chain {
    /// The counter of the next one.
    #[cfg_attr(test, ts(type = "number"))]
    pub n: u64,
    /// The id of the last one; zeros when there is none.
    pub prev: EnvelopeId,
}

/// `GET /direct/{account}`: the direct conversation with somebody; 404 while there is none.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Direct {
    pub conversation: ConversationId,
}
