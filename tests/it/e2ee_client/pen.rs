//! One device's messages in one conversation, one after the other.

use ed25519_dalek::SigningKey;

use super::Talk;
use super::envelope::{CONTENT, Draft, id};

/// Writes envelopes that continue each other.
#[derive(Clone)]
pub struct Pen {
    next: Draft,
    secret: [u8; 32],
    key: SigningKey,
}

impl Pen {
    /// In the epoch in force, from the first envelope of this device on.
    pub fn new(talk: &Talk, account: [u8; 16], device: [u8; 16], key: &SigningKey) -> Self {
        let (secret, _) = talk.secrets.last().unwrap();
        Self::in_epoch(talk.epoch(), *secret, talk.id, account, device, key)
    }

    pub fn in_epoch(
        epoch: u32,
        secret: [u8; 32],
        conversation: [u8; 16],
        account: [u8; 16],
        device: [u8; 16],
        key: &SigningKey,
    ) -> Self {
        let time = 1_700_000_000_000;
        let next =
            Draft { kind: CONTENT, epoch, conversation, account, device, time, ..Draft::default() };
        Self { next, secret, key: key.clone() }
    }

    /// Goes on from another place of the chain.
    pub fn goes_on(mut self, n: u64, prev: [u8; 32]) -> Self {
        (self.next.n, self.next.prev) = (n, prev);
        self
    }

    pub fn write(&mut self, plain: &[u8]) -> Vec<u8> {
        self.next.salt[..8].copy_from_slice(&self.next.n.to_be_bytes());
        let bytes = self.next.seal(&self.secret, plain, &self.key);
        (self.next.n, self.next.prev) = (self.next.n + 1, id(&bytes));
        bytes
    }
}
