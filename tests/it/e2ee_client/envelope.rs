//! Sealing and opening of envelopes.

use ed25519_dalek::{SigningKey, VerifyingKey};

use super::crypto::{hkdf, label, seal, sha256, sign, unseal};

pub const CONTENT: u8 = 0x01;
pub const SIGNAL: u8 = 0x06;
pub const CONTROL: u8 = 0x10;

/// What goes into a header.
#[derive(Clone, Default)]
pub struct Draft {
    pub kind: u8,
    pub epoch: u32,
    pub conversation: [u8; 16],
    pub account: [u8; 16],
    pub device: [u8; 16],
    pub n: u64,
    pub time: u64,
    pub seen_seq: u64,
    pub seen_hash: [u8; 32],
    pub prev: [u8; 32],
    pub salt: [u8; 16],
}

impl Draft {
    pub fn header(&self, body: usize) -> Vec<u8> {
        [
            [1, self.kind, 0, 0].as_slice(),
            &self.epoch.to_be_bytes(),
            &self.conversation,
            &self.account,
            &self.device,
            &self.n.to_be_bytes(),
            &self.time.to_be_bytes(),
            &self.seen_seq.to_be_bytes(),
            &self.seen_hash,
            &self.prev,
            &self.salt,
            &u32::try_from(body).unwrap().to_be_bytes(),
        ]
        .concat()
    }

    /// Pads and seals a plaintext under an epoch's secret (or a call's, see [`call_secret`]).
    pub fn seal(&self, secret: &[u8; 32], plain: &[u8], device: &SigningKey) -> Vec<u8> {
        let padded = pad(plain);
        let header = self.header(padded.len() + 16);
        let (key, iv) = message_key(secret, &header);
        let body = seal(&key, &iv, &header, &padded);
        finish(header, &body, device)
    }

    /// Signs a body as it is.
    pub fn clear(&self, body: &[u8], device: &SigningKey) -> Vec<u8> {
        finish(self.header(body.len()), body, device)
    }
}

fn finish(mut bytes: Vec<u8>, body: &[u8], device: &SigningKey) -> Vec<u8> {
    bytes.extend(body);
    let signature = sign(device, "msg", &[&sha256(&[&bytes])]);
    bytes.extend(signature);
    bytes
}

/// The id of an envelope.
pub fn id(envelope: &[u8]) -> [u8; 32] {
    sha256(&[&envelope[..envelope.len() - 64]])
}

/// Checks the signature, opens, takes the padding off.
pub fn open(secret: &[u8; 32], envelope: &[u8], device: &VerifyingKey) -> Option<Vec<u8>> {
    let signature = envelope[envelope.len() - 64..].try_into().unwrap();
    let message = [label("msg"), vec![0], id(envelope).to_vec()].concat();
    device.verify_strict(&message, &ed25519_dalek::Signature::from_bytes(signature)).ok()?;
    let (header, rest) = envelope.split_at(164);
    let (key, iv) = message_key(secret, header);
    let mut plain = unseal(&key, &iv, header, &rest[..rest.len() - 64])?;
    let end = plain.iter().rposition(|byte| *byte != 0)?;
    (plain[end] == 0x80).then(|| plain.truncate(end))?;
    Some(plain)
}

/// The secret that the signals of a call are sealed under.
pub fn call_secret(epoch_secret: &[u8; 32], call: &[u8; 16]) -> [u8; 32] {
    hkdf(epoch_secret, call, &label("call"))
}

pub fn message_key(secret: &[u8; 32], header: &[u8]) -> ([u8; 32], [u8; 12]) {
    let info = [label("msg-key"), vec![0], header[..144].to_vec()].concat();
    let okm: [u8; 44] = hkdf(secret, &header[144..160], &info);
    (okm[..32].try_into().unwrap(), okm[32..].try_into().unwrap())
}

/// 0x80, zeros to a multiple of 64 up to 1 KiB, then Padmé.
pub fn pad(plain: &[u8]) -> Vec<u8> {
    let least = plain.len() as u64 + 1;
    let step = if least <= 1024 {
        64
    } else {
        let exponent = 63 - least.leading_zeros();
        let kept = 32 - exponent.leading_zeros();
        1 << (exponent - kept)
    };
    let mut padded = plain.to_vec();
    padded.push(0x80);
    padded.resize((least.div_ceil(step) * step) as usize, 0);
    padded
}
