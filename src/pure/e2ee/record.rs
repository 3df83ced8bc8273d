//! The account record: an account's public keys and its devices, signed by the
//! account, each version naming the one before.
//!
//! A generation is a pair of keys. The next one is signed by the one before as
//! well (continuity), or it is an identity reset, which others are warned of.
//! Devices are appended and revoked, never dropped, so that old envelopes stay verifiable.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::json::{moment, nullable_moment};
use super::{Hash, SealKey, Signature, VerifyKey, label};
use crate::pure::wire::limits::DEVICES;
use crate::pure::wire::{AccountId, DeviceId, Millis, SignedRecord};

/// One version of an account's record whose signatures and chain were checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    payload: Payload,
    hash: Hash,
}

/// A device that may sign for the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    pub id: DeviceId,
    #[serde(rename = "ds_pub")]
    pub key: VerifyKey,
    #[serde(deserialize_with = "moment")]
    pub added: Millis,
    #[serde(deserialize_with = "nullable_moment")]
    pub revoked: Option<Millis>,
}

/// What a version changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordChange {
    pub appended: Vec<DeviceId>,
    pub revoked: Vec<DeviceId>,
    /// The account's keys are new.
    pub rekeyed: bool,
    /// They are new and nobody who knew the old ones says so.
    pub reset: bool,
    /// A new bundle goes with it.
    pub rebundled: bool,
}

/// Why a device may not sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeviceRefusal {
    #[error("the account's record does not name the device")]
    Unknown,
    #[error("the device was revoked")]
    Revoked,
}

/// Why something is no record, or does not follow the one before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRecord {
    #[error("the record is not well-formed: {0}")]
    Format(String),
    #[error("a signature has 64 bytes")]
    SignatureLength,
    #[error("the record is of another version of the format or suite")]
    Suite,
    #[error("the record is of another account")]
    Account,
    #[error("versions count up by one")]
    Version,
    #[error("the record before this one is another")]
    Prev,
    #[error("generations count up by one")]
    Generation,
    #[error("the keys change with the generation, and only with it")]
    Keys,
    #[error("a new generation is signed by the one before or a reset, and nothing else is")]
    Continuity,
    #[error("the signature is not that of the account")]
    Signature,
    #[error("a record has at least one device and a limited number")]
    DeviceCount,
    #[error("two devices share an id or a key")]
    DeviceTwice,
    #[error("devices are only appended or revoked")]
    DeviceChanged,
    #[error("the version of the bundle never sinks, and rises with the generation")]
    Bundle,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    v: u32,
    account: AccountId,
    suite: u32,
    version: u32,
    prev: Hash,
    g: u32,
    as_pub: VerifyKey,
    ae_pub: SealKey,
    devices: Vec<Device>,
    bundle_version: u32,
    reset: bool,
}

impl Record {
    /// Checks the first version.
    pub fn first(account: AccountId, signed: &SignedRecord) -> Result<Self, InvalidRecord> {
        let record = Self::read(&signed.payload.0)?;
        let payload = &record.payload;
        record.check_alone(account)?;
        if payload.version != 1 {
            return Err(InvalidRecord::Version);
        }
        if payload.prev != Hash::ZERO {
            return Err(InvalidRecord::Prev);
        }
        if payload.g != 1 {
            return Err(InvalidRecord::Generation);
        }
        if payload.reset || signed.continuity.is_some() {
            return Err(InvalidRecord::Continuity);
        }
        if payload.bundle_version == 0 {
            return Err(InvalidRecord::Bundle);
        }
        record.check_signature(&payload.as_pub, signed)?;
        Ok(record)
    }

    /// Checks the version after this one.
    pub fn next(&self, signed: &SignedRecord) -> Result<(Self, RecordChange), InvalidRecord> {
        let record = Self::read(&signed.payload.0)?;
        record.check_alone(self.payload.account)?;
        if self.payload.version.checked_add(1) != Some(record.payload.version) {
            return Err(InvalidRecord::Version);
        }
        if record.payload.prev != self.hash {
            return Err(InvalidRecord::Prev);
        }
        self.check_keys(&record, signed)?;
        record.check_signature(&record.payload.as_pub, signed)?;
        let change = self.change(&record.payload)?;
        Ok((record, change))
    }

    /// Reads back a payload that was checked before it was stored.
    pub fn stored(payload: &[u8]) -> Result<Self, InvalidRecord> {
        Self::read(payload)
    }

    /// Whose it is.
    pub fn account(&self) -> AccountId {
        self.payload.account
    }

    /// From 1.
    pub fn version(&self) -> u32 {
        self.payload.version
    }

    /// The generation of its keys, from 1.
    pub fn generation(&self) -> u32 {
        self.payload.g
    }

    /// The version of the bundle that belongs to it.
    pub fn bundle_version(&self) -> u32 {
        self.payload.bundle_version
    }

