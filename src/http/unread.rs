//! How much of its answers a session may leave unread.
//!
//! A client that asks and does not read what it asked for has this server keep it: over HTTP/2
//! thousands of answers at a time, for as long as it answers pings. What is on its way to one
//! session has a bound; beyond it, answers are refused until others have left. Parts of files are
//! bounded and given up by themselves.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

/// The bytes on their way, by the hash of the session's token.
#[derive(Debug, Clone, Default)]
pub struct Unread(Arc<Mutex<HashMap<[u8; 32], usize>>>);

/// An answer on its way; it is gone with the last of its bytes.
struct Held {
    bytes: Bytes,
    session: [u8; 32],
    unread: Unread,
}

impl Unread {
    /// The same bytes, counted until they are let go; nothing if they would be too many.
    pub(super) fn hold(&self, session: [u8; 32], bytes: Bytes) -> Option<Bytes> {
        if bytes.len() < SMALL {
            return Some(bytes);
        }
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let held = sessions.get(&session).copied().unwrap_or(0) + bytes.len();
        if held > MOST {
            return None;
        }
        sessions.insert(session, held);
        drop(sessions);
        Some(Bytes::from_owner(Held { bytes, session, unread: self.clone() }))
    }
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut sessions = self.unread.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = sessions.get_mut(&self.session) {
            *held -= self.bytes.len();
            if *held == 0 {
                sessions.remove(&self.session);
            }
        }
    }
}

/// What is as cheap as the request for it.
const SMALL: usize = 4 * 1024;
/// Five pages of the longest messages, or hundreds as people write them.
const MOST: usize = 32 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_so_much_and_gets_it_back() {
        let unread = Unread::default();
        let bytes = |length| Bytes::from(vec![7; length]);
        let first = unread.hold([1; 32], bytes(MOST - SMALL)).unwrap();
        let second = unread.hold([1; 32], bytes(SMALL)).unwrap();
        assert!(unread.hold([1; 32], bytes(SMALL)).is_none());
        assert!(unread.hold([1; 32], bytes(SMALL - 1)).is_some(), "small ones are not counted");
        assert!(unread.hold([2; 32], bytes(MOST)).is_some(), "it is another one's");
        // What is still to be sent counts as a whole.
        let rest = second.slice(SMALL - 1..);
        drop(second);
        assert!(unread.hold([1; 32], bytes(SMALL)).is_none());
        drop(rest);
        assert!(unread.hold([1; 32], bytes(SMALL)).is_some());
        drop(first);
        assert!(unread.0.lock().unwrap().is_empty());
    }
}
