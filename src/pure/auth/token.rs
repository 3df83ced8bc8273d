//! Secrets that name something, and marks that only this server can make.
//!
//! A token is 32 random bytes; the server keeps its SHA-256 alone, so that a
//! copy of the database signs nobody in. A device mark says "this browser is
//! that device of that account" and needs no record at all.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::{hkdf, hmac};
use sha2::{Digest, Sha256};

use crate::pure::wire::{AccountId, DeviceId, InviteId};

/// The secret that names a session; only its hash is ever stored.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Token([u8; 32]);

impl Token {
    /// Wraps 32 fresh random bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads what `text` wrote.
    pub fn parse(text: &str) -> Option<Self> {
        decode(text).map(Self)
    }

    /// The form in which it travels.
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What the store knows it by.
    pub fn hash(&self) -> [u8; 32] {
        hash(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// What the store knows a secret by.
pub fn hash(secret: &[u8]) -> [u8; 32] {
    Sha256::digest(secret).into()
}

/// What the secret of a link proves itself with: HKDF-SHA256 over it, as clients derive it too.
/// For links made here; of those that clients make, the server never sees the secret.
pub fn link_auth(link: InviteId, secret: &[u8; 32]) -> [u8; 32] {
    let mut auth = [0; 32];
    hkdf::Salt::new(hkdf::HKDF_SHA256, link.as_bytes())
        .extract(secret)
        .expand(&[b"callbox/e2ee/1/link-auth"], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut auth))
        .expect("HKDF-SHA256 gives 32 bytes");
    auth
}

/// A device that has been signed in here before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceMark {
    pub account: AccountId,
    pub device: DeviceId,
}

impl DeviceMark {
    /// The mark as the browser keeps it.
    pub fn issue(&self, key: &hmac::Key) -> String {
        let mut bytes = self.bytes().to_vec();
        bytes.extend_from_slice(hmac::sign(key, &self.bytes()).as_ref());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a mark; none unless this server made it.
    pub fn read(text: &str, key: &hmac::Key) -> Option<Self> {
        let bytes: [u8; 64] = decode(text)?;
        hmac::verify(key, &bytes[..32], &bytes[32..]).ok()?;
        Some(Self {
            account: AccountId::try_from(&bytes[..16]).ok()?,
            device: DeviceId::try_from(&bytes[16..32]).ok()?,
        })
    }

    fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(self.account.as_bytes());
        bytes[16..].copy_from_slice(self.device.as_bytes());
        bytes
    }
}

/// Exactly N bytes from their base64url; a length check before any work.
fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != (N * 4).div_ceil(3) {
        return None;
    }
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARK: DeviceMark = DeviceMark {
        account: AccountId::from_bytes([1; 16]),
        device: DeviceId::from_bytes([2; 16]),
    };

    fn key(byte: u8) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &[byte; 32])
    }

    #[test]
    fn a_token_reads_back_as_written() {
        let token = Token::from_bytes([7; 32]);
        assert_eq!(Token::parse(&token.text()), Some(token));
        assert_ne!(token.hash(), Token::from_bytes([8; 32]).hash());
        for text in ["", "x", "AAAA", &"A".repeat(44), &"!".repeat(43)] {
            assert_eq!(Token::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_mark_is_believed_only_as_made_here() {
        let text = MARK.issue(&key(1));
        assert_eq!(DeviceMark::read(&text, &key(1)), Some(MARK));
        assert_eq!(DeviceMark::read(&text, &key(2)), None);
        for at in [0, 30, 60] {
            let mut other = text.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            assert_eq!(DeviceMark::read(&other, &key(1)), None, "{other}");
        }
    }
}