    /// What names the account's signing key in control events.
    pub fn identity(&self) -> Hash {
        self.payload.as_pub.fingerprint()
    }

    /// The account's signing key.
    pub fn signing_key(&self) -> &VerifyKey {
        &self.payload.as_pub
    }

    /// What is sealed to the account is sealed to this.
    pub fn seal_key(&self) -> &SealKey {
        &self.payload.ae_pub
    }

    /// SHA-256 of the payload, which the next version names.
    pub fn hash(&self) -> &Hash {
        &self.hash
    }

    /// All devices there ever were, oldest first.
    pub fn devices(&self) -> &[Device] {
        &self.payload.devices
    }

    /// The key of a device that may sign now.
    pub fn signer(&self, device: DeviceId) -> Result<&VerifyKey, DeviceRefusal> {
        let found = self.payload.devices.iter().find(|d| d.id == device);
        let found = found.ok_or(DeviceRefusal::Unknown)?;
        match found.revoked {
            None => Ok(&found.key),
            Some(_) => Err(DeviceRefusal::Revoked),
        }
    }

    fn read(bytes: &[u8]) -> Result<Self, InvalidRecord> {
        let payload = serde_json::from_slice(bytes)
            .map_err(|error| InvalidRecord::Format(error.to_string()))?;
        Ok(Self { payload, hash: label::sha256(bytes) })
    }

    fn check_alone(&self, account: AccountId) -> Result<(), InvalidRecord> {
        let Payload { v, suite, devices, .. } = &self.payload;
        if (*v, *suite) != (1, 1) {
            return Err(InvalidRecord::Suite);
        }
        if self.payload.account != account {
            return Err(InvalidRecord::Account);
        }
        if devices.is_empty() || devices.len() > DEVICES {
            return Err(InvalidRecord::DeviceCount);
        }
        let (mut ids, mut keys) = (HashSet::new(), HashSet::new());
        if !devices.iter().all(|d| ids.insert(d.id) && keys.insert(d.key)) {
            return Err(InvalidRecord::DeviceTwice);
        }
        Ok(())
    }

    fn check_keys(&self, next: &Self, signed: &SignedRecord) -> Result<(), InvalidRecord> {
        let (old, new) = (&self.payload, &next.payload);
        if new.g == old.g {
            if (new.as_pub, new.ae_pub) != (old.as_pub, old.ae_pub) {
                return Err(InvalidRecord::Keys);
            }
            let plain = !new.reset && signed.continuity.is_none();
            return plain.then_some(()).ok_or(InvalidRecord::Continuity);
        }
        if old.g.checked_add(1) != Some(new.g) {
            return Err(InvalidRecord::Generation);
        }
        if new.as_pub == old.as_pub || new.ae_pub == old.ae_pub {
            return Err(InvalidRecord::Keys);
        }
        match (&signed.continuity, new.reset) {
            (None, true) => Ok(()),
            (Some(continuity), false) => {
                let good = old.as_pub.verify(&signed_bytes(signed), &signature(continuity)?);
                good.then_some(()).ok_or(InvalidRecord::Continuity)
            }
            (None, false) | (Some(_), true) => Err(InvalidRecord::Continuity),
        }
    }

    fn check_signature(&self, key: &VerifyKey, signed: &SignedRecord) -> Result<(), InvalidRecord> {
        let good = key.verify(&signed_bytes(signed), &signature(&signed.signature)?);
        good.then_some(()).ok_or(InvalidRecord::Signature)
    }

    fn change(&self, new: &Payload) -> Result<RecordChange, InvalidRecord> {
        let old = &self.payload;
        if new.devices.len() < old.devices.len() {
            return Err(InvalidRecord::DeviceChanged);
        }
        let (kept, appended) = new.devices.split_at(old.devices.len());
        let mut revoked = Vec::new();
        for (before, after) in old.devices.iter().zip(kept) {
            if before == after {
                continue;
            }
            let only_revoked =
                before.revoked.is_none() && Device { revoked: None, ..after.clone() } == *before;
            if !only_revoked {
                return Err(InvalidRecord::DeviceChanged);
            }
            revoked.push(before.id);
        }
        let rekeyed = new.g != old.g;
        let least = old.bundle_version.saturating_add(u32::from(rekeyed));
        if new.bundle_version < least {
            return Err(InvalidRecord::Bundle);
        }
        Ok(RecordChange {
            appended: appended.iter().map(|d| d.id).collect(),
            revoked,
            rekeyed,
            reset: new.reset,
            rebundled: new.bundle_version != old.bundle_version,
        })
    }
}

fn signed_bytes(signed: &SignedRecord) -> Vec<u8> {
    label::signed("account-record", &[signed.payload.as_ref()])
}

fn signature(bytes: &impl AsRef<[u8]>) -> Result<Signature, InvalidRecord> {
    Signature::try_from(bytes.as_ref()).map_err(|_| InvalidRecord::SignatureLength)
}
