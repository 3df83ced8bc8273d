//! MESSAGE-INTEGRITY and MESSAGE-INTEGRITY-SHA256 (RFC 8489, 14.5 and 14.6)
//! and the key of the long-term mechanism (9.2.2).

use std::fmt;

use md5::{Digest, Md5};
use ring::hmac;
use subtle::ConstantTimeEq;

use super::{AttributeType, Message};

/// The key of a user in a realm: MD5 of `user:realm:password`.
#[derive(Clone)]
pub struct LongTermKey([u8; 16]);

impl fmt::Debug for LongTermKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LongTermKey")
    }
}

impl LongTermKey {
    /// The key for these three, which are used as they are: clients prepare
    /// them (RFC 8265) before they send them.
    pub fn new(user: &str, realm: &str, password: &str) -> Self {
        let mut digest = Md5::new();
        for part in [user, ":", realm, ":", password] {
            digest.update(part);
        }
        Self(digest.finalize().into())
    }

    /// The bytes, for `check` and `Writer`.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
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
