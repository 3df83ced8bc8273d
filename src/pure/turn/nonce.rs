//! Nonces that need no memory: a time and a keyed hash over it and the
//! client's address.

use std::net::{IpAddr, SocketAddr};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use subtle::ConstantTimeEq;

use crate::pure::wire::Millis;

/// Makes and checks nonces.
pub(super) struct Nonces {
    key: hmac::Key,
}

/// Four bytes of time and 11 of hash in base64url. This length keeps a
/// challenge over UDP at 64 bytes, 3.2 times the smallest request. To streams
/// it comes behind a cookie.
const PROOF: usize = 20;

/// The nonce cookie of RFC 8489, 9.2, with the first of its 24 bits set: this
/// nonce was given together with PASSWORD-ALGORITHMS.
const COOKIE: &[u8] = b"obMatJos2gAAA";

/// What a nonce says that is one of ours and fresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fresh {
    /// Whether algorithms were offered with it.
    pub(super) offered: bool,
}

impl Nonces {
    pub(super) fn new(secret: &[u8; 32]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, secret) }
    }

    /// A nonce for this client, good for ten minutes.
    pub(super) fn issue(&self, now: Millis, client: SocketAddr, offered: bool) -> Vec<u8> {
        let proof = self.make(seconds(now), client, offered);
        let cookie = if offered { COOKIE } else { &[] };
        [cookie, &proof].concat()
    }

    /// Reads a nonce, if it is for this client and has not become stale.
    pub(super) fn read(&self, now: Millis, client: SocketAddr, nonce: &[u8]) -> Option<Fresh> {
        let (offered, proof) = match nonce.strip_prefix(COOKIE) {
            Some(proof) => (true, proof),
            None => (false, nonce),
        };
        let mut raw = [0; 15];
        if proof.len() != PROOF || URL_SAFE_NO_PAD.decode_slice(proof, &mut raw) != Ok(raw.len()) {
            return None;
        }
        let issued = u32::from_be_bytes([raw[0], raw[1], raw[2], raw[3]]);
        let genuine: bool = self.make(issued, client, offered).ct_eq(proof).into();
        let age = i64::from(seconds(now)) - i64::from(issued);
        (genuine && (-SKEW..=LIFETIME).contains(&age)).then_some(Fresh { offered })
    }

    fn make(&self, issued: u32, client: SocketAddr, offered: bool) -> [u8; PROOF] {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(&issued.to_be_bytes());
        match client.ip() {
            IpAddr::V4(ip) => context.update(&ip.octets()),
            IpAddr::V6(ip) => context.update(&ip.octets()),
        }
        context.update(&client.port().to_be_bytes());
        // Whoever cuts the cookie off has no nonce any more.
        context.update(&[u8::from(offered)]);
        let mut raw = [0; 15];
        raw[..4].copy_from_slice(&issued.to_be_bytes());
        raw[4..].copy_from_slice(&context.sign().as_ref()[..11]);
        let mut proof = [0; PROOF];
        let length = URL_SAFE_NO_PAD.encode_slice(raw, &mut proof);
        debug_assert_eq!(length, Ok(proof.len()));
        proof
    }
}

/// Wraps after 136 years.
fn seconds(now: Millis) -> u32 {
    (now.0 / 1000) as u32
}

const LIFETIME: i64 = 600;
const SKEW: i64 = 5;
