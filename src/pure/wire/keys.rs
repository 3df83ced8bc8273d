//! Keys as they travel: always sealed, or public.
//!
//! The server keeps these bytes for the clients and opens none of them; what it
//! checks of a record is in `pure/e2ee`.

use serde::{Deserialize, Serialize};

use super::{AccountId, Blob, EnvelopeId, GranteeId, Millis, Seq, WrapId};

/// One version of an account's record: its public keys and devices, signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SignedRecord {
    /// JSON, exactly as signed.
    pub payload: Blob,
    /// By the account's signing key of the payload's generation.
    pub signature: Blob,
    /// By the key of the generation before, when the generation rose without an identity reset.
    pub continuity: Option<Blob>,
}

/// An account's own secret keys, sealed under its master key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Bundle {
    pub version: u32,
    /// 12 bytes.
    pub nonce: Blob,
    pub ct: Blob,
}

/// What opens a wrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum WrapType {
    /// The export key of the password's login.
    Password,
    /// The recovery code.
    Recovery,
    /// A passkey's PRF output.
    Prf,
}

/// An account's master key, sealed in one of the ways to open it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Wrap {
    pub id: WrapId,
    #[serde(rename = "type")]
    pub kind: WrapType,
    /// 12 bytes.
    pub nonce: Blob,
    pub ct: Blob,
}

/// What follows a person over devices, sealed under the bundle's settings key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SealedSettings {
    /// One more than the version it replaces; the first is 1.
    pub version: u32,
    /// 12 bytes.
    pub nonce: Blob,
    pub ct: Blob,
}

/// An epoch's secret, sealed to a member or a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Grant {
    pub to: GranteeId,
    pub epoch: u32,
    /// The generation of the member's encryption key; 0 for links.
    pub g: u32,
    /// HPKE's encapsulated key, 32 bytes.
    pub enc: Blob,
    /// The sealed secret, 48 bytes.
    pub ct: Blob,
}

/// A grant as its grantee gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OwnGrant {
    pub epoch: u32,
    pub g: u32,
    pub enc: Blob,
    pub ct: Blob,
    /// Who granted it; part of what was sealed.
    pub by: AccountId,
}

/// A control event in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ControlEvent {
    pub seq: Seq,
    pub time: Millis,
    pub envelope: Blob,
}

/// The place of an envelope that was stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Placed {
    pub id: EnvelopeId,
    pub seq: Seq,
    pub time: Millis,
}
