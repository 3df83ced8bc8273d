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

/// As it travels: 4 bytes of time and 11 of hash in base64url. This length
/// keeps a challenge at 64 bytes, 3.2 times the smallest request.
pub(super) type Nonce = [u8; 20];

impl Nonces {
    pub(super) fn new(secret: &[u8; 32]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, secret) }
    }

    /// A nonce for this client, good for ten minutes.
    pub(super) fn issue(&self, now: Millis, client: SocketAddr) -> Nonce {
        self.make(seconds(now), client)
    }

    /// Whether this is a nonce for this client that has not become stale.
    pub(super) fn is_fresh(&self, now: Millis, client: SocketAddr, nonce: &[u8]) -> bool {
        let mut raw = [0; 15];
        if nonce.len() != 20 || URL_SAFE_NO_PAD.decode_slice(nonce, &mut raw) != Ok(raw.len()) {
            return false;
        }
        let issued = u32::from_be_bytes([raw[0], raw[1], raw[2], raw[3]]);
        let genuine: bool = self.make(issued, client).ct_eq(nonce).into();
        let age = i64::from(seconds(now)) - i64::from(issued);
        genuine && (-SKEW..=LIFETIME).contains(&age)
    }

    fn make(&self, issued: u32, client: SocketAddr) -> Nonce {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(&issued.to_be_bytes());
        match client.ip() {
            IpAddr::V4(ip) => context.update(&ip.octets()),
            IpAddr::V6(ip) => context.update(&ip.octets()),
        }
        context.update(&client.port().to_be_bytes());
        let mut raw = [0; 15];
        raw[..4].copy_from_slice(&issued.to_be_bytes());
        raw[4..].copy_from_slice(&context.sign().as_ref()[..11]);
        let mut nonce = [0; 20];
        let length = URL_SAFE_NO_PAD.encode_slice(raw, &mut nonce);
        debug_assert_eq!(length, Ok(nonce.len()));
        nonce
    }
}

/// Wraps after 136 years.
fn seconds(now: Millis) -> u32 {
    (now.0 / 1000) as u32
}

const LIFETIME: i64 = 600;
const SKEW: i64 = 5;
