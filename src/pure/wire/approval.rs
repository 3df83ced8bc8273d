//! Bodies of `/api/v1/approvals`: a new device is let in by one that is signed in.
//!
//! The new device shows a public key, as a QR code and as six words; the other
//! one seals the account's master key to it. The server carries both and can
//! open neither.

use serde::{Deserialize, Serialize};

use super::api::{Keys, Session};
use super::{ApprovalId, Blob, Millis, Name};

/// `POST /approvals`, by a device without a session. `conflict` when the key is in use.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RequestApproval {
    /// A fresh X25519 public key, 32 bytes.
    pub request: Blob,
    /// The device's name for the list of devices, such as "Firefox on Linux".
    pub device_name: Name,
}

/// Names the request, for as long as it lasts.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RequestedApproval {
    pub id: ApprovalId,
    /// Claims what comes of it, 32 bytes; told only here.
    pub secret: Blob,
    pub valid_for: Millis,
}

/// `POST /approvals/find`, by a device with a session.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FindApproval {
    /// What the six words stand for: 66 bits and six zeros, 9 bytes.
    pub tag: Blob,
}

/// Who asks. The client computes the tag of `request` itself and refuses another one.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FoundApproval {
    pub id: ApprovalId,
    pub request: Blob,
    pub device_name: Name,
    pub created: Millis,
    /// The network it asks from, such as `192.168.1.0/24`.
    pub network: String,
}

/// `POST /approvals/{id}/approve`, after reauth. 404 when it has expired or was answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Approve {
    pub approval: SealedApproval,
}

/// The account's master key, sealed to the key of the new device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SealedApproval {
    /// HPKE's encapsulated key, 32 bytes.
    pub enc: Blob,
    /// The sealed key, 48 bytes.
    pub ct: Blob,
}

/// `POST /approvals/{id}/claim`, by the device that asked. 204 while nobody has
/// approved, after `wait` at the latest; 404 once there is nothing to wait for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ClaimApproval {
    pub secret: Blob,
    /// At most 25 seconds.
    pub wait: Millis,
}

/// What an approval leads to, once: the device is signed in (cookie), without a
/// proof of the password.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ClaimedApproval {
    pub session: Session,
    pub approval: SealedApproval,
    /// Without the wraps.
    pub keys: Keys,
}
