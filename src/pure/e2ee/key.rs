//! Bytes of fixed length in signed JSON, and public keys that are fit for use.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::label;

/// Exactly so many bytes; as text canonical base64url without padding.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fixed<const N: usize>([u8; N]);

/// A SHA-256.
pub type Hash = Fixed<32>;

/// An Ed25519 signature.
pub type Signature = Fixed<64>;

impl<const N: usize> Fixed<N> {
    /// Zeros, which stand for "there is none before".
    pub const ZERO: Self = Self([0; N]);

    /// Wraps the bytes.
    pub const fn new(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> TryFrom<&[u8]> for Fixed<N> {
    type Error = std::array::TryFromSliceError;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        bytes.try_into().map(Self)
    }
}

impl<const N: usize> AsRef<[u8]> for Fixed<N> {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl<const N: usize> fmt::Display for Fixed<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl<const N: usize> fmt::Debug for Fixed<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl<const N: usize> Serialize for Fixed<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Fixed<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let bytes = URL_SAFE_NO_PAD.decode(text.as_bytes()).map_err(de::Error::custom)?;
        bytes.as_slice().try_into().map_err(|_| de::Error::invalid_length(bytes.len(), &"others"))
    }
}

/// The bytes cannot serve as a public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    #[error("the bytes are no point of the curve, or not its one encoding")]
    Encoding,
    #[error("the key has a small order")]
    SmallOrder,
}

macro_rules! public_key {
    ($name:ident) => {
        impl $name {
            /// The bytes as they travel.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                self.0.as_bytes()
            }

            /// What stands for the key where 32 bytes must not be a key: its SHA-256.
            pub fn fingerprint(&self) -> Hash {
                label::sha256(self.as_bytes())
            }
        }

        impl TryFrom<Hash> for $name {
            type Error = InvalidKey;

            fn try_from(bytes: Hash) -> Result<Self, InvalidKey> {
                Self::new(bytes.0)
            }
        }

        impl From<$name> for Hash {
            fn from(key: $name) -> Self {
                key.0
            }
        }
    };
}

/// The public half of an Ed25519 key: canonical, on the curve, not of small order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Fixed<32>", into = "Fixed<32>")]
pub struct VerifyKey(Fixed<32>);

public_key!(VerifyKey);

impl VerifyKey {
    /// Checks the bytes.
    pub fn new(bytes: [u8; 32]) -> Result<Self, InvalidKey> {
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| InvalidKey::Encoding)?;
        // Reading a point takes y modulo p, so a few points have a second encoding.
        if key.to_edwards().compress().to_bytes() != bytes {
            return Err(InvalidKey::Encoding);
        }
        if key.is_weak() {
            return Err(InvalidKey::SmallOrder);
        }
        Ok(Self(Fixed(bytes)))
    }

    /// Whether the signature is this key's over the bytes.
    #[must_use]
    pub fn verify(&self, bytes: &[u8], signature: &Signature) -> bool {
        let key = VerifyingKey::from_bytes(self.as_bytes()).expect("checked when made");
        let signature = ed25519_dalek::Signature::from_bytes(signature.as_bytes());
        key.verify_strict(bytes, &signature).is_ok()
    }
}

/// The public half of an X25519 key; not one that gives everybody the same secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Fixed<32>", into = "Fixed<32>")]
pub struct SealKey(Fixed<32>);

public_key!(SealKey);

impl SealKey {
    /// Checks the bytes: below 2^255 - 19, and none of the points of small order (RFC 7748, 6.1).
    pub fn new(bytes: [u8; 32]) -> Result<Self, InvalidKey> {
        let mut big_endian = bytes;
        big_endian.reverse();
        if big_endian >= FIELD {
            return Err(InvalidKey::Encoding);
        }
        if SMALL_ORDER.contains(&big_endian) {
            return Err(InvalidKey::SmallOrder);
        }
        Ok(Self(Fixed(bytes)))
    }
}

/// 2^255 - 19, big-endian.
const FIELD: [u8; 32] = number(0x7f, 0xff, 0xed);

/// The coordinates of the points of order 1, 2, 4 and 8, on the curve and its twist, big-endian.
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    number(0, 0, 1),
    number(0x7f, 0xff, 0xec),
    [
        0x00, 0xb8, 0x49, 0x5f, 0x16, 0x05, 0x62, 0x86, 0xfd, 0xb1, 0x32, 0x9c, 0xeb, 0x8d, 0x09,
        0xda, 0x6a, 0xc4, 0x9f, 0xf1, 0xfa, 0xe3, 0x56, 0x16, 0xae, 0xb8, 0x41, 0x3b, 0x7c, 0x7a,
        0xeb, 0xe0,
    ],
    [
        0x57, 0x11, 0x9f, 0xd0, 0xdd, 0x4e, 0x22, 0xd8, 0x86, 0x8e, 0x1c, 0x58, 0xc4, 0x5c, 0x44,
        0x04, 0x5b, 0xef, 0x83, 0x9c, 0x55, 0xb1, 0xd0, 0xb1, 0x24, 0x8c, 0x50, 0xa3, 0xbc, 0x95,
        0x9c, 0x5f,
    ],
];

/// A number of 32 bytes with the first, all the middle ones, and the last given.
const fn number(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e15_sealing_keys_of_small_order_are_refused() {
        let refused = |bytes: [u8; 32]| SealKey::new(bytes).err();
        for mut point in SMALL_ORDER {
            point.reverse();
            assert_eq!(refused(point), Some(InvalidKey::SmallOrder));
            // The same point written with the bit that X25519 ignores.
            point[31] |= 0x80;
            assert_eq!(refused(point), Some(InvalidKey::Encoding));
        }
        let mut field = FIELD;
        field.reverse();
        assert_eq!(refused(field), Some(InvalidKey::Encoding));
        assert_eq!(refused([9; 32]), None);
    }

    #[test]
    fn fixed_bytes_have_one_text() {
        let text = format!("\"{}\"", Hash::new([7; 32]));
        assert_eq!(serde_json::from_str::<Hash>(&text).unwrap(), Hash::new([7; 32]));
        let other_end = text.replace("c\"", "d\"");
        assert_ne!(text, other_end);
        for wrong in [&other_end, "\"\"", "\"Bwc\"", &text.replace("c\"", "c=\"")] {
            assert!(serde_json::from_str::<Hash>(wrong).is_err(), "{wrong}");
        }
    }
}
