//! A person with keys and devices, and the records that say so.

use callbox::pure::wire::{AccountId, DeviceId, SignedRecord};
use ed25519_dalek::SigningKey;
use serde_json::json;

use super::crypto::{Chance, SealPair, b64, sha256, sign};

pub struct Device {
    pub id: [u8; 16],
    pub key: SigningKey,
    pub added: u64,
    pub revoked: Option<u64>,
}

/// An account with all its secrets.
pub struct Person {
    pub account: [u8; 16],
    pub g: u32,
    pub signing: SigningKey,
    pub sealing: SealPair,
    /// The sealing pairs of earlier generations.
    pub old: Vec<SealPair>,
    pub devices: Vec<Device>,
    pub bundle_version: u32,
    /// All versions, oldest first.
    pub records: Vec<SignedRecord>,
    chance: Chance,
}

impl Person {
    /// With one device and the first version of its record.
    pub fn new(mut chance: Chance) -> Self {
        let account = chance.bytes();
        let device = chance.bytes();
        Self::with_ids(account, device, chance)
    }

    /// The same, with the ids that the server gave.
    pub fn with_ids(account: [u8; 16], device: [u8; 16], mut chance: Chance) -> Self {
        let mut person = Self {
            account,
            g: 1,
            signing: SigningKey::from_bytes(&chance.bytes()),
            sealing: SealPair::derive(&chance.bytes()),
            old: Vec::new(),
            devices: Vec::new(),
            bundle_version: 1,
            records: Vec::new(),
            chance,
        };
        person.put_device(device, 1_700_000_000_000);
        person.publish();
        person
    }

    pub fn id(&self) -> AccountId {
        AccountId::from_bytes(self.account)
    }

    pub fn device_id(&self) -> DeviceId {
        DeviceId::from_bytes(self.device().id)
    }

    /// The newest device that may sign.
    pub fn device(&self) -> &Device {
        self.devices.iter().rfind(|device| device.revoked.is_none()).unwrap()
    }

    /// What names its signing key in control events.
    pub fn identity(&self) -> [u8; 32] {
        sha256(&[self.signing.verifying_key().as_bytes()])
    }

    /// The newest version of its record.
    pub fn record(&self) -> &SignedRecord {
        self.records.last().unwrap()
    }

    pub fn add_device(&mut self, id: [u8; 16], at: u64) -> &SignedRecord {
        self.put_device(id, at);
        self.publish()
    }

    pub fn revoke_device(&mut self, id: [u8; 16], at: u64) -> &SignedRecord {
        self.devices.iter_mut().find(|device| device.id == id).unwrap().revoked = Some(at);
        self.publish()
    }

    /// A new generation of keys, signed by the old one too.
    pub fn rekey(&mut self) -> &SignedRecord {
        let old = self.signing.clone();
        self.renew();
        let payload = self.payload(false);
        let continuity = sign(&old, "account-record", &[&payload]);
        self.append(payload, Some(continuity))
    }

    /// A new generation that the old one does not vouch for.
    pub fn reset(&mut self) -> &SignedRecord {
        self.renew();
        let payload = self.payload(true);
        self.append(payload, None)
    }

    /// The same, together with the device that does it.
    pub fn reset_on(&mut self, device: [u8; 16], at: u64) -> &SignedRecord {
        self.put_device(device, at);
        self.reset()
    }

    fn put_device(&mut self, id: [u8; 16], added: u64) {
        let key = SigningKey::from_bytes(&self.chance.bytes());
        self.devices.push(Device { id, key, added, revoked: None });
    }

    fn renew(&mut self) {
        self.g += 1;
        self.bundle_version += 1;
        self.signing = SigningKey::from_bytes(&self.chance.bytes());
        let sealing = SealPair::derive(&self.chance.bytes());
        self.old.push(std::mem::replace(&mut self.sealing, sealing));
    }

    fn publish(&mut self) -> &SignedRecord {
        let payload = self.payload(false);
        self.append(payload, None)
    }

    fn payload(&self, reset: bool) -> Vec<u8> {
        let prev = self.records.last().map_or([0; 32], |record| sha256(&[record.payload.as_ref()]));
        let devices: Vec<_> = self
            .devices
            .iter()
            .map(|device| {
                json!({
                    "id": b64(device.id), "ds_pub": b64(device.key.verifying_key()),
                    "added": device.added, "revoked": device.revoked,
                })
            })
            .collect();
        json!({
            "v": 1, "account": b64(self.account), "suite": 1,
            "version": self.records.len() + 1, "prev": b64(prev), "g": self.g,
            "as_pub": b64(self.signing.verifying_key()), "ae_pub": b64(self.sealing.public),
            "devices": devices, "bundle_version": self.bundle_version, "reset": reset,
        })
        .to_string()
        .into_bytes()
    }

    fn append(&mut self, payload: Vec<u8>, continuity: Option<[u8; 64]>) -> &SignedRecord {
        let signature = sign(&self.signing, "account-record", &[&payload]).to_vec().into();
        let continuity = continuity.map(|bytes| bytes.to_vec().into());
        self.records.push(SignedRecord { payload: payload.into(), signature, continuity });
        self.record()
    }
}
