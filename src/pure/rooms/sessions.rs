//! Sessions: until when they last, and what ends with them.
//!
//! The store knows when a session expires; it was told so when a connection
//! opened. Meanwhile the session may have been used, so at that moment the
//! store is asked again, and told of the use that only connections saw.

use super::messages::Purpose;
use super::timers::Timer;
use super::{ConnectionId, Operation, Output, Rooms, Stored};
use crate::pure::wire::{CloseCode, Command, Millis, SessionId};

/// How long to wait before the store is asked again when it could not answer.
const RETRY: Millis = Millis(1_000);

impl Rooms {
    /// The sessions were signed out or revoked.
    pub fn handle_sessions_ended(&mut self, now: Millis, sessions: &[SessionId]) {
        self.end_sessions(now, sessions, CloseCode::SessionEnded);
    }

    pub(super) fn end_sessions(&mut self, now: Millis, sessions: &[SessionId], code: CloseCode) {
        for session in sessions {
            self.end_legs_of(now, *session);
            self.close_session(*session, code);
            self.outputs.push_back(Output::RevokeSession(*session));
        }
    }

    /// A command came: the session is in use, unless its client sent it by itself.
    pub(super) fn note_use(&mut self, now: Millis, connection: ConnectionId, command: &Command) {
        if matches!(command, Command::Hello { .. } | Command::Ping {} | Command::Receipt { .. }) {
            return;
        }
        if let Some(link) = self.links.get_mut(&connection) {
            link.used = now;
        }
    }

    /// The session of a connection may have expired: the store says.
    pub(super) fn session_due(&mut self, connection: ConnectionId) {
        let Some(link) = self.links.get(&connection).filter(|link| !link.closed) else { return };
        let session = link.who.session;
        let links = self.links.values().filter(|link| link.who.session == session);
        let used = links.map(|link| link.used).max().unwrap_or_default();
        let purpose = Purpose::Session { connection, session };
        self.store(Operation::UseSession { session, used }, purpose);
    }

    /// What the store said of a session.
    pub(super) fn session_stored(
        &mut self,
        now: Millis,
        connection: ConnectionId,
        session: SessionId,
        stored: Stored,
    ) {
        // Ended meanwhile, perhaps by what was asked for another connection of it.
        if self.links.get(&connection).is_some_and(|link| link.closed) {
            return;
        }
        let again = match stored {
            Stored::Expires(at) if at > now => at,
            Stored::Expires(_) | Stored::Refused(_) => {
                let account = self.links.get(&connection).map(|link| link.who.account);
                let guest = account.and_then(|account| self.person(account));
                let code = match guest.is_some_and(super::Person::is_guest) {
                    true => CloseCode::LinkEnded,
                    false => CloseCode::SessionEnded,
                };
                return self.end_sessions(now, &[session], code);
            }
            Stored::Failed => now.plus(RETRY),
            Stored::Appended { .. } | Stored::Entry(_) | Stored::Done => {
                unreachable!("the use of a session is answered by its end")
            }
        };
        if let Some(link) = self.links.get_mut(&connection) {
            link.who.expires = again;
            self.timers.set(again, Timer::Session(connection));
        }
    }

    fn close_session(&mut self, session: SessionId, code: CloseCode) {
        let cut: Vec<_> = self
            .links
            .iter()
            .filter(|(_, link)| link.who.session == session)
            .map(|(connection, _)| *connection)
            .collect();
        for connection in cut {
            self.close(connection, code);
        }
    }
}
