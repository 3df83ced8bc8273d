//! What goes into hashes and signatures: every input begins with a label of its
//! own, so that nothing made for one purpose passes for another.

use sha2::{Digest, Sha256};

use super::Hash;

/// What all labels begin with.
pub(super) const PREFIX: &str = "callbox/e2ee/1/";

/// The bytes under a signature: label, a zero, the parts.
pub(super) fn signed(label: &str, parts: &[&[u8]]) -> Vec<u8> {
    let length = PREFIX.len() + label.len() + 1 + parts.iter().map(|p| p.len()).sum::<usize>();
    let mut bytes = Vec::with_capacity(length);
    bytes.extend(PREFIX.as_bytes());
    bytes.extend(label.as_bytes());
    bytes.push(0);
    for part in parts {
        bytes.extend(*part);
    }
    bytes
}

/// SHA-256 over label, a zero, the parts.
pub(super) fn hash(label: &str, parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(PREFIX);
    hasher.update(label);
    hasher.update([0]);
    for part in parts {
        hasher.update(part);
    }
    Hash::new(hasher.finalize().into())
}

/// SHA-256 of the bytes alone.
pub(super) fn sha256(bytes: &[u8]) -> Hash {
    Hash::new(Sha256::digest(bytes).into())
}
