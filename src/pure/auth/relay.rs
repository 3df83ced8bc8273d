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

/// How long a key signs.
const DAY: Millis = Millis(24 * 3_600_000);

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

/// The keys as they are kept over a restart: one a day, and the one before it.
#[derive(Clone, PartialEq, Eq)]
pub struct Ring {
    current: [u8; 32],
    /// When the current one began.
    since: Millis,
    previous: Option<[u8; 32]>,
}

impl fmt::Debug for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ring")
    }
}

impl Ring {
    /// A first key.
    pub fn new(now: Millis, fresh: [u8; 32]) -> Self {
        Self { current: fresh, since: now, previous: None }
    }

    /// Reads what `bytes` wrote, or a key alone, which is as old as can be.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (current, rest) = bytes.split_first_chunk()?;
        let (since, rest) = match rest {
            [] => (0, rest),
            _ => {
                rest.split_first_chunk().map(|(since, rest)| (u64::from_be_bytes(*since), rest))?
            }
        };
        let previous = match rest {
            [] => None,
            _ => Some(rest.try_into().ok()?),
        };
        Some(Self { current: *current, since: Millis(since), previous })
    }

    /// The key, since when, and the one before it if there is one.
    pub fn bytes(&self) -> Vec<u8> {
        let since = self.since.0.to_be_bytes();
        [&self.current[..], &since, self.previous.as_ref().map_or(&[], |key| &key[..])].concat()
    }

    /// How long the current key still signs: nothing once its day is over, or
    /// when it began in the future, which says that a clock was wrong.
    pub fn left(&self, now: Millis) -> Millis {
        if now < self.since { Millis(0) } else { self.since.plus(DAY).since(now) }
    }

    /// A fresh key signs from now on. The one before it is good for a day more,
    /// far longer than what it signed; the one before that is forgotten.
    pub fn turn(&mut self, now: Millis, fresh: [u8; 32]) {
        self.previous = Some(std::mem::replace(&mut self.current, fresh));
        self.since = now;
    }

    /// For the hub and the relay.
    pub fn keys(&self) -> Keys {
        Keys::new(&self.current, self.previous.as_ref())
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
    fn a_key_signs_for_a_day_and_counts_for_another() {
        let start = Millis(1_000);
        let mut ring = Ring::new(start, [1; 32]);
        assert_eq!(ring.left(start), DAY);
        assert_eq!(ring.left(start.plus(Millis(DAY.0 - 1))), Millis(1));
        assert_eq!(ring.left(start.plus(DAY)), Millis(0));
        assert_eq!(ring.left(Millis(999)), Millis(0), "it cannot be from the future");
        let (username, first) = ring.keys().issue(GRANT);
        let counts = |ring: &Ring| ring.keys().passwords(&username).any(|given| given == first);

        let next = start.plus(DAY);
        ring.turn(next, [2; 32]);
        assert_eq!(ring.left(next), DAY);
        assert_ne!(ring.keys().issue(GRANT).1, first, "the fresh one signs");
        assert!(counts(&ring));
        const { assert!(DAY.0 > TTL.0, "until what it signed has expired") };
        ring.turn(next.plus(DAY), [3; 32]);
        assert!(!counts(&ring));
    }

    #[test]
    fn keys_are_read_as_they_were_written() {
        let mut ring = Ring::new(Millis(77), [1; 32]);
        assert_eq!(Ring::read(&ring.bytes()), Some(ring.clone()));
        ring.turn(Millis(99), [2; 32]);
        let bytes = ring.bytes();
        assert_eq!(Ring::read(&bytes), Some(ring));
        let alone = Ring::read(&[5; 32]).unwrap();
        assert_eq!(alone.left(Millis(DAY.0)), Millis(0), "it is to be replaced at once");
        assert_eq!(alone.keys().issue(GRANT), Keys::new(&[5; 32], None).issue(GRANT));
        for length in (0..bytes.len()).filter(|length| ![32, 40].contains(length)) {
            assert_eq!(Ring::read(&bytes[..length]), None, "{length}");
        }
        assert_eq!(Ring::read(&[bytes, vec![0]].concat()), None);
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
