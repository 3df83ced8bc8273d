//! How much there is at a moment, for those who look after the server.

use super::Rooms;
use crate::pure::wire::Call;

/// People, connections and calls, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Accounts that may sign in, without guests.
    pub members: usize,
    pub guests: usize,
    /// Of both, those who are shown as online.
    pub online: usize,
    pub connections: usize,
    pub ringing: usize,
    pub active: usize,
}

impl Rooms {
    /// The calls in progress.
    pub fn calls(&self) -> Vec<Call> {
        self.calls.all()
    }

    /// Counts.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary { connections: self.links.len(), ..Summary::default() };
        for person in self.people.values().filter(|person| !person.account.disabled) {
            match person.is_guest() {
                true => summary.guests += 1,
                false => summary.members += 1,
            }
            summary.online += usize::from(person.online);
        }
        (summary.ringing, summary.active) = self.calls.count();
        summary
    }
}
