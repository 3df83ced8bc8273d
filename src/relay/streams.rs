//! The streams that a worker writes to.

use std::collections::HashMap;

use super::outbox::{Outbox, Slow};
use super::way::Way;
use crate::pure::turn::Client;

/// An outbox for each. Without it the stream's task ends.
#[derive(Debug, Default)]
pub(super) struct Streams {
    outboxes: HashMap<Client, (Outbox, Way)>,
    /// Those that have gathered something.
    full: Vec<Client>,
}

impl Streams {
    pub(super) fn open(&mut self, client: Client, way: Way, outbox: Outbox) {
        self.outboxes.insert(client, (outbox, way));
    }

    /// Ends a stream, once it has written what is for it.
    pub(super) fn close(&mut self, client: Client) {
        self.send();
        self.outboxes.remove(&client);
    }

    /// What a stream is carried by, if it has not ended.
    pub(super) fn way(&self, client: Client) -> Option<Way> {
        self.outboxes.get(&client).map(|(_, way)| *way)
    }

    /// Adds a message to what a stream will be sent; gives what it is carried by,
    /// unless it has ended.
    pub(super) fn add(&mut self, to: Client, parts: &[&[u8]]) -> Result<Option<Way>, Slow> {
        let Some((outbox, way)) = self.outboxes.get_mut(&to) else { return Ok(None) };
        if outbox.add(parts)? {
            self.full.push(to);
        }
        Ok(Some(*way))
    }

    /// Hands over what has gathered.
    pub(super) fn send(&mut self) {
        for client in self.full.drain(..) {
            if let Some((outbox, _)) = self.outboxes.get_mut(&client) {
                outbox.send();
            }
        }
    }
}
