//! MESSAGE-INTEGRITY and MESSAGE-INTEGRITY-SHA256 (RFC 8489, 14.5 and 14.6)
//! and the key of the long-term mechanism (9.2.2).

use std::fmt;

use md5::{Digest, Md5};
use ring::hmac;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::{AttributeType, Message};

/// The key of a user in a realm: a digest of `user:realm:password`.
#[derive(Clone)]
pub struct LongTermKey {
    bytes: [u8; 32],
    length: usize,
}

/// Which digest makes the key (RFC 8489, 18.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordAlgorithm {
    Md5,
    Sha256,
}

impl PasswordAlgorithm {
    /// As PASSWORD-ALGORITHM has it: the number, and no parameters.
    pub const fn value(self) -> [u8; 4] {
        match self {
            Self::Md5 => [0, 1, 0, 0],
            Self::Sha256 => [0, 2, 0, 0],
        }
    }

    /// Reads the value of PASSWORD-ALGORITHM.
    pub fn from_value(value: &[u8]) -> Option<Self> {
        [Self::Md5, Self::Sha256].into_iter().find(|algorithm| algorithm.value() == value)
    }
}

impl fmt::Debug for LongTermKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LongTermKey")
    }
}

impl LongTermKey {
    /// The key for these three, which are used as they are: clients prepare
    /// them (RFC 8265) before they send them.
    pub fn new(user: &str, realm: &str, password: &str) -> Self {
        Self::with(PasswordAlgorithm::Md5, user, realm, password)
    }

    /// The key that another digest makes of them.
    pub fn with(algorithm: PasswordAlgorithm, user: &str, realm: &str, password: &str) -> Self {
        let parts = [user, ":", realm, ":", password];
        let mut bytes = [0; 32];
        let length = match algorithm {
            PasswordAlgorithm::Md5 => write_digest::<Md5>(&parts, &mut bytes),
            PasswordAlgorithm::Sha256 => write_digest::<Sha256>(&parts, &mut bytes),
        };
        Self { bytes, length }
    }

    /// The bytes, for `check` and `Writer`.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// The value of USERHASH (RFC 8489, 14.4).
pub fn user_hash(user: &str, realm: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    write_digest::<Sha256>(&[user, ":", realm], &mut bytes);
    bytes
}

fn write_digest<D: Digest>(parts: &[&str], into: &mut [u8; 32]) -> usize {
    let mut digest = D::new();
    for part in parts {
        digest.update(part);
    }
    let digest = digest.finalize();
    into[..digest.len()].copy_from_slice(&digest);
    digest.len()
}

/// Whether MESSAGE-INTEGRITY is there and right; takes the same time for all
/// wrong values.
pub fn check(message: &Message<'_>, key: &[u8]) -> bool {
    check_attribute(message, AttributeType::MESSAGE_INTEGRITY, key)
}

/// Whether MESSAGE-INTEGRITY-SHA256 is there, whole and right. Cut values
/// are refused: no usage of STUN in here defines them.
pub fn check_sha256(message: &Message<'_>, key: &[u8]) -> bool {
    check_attribute(message, AttributeType::MESSAGE_INTEGRITY_SHA256, key)
}

fn check_attribute(message: &Message<'_>, kind: AttributeType, key: &[u8]) -> bool {
    message.find(kind).is_some_and(|attribute| {
        let tag = tag(&message.bytes()[..attribute.offset], kind, key);
        tag.as_ref().ct_eq(attribute.value).into()
    })
}

/// The value of an integrity attribute that would follow `message`. The
/// length in the header is taken as if the message ended with it.
pub(super) fn tag(message: &[u8], kind: AttributeType, key: &[u8]) -> hmac::Tag {
    let algorithm = match kind {
        AttributeType::MESSAGE_INTEGRITY_SHA256 => hmac::HMAC_SHA256,
        _ => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
    };
    let attribute = 4 + algorithm.digest_algorithm().output_len();
    let length = message.len() - super::HEADER + attribute;
    let length = u16::try_from(length).expect("a message is no longer than its length field");
    let mut context = hmac::Context::with_key(&hmac::Key::new(algorithm, key));
    context.update(&message[..2]);
    context.update(&length.to_be_bytes());
    context.update(&message[4..]);
    context.sign()
}
