//! Sessions that ended lately.
//!
//! A request may have looked its session up just before the session ended and
//! come to the hub for a connection just after: it must find out here.

use std::collections::{HashSet, VecDeque};

use crate::pure::wire::SessionId;

/// The last sessions that ended. Their ids are never given again.
#[derive(Debug, Default)]
pub(super) struct Ended {
    sessions: HashSet<SessionId>,
    order: VecDeque<SessionId>,
}

impl Ended {
    /// Remembers them, and forgets the oldest beyond the bound.
    pub(super) fn add(&mut self, sessions: &[SessionId]) {
        for session in sessions {
            if self.sessions.insert(*session) {
                self.order.push_back(*session);
            }
        }
        while self.order.len() > KEPT {
            if let Some(oldest) = self.order.pop_front() {
                self.sessions.remove(&oldest);
            }
        }
    }

    /// Whether the session is one of them.
    pub(super) fn contains(&self, session: SessionId) -> bool {
        self.sessions.contains(&session)
    }
}

/// Far more than end while a request is on its way.
const KEPT: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    fn session(n: usize) -> SessionId {
        SessionId::from_bytes((n as u128).to_be_bytes())
    }

    #[test]
    fn the_last_ones_are_known() {
        let mut ended = Ended::default();
        ended.add(&[session(0)]);
        assert!(ended.contains(session(0)) && !ended.contains(session(1)));
        ended.add(&(0..KEPT + 1).map(session).collect::<Vec<_>>());
        assert!(!ended.contains(session(0)) && ended.contains(session(KEPT)));
        assert_eq!((ended.sessions.len(), ended.order.len()), (KEPT, KEPT));
    }
}
