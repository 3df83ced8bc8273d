//! Bodies of `/api/v1/passkeys`: an authenticator opens the account.
//!
//! A passkey's secret is its PRF output, which the browser tells the client and
//! the client tells nobody. What comes here is made with keys derived from it:
//! a wrap of the master key, and signatures.

use serde::{Deserialize, Serialize};

use super::api::{Keys, Session};
use super::{Blob, Millis, Name, Wrap, WrapId};

/// `POST /passkeys/start`, with or without a session: what a passkey signs next,
/// once and within a minute.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PasskeyStarted {
    /// Names this try in the second half.
    pub request: Blob,
    /// 32 bytes.
    pub challenge: Blob,
    /// The server's identity, part of what is signed.
    pub server_id: String,
}

/// `POST /passkeys/finish`: signs in on a new device (cookie), with a full proof.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PasskeyFinish {
    pub request: Blob,
    /// The credential id that the authenticator gave.
    pub credential: Blob,
    /// By the passkey's key over `passkey`, the SHA-256 of `server_id`, challenge,
    /// account and credential id.
    pub signature: Blob,
    /// The device's name for the list of devices, such as "Firefox on Linux".
    pub device_name: Name,
}

/// What a passkey leads to.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PasskeyEntered {
    pub session: Session,
    /// Of the wraps, the passkey's own.
    pub keys: Keys,
}

/// `POST /passkeys/confirm`: does what `/reauth/finish` does, by a passkey of one's own.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PasskeyProof {
    pub request: Blob,
    pub credential: Blob,
    /// As in [`PasskeyFinish`].
    pub signature: Blob,
}

/// `POST /passkeys`, after reauth. Answered by [`Passkey`]; `quota_exceeded` when
/// there are 16, `conflict` when the credential is known or the keys were renewed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AddPasskey {
    pub credential: Blob,
    pub name: Name,
    /// The public half of the key that it signs with, 32 bytes.
    pub sign: Blob,
    /// Of type `prf`; its id becomes the passkey's.
    pub wrap: Wrap,
    /// Of the bundle that the wrapped key opens.
    pub bundle_version: u32,
}

/// One row of `GET /passkeys`. `PATCH /passkeys/{id}` renames it, `DELETE` removes it with its wrap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Passkey {
    pub id: WrapId,
    pub credential: Blob,
    pub name: Name,
    pub created: Millis,
}

/// `GET /passkeys`: those of this account, the oldest first.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Passkeys {
    pub passkeys: Vec<Passkey>,
}

/// `PATCH /passkeys/{id}`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RenamePasskey {
    pub name: Name,
}
