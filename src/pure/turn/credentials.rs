//! Whose passwords count: the hub's, those of other applications that share a
//! secret with this relay, and those of named users.

use std::collections::HashMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use sha2::{Digest, Sha256};

use super::peer::Mode;
use crate::pure::auth::relay::{Grant, Keys};
use crate::pure::stun::user_hash;
use crate::pure::wire::{CallId, SessionId};

/// Everything that makes a password right.
#[derive(Clone)]
pub struct Credentials {
    /// Sign the credentials of legs of calls.
    pub keys: Keys,
    /// Sign those of other applications: `username` is `<expiry>:<name>` and
    /// `password` is base64(HMAC-SHA1(secret, username)), as in
    /// draft-uberti-behave-turn-rest and coturn's `use-auth-secret`.
    pub secret: Option<String>,
    /// Passwords by name.
    pub users: HashMap<String, String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials")
    }
}

impl Credentials {
    /// Only those of the hub.
    pub fn of_hub(keys: Keys) -> Self {
        Self { keys, secret: None, users: HashMap::new() }
    }

    /// Named users by their USERHASH.
    pub(super) fn user_hashes(&self, realm: &str) -> HashMap<[u8; 32], String> {
        self.users.keys().map(|name| (user_hash(name, realm), name.clone())).collect()
    }

    /// What a username would be granted, and the passwords that prove it.
    pub(super) fn look_up(&self, username: &str, mode: &Mode) -> Option<(Grant, Vec<String>)> {
        if let Some(password) = self.users.get(username) {
            let grant = granted(u64::MAX, b"user", username, mode);
            return Some((grant, vec![password.clone()]));
        }
        if let Some(grant) = Grant::parse(username) {
            return Some((grant, self.keys.passwords(username).collect()));
        }
        let secret = self.secret.as_ref()?;
        let (expires, name) = username.split_once(':').unwrap_or((username, ""));
        let digits =
            (1..=12).contains(&expires.len()) && expires.bytes().all(|b| b.is_ascii_digit());
        let expires = expires.parse().ok().filter(|_| digits)?;
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
        let password = STANDARD.encode(hmac::sign(&key, username.as_bytes()));
        Some((granted(expires, b"secret", name, mode), vec![password]))
    }
}

/// Who has no call gets a session and a call made of the name. Where relayed
/// addresses are virtual, a name is a call. Where they are not, everybody who
/// could reach another by a way round through the network may do so here.
fn granted(expires: u64, kind: &[u8], name: &str, mode: &Mode) -> Grant {
    let session = SessionId::from_bytes(digest(&[b"session", kind, name.as_bytes()]));
    let call = match mode {
        Mode::Closed => digest(&[b"call", kind, name.as_bytes()]),
        Mode::Open(_) => digest(&[b"call"]),
    };
    Grant { expires, call: CallId::from_bytes(call), session }
}

/// Sixteen bytes that differ wherever one of the parts does.
fn digest(parts: &[&[u8]]) -> [u8; 16] {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    let whole: [u8; 32] = digest.finalize().into();
    let mut half = [0; 16];
    half.copy_from_slice(&whole[..16]);
    half
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials() -> Credentials {
        let users = HashMap::from([("anna".to_owned(), "pass:word".to_owned())]);
        Credentials { keys: Keys::new(&[7; 32], None), secret: Some("north".to_owned()), users }
    }

    #[test]
    fn a_shared_secret_signs_as_other_servers_expect() {
        let (grant, passwords) =
            credentials().look_up("1900000000:bob", &Mode::Closed).expect("a grant");
        assert_eq!(grant.expires, 1_900_000_000);
        // echo -n 1900000000:bob | openssl dgst -sha1 -hmac north -binary | base64
        assert_eq!(passwords, ["qPkETtMMQ+tGe7drayY7IqNi1kA="]);
        let other = credentials().look_up("1900000001:bob", &Mode::Closed).expect("a grant").0;
        assert_eq!((grant.call, grant.session), (other.call, other.session));
        let carol = credentials().look_up("1900000000:carol", &Mode::Closed).expect("a grant").0;
        assert_ne!((grant.call, grant.session), (carol.call, carol.session));
        let alone = credentials().look_up("1900000000", &Mode::Closed).expect("a grant").0;
        assert_eq!(alone.expires, 1_900_000_000);
        for name in ["", ":bob", "x:bob", "-1:bob", "1e9:bob", "+5:bob", "9999999999999:bob"] {
            assert!(credentials().look_up(name, &Mode::Closed).is_none(), "{name}");
        }
        let without = Credentials { secret: None, ..credentials() };
        assert!(without.look_up("1900000000:bob", &Mode::Closed).is_none());
    }

    #[test]
    fn a_named_user_is_one_call_and_never_expires() {
        let (anna, passwords) = credentials().look_up("anna", &Mode::Closed).expect("a grant");
        assert_eq!((anna.expires, passwords), (u64::MAX, vec!["pass:word".to_owned()]));
        // A name that another application gives out is not that user.
        let named = credentials().look_up("1900000000:anna", &Mode::Closed).expect("a grant").0;
        assert_ne!(named.session, anna.session);
        assert!(credentials().look_up("berta", &Mode::Closed).is_none());
    }
}
