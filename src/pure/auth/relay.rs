//! Relay credentials: made by the hub for a leg of a call, checked by the relay.
//!
//! The form is draft-uberti-behave-turn-rest: `username` is
//! `<expiry, Unix seconds>:<call>:<session>` and `password` is
//! base64(HMAC-SHA256(key, username)). Clients treat both as opaque.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ring::hmac;

use crate::pure::wire::{CallId, Millis, SessionId};

/// How long credentials can be used to allocate; a running allocation outlives them.
pub const TTL: Millis = Millis(3_600_000);

/// Who may allocate: one session, for one call, until `expires` (Unix seconds).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Grant {
    pub expires: u64,
    pub call: CallId,
    pub session: SessionId,
}

/// What ends allocations before their time. Sent by the hub, obeyed by the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Revocation {
    /// The call is over.
    Call(CallId),
    /// The session left the call.
    Leg(CallId, SessionId),
    /// The session ended.
    Session(SessionId),
}

/// The keys that sign credentials: the current one and the one before it.
#[derive(Clone)]
pub struct Keys {
    current: hmac::Key,
    previous: Option<hmac::Key>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    /// Keys from 32 random bytes each.
    pub fn new(current: &[u8; 32], previous: Option<&[u8; 32]>) -> Self {
        let key = |bytes: &[u8; 32]| hmac::Key::new(hmac::HMAC_SHA256, bytes);
        Self { current: key(current), previous: previous.map(key) }
    }

    /// Username and password for a grant.
    pub fn issue(&self, grant: Grant) -> (String, String) {
        let username = format!("{}:{}:{}", grant.expires, grant.call, grant.session);
        let password = sign(&self.current, &username);
        (username, password)
    }

    /// The passwords that a username may have been given, newest first. The
    /// relay needs them to compute the STUN long-term key; whether the grant
    /// has expired is the relay's question.
    pub fn passwords(&self, username: &str) -> impl Iterator<Item = String> {
        let current = sign(&self.current, username);
        let previous = self.previous.as_ref().map(|key| sign(key, username));
        std::iter::once(current).chain(previous)
    }
}

impl Grant {
    /// Reads a username. Exactly the form that `issue` writes is accepted.
    pub fn parse(username: &str) -> Option<Self> {
        let mut fields = username.split(':');
        let (expires, call, session) = (fields.next()?, fields.next()?, fields.next()?);
        let digits = expires.len() <= 12 && expires.bytes().all(|b| b.is_ascii_digit());
        if fields.next().is_some() || !digits || expires.starts_with('0') {
            return None;
        }
        Some(Self {
            expires: expires.parse().ok()?,
            call: call.parse().ok()?,
            session: session.parse().ok()?,
        })
    }
}

fn sign(key: &hmac::Key, username: &str) -> String {
    STANDARD_NO_PAD.encode(hmac::sign(key, username.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRANT: Grant = Grant {
        expires: 1_700_000_000,
        call: CallId::from_bytes([1; 16]),
        session: SessionId::from_bytes([2; 16]),
    };

    #[test]
    fn a_grant_reads_back_from_its_username() {
        let keys = Keys::new(&[7; 32], None);
        let (username, password) = keys.issue(GRANT);
        assert_eq!(username, "1700000000:AQEBAQEBAQEBAQEBAQEBAQ:AgICAgICAgICAgICAgICAg");
        assert_eq!(Grant::parse(&username), Some(GRANT));
        assert_eq!(keys.passwords(&username).collect::<Vec<_>>(), [password]);
    }

    #[test]
    fn the_previous_key_still_counts() {
        let (username, password) = Keys::new(&[7; 32], None).issue(GRANT);
        let keys = Keys::new(&[8; 32], Some(&[7; 32]));
        assert_eq!(keys.passwords(&username).nth(1), Some(password));
    }

    #[test]
    fn other_usernames_are_no_grants() {
        for expires in ["", "0", "-1", "+1", "1e9", " 1", "01", "9223372036854775808"] {
            let username = format!("{expires}:{}:{}", GRANT.call, GRANT.session);
            assert_eq!(Grant::parse(&username), None, "{username}");
        }
        for username in ["", "1", "1:2:3", "1700000000:AQEBAQEBAQEBAQEBAQEBAQ"] {
            assert_eq!(Grant::parse(username), None, "{username}");
        }
        assert_eq!(Grant::parse(&format!("1:{}:{}:", GRANT.call, GRANT.session)), None);
    }
}
