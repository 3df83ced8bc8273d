//! The streams that a worker writes to.

use std::collections::HashMap;

use super::outbox::{Outbox, Slow};
use crate::pure::turn::Client;

/// An outbox for each. Without it the stream's task ends.
#[derive(Debug, Default)]
pub(super) struct Streams {
    outboxes: HashMap<Client, Outbox>,
    /// Those that have gathered something.
    full: Vec<Client>,
}

impl Streams {
    pub(super) fn open(&mut self, client: Client, outbox: Outbox) {
        self.outboxes.insert(client, outbox);
    }

    /// Ends a stream, once it has written what is for it.
    pub(super) fn close(&mut self, client: Client) {
        self.send();
        self.outboxes.remove(&client);
    }

    pub(super) fn has(&self, client: Client) -> bool {
        self.outboxes.contains_key(&client)
    }

    /// Adds a message to what a stream will be sent.
    pub(super) fn add(&mut self, to: Client, parts: &[&[u8]]) -> Result<(), Slow> {
        if let Some(outbox) = self.outboxes.get_mut(&to)
            && outbox.add(parts)?
        {
            self.full.push(to);
        }
        Ok(())
    }

    /// Hands over what has gathered.
    pub(super) fn send(&mut self) {
        for client in self.full.drain(..) {
            if let Some(outbox) = self.outboxes.get_mut(&client) {
                outbox.send();
            }
        }
    }
}
