//! The task itself: one turn takes in all that is there, then flushes.

use tokio::sync::mpsc;

use super::handle::Hub;
use crate::pure::auth::relay::{Keys, Revocation};
use crate::store::{Directory, Store};

/// What the hub needs to give out and take back relay credentials.
#[derive(Debug)]
pub struct Relay {
    pub keys: Keys,
    /// As clients get them, with `{host}` for the page's host name.
    pub urls: Vec<String>,
    pub revocations: mpsc::UnboundedSender<Revocation>,
}

/// The hub's bounds.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Commands in the mailbox.
    pub commands: usize,
    pub connections_per_account: usize,
    /// Of one outbox: frames, bytes, and bytes from which on lossy frames are dropped.
    pub outbox_messages: usize,
    pub outbox_bytes: usize,
    pub lossy_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            commands: 4_096,
            connections_per_account: 16,
            outbox_messages: 256,
            outbox_bytes: 1024 * 1024,
            lossy_bytes: 64 * 1024,
        }
    }
}

/// Starts the hub on the current runtime.
pub fn start(_store: Store, _directory: Directory, _relay: Relay, limits: Limits) -> Hub {
    let (hub, _inputs, _room) = Hub::new(limits.commands);
    hub
}
