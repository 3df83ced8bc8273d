//! Bodies of the HTTP API under `/api/v1`: everything that is not realtime.
//!
//! Requests are JSON with the exact fields below; unknown ones are refused.
//! Answers are JSON; errors are [`ErrorBody`]. Times are [`Millis`].

use serde::{Deserialize, Serialize};

use super::{
    Account, AccountId, ApiError, Blob, DeviceId, Entry, InviteId, Millis, Name, ResetId, Role,
};

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
    /// From an invite link: the id in its path, the secret in its fragment.
    Invite { invite: InviteId, secret: Blob },
}

/// `POST /invites/check`: is this link good? 404 when used up, expired, revoked or guessed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CheckInvite {
    pub invite: InviteId,
    pub secret: Blob,
}

/// Who invites.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CheckedInvite {
    pub by: Name,
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

/// `POST /password/start`, after reauth. Answered by [`RegisterStarted`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PasswordStart {
    pub request: Blob,
}

/// `POST /password/finish`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PasswordFinish {
    pub registration: Blob,
    pub record: Blob,
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

/// `POST /invites`. Answered by [`CreatedInvite`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CreateInvite {
    /// 5 minutes to 90 days.
    pub valid_for: Millis,
    /// 1 to 1,000.
    pub uses: u32,
}

/// The link is `/j/{invite}#{secret}`; the secret is told only here, once.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CreatedInvite {
    pub invite: Invite,
    pub secret: Blob,
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
    /// There is more in the direction asked for.
    pub more: bool,
}

/// `PATCH /admin/accounts/{id}`, for admins; answered by [`Account`].
/// Only the owner makes or unmakes admins; nobody changes themselves or the owner.
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

/// `POST /reset/start`. Answered by [`RegisterStarted`]; then `POST /reset/finish` with
/// [`RegisterFinish`], which signs out all devices and signs this one in (cookie).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ResetStart {
    pub reset: ResetId,
    pub secret: Blob,
    /// OPAQUE registration request, 32 bytes.
    pub request: Blob,
}
